// What the form holds, and the request that it makes.
import type { ConstraintKind, ConstraintView, GenerateBody } from '../src/server/playground/protocol.js';

export type Numbers = Record<'max_tokens' | 'temperature' | 'top_p' | 'top_k' | 'min_p' | 'seed', string>;

export interface Form {
  readonly mode: 'chat' | 'completion';
  readonly system: string;
  readonly user: string;
  readonly prompt: string;
  readonly kind: ConstraintKind | 'none';
  /** What was written in each tab. */
  readonly sources: Readonly<Record<ConstraintKind, string>>;
  readonly numbers: Numbers;
  /** Alternatives shown of each token; 0: no probabilities, so that forced tokens are not sampled. */
  readonly alternatives: number;
}

export const EMPTY_FORM: Form = {
  mode: 'chat',
  system: '',
  user: '',
  prompt: '',
  kind: 'none',
  sources: { schema: '', regex: '', ebnf: '', lark: '' },
  numbers: { max_tokens: '200', temperature: '0', top_p: '1', top_k: '0', min_p: '0', seed: '' },
  alternatives: 8,
};

/** Undefined where there is none, or nothing has been written yet. */
export function constraintOf({ kind, sources }: Form): ConstraintView | undefined {
  if (kind === 'none' || sources[kind].trim() === '') return undefined;
  return { kind, text: sources[kind] };
}

export function requestOf(form: Form): GenerateBody {
  const number = (text: string) => (text.trim() === '' ? null : Number(text));
  const { max_tokens, temperature, top_p, top_k, min_p, seed } = form.numbers;
  const system = form.system.trim() === '' ? [] : [{ role: 'system' as const, content: form.system }];
  return {
    ...(form.mode === 'chat'
      ? { messages: [...system, { role: 'user' as const, content: form.user }] }
      : { prompt: form.prompt }),
    constraint: constraintOf(form) ?? null,
    alternatives: form.alternatives === 0 ? null : form.alternatives,
    max_tokens: number(max_tokens),
    temperature: number(temperature),
    top_p: number(top_p),
    top_k: number(top_k),
    min_p: number(min_p),
    seed: number(seed),
  };
}
