// How much a model is to think, as OpenAI's APIs say it -> variables of chat templates.

export const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;

/** Templates know an effort by its name, or know only whether to think: by one of two names. */
export function effortOptions(effort: string | null | undefined): Record<string, unknown> {
  if (effort === undefined || effort === null) return {};
  if (effort === 'none') return { enable_thinking: false, thinking: false };
  return { reasoning_effort: effort };
}
