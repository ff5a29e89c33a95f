// How much a model is to think, as OpenAI's APIs say it -> variables of chat templates.
import { effortVariable, thinkingVariables } from '../thinking-variables.js';

export const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;

export function effortOptions(effort: string | null | undefined): Record<string, unknown> {
  if (effort === undefined || effort === null) return {};
  return effort === 'none' ? thinkingVariables(false) : effortVariable(effort);
}
