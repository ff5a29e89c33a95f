// Loads that share prefixes, with the cache on and with it off: agents under one system prompt, few-shot prompts, a chat.
// Prompts are random tokens, never used before, so that the cache knows nothing when a load begins.
import type { Engine, GenerateRequest, GenerateResult } from '../../src/engine/index.js';
import { generator } from '../gpu/vocabulary.js';

export interface Load {
  readonly key: string;
  readonly what: string;
  /** Tokens of the prompt that all requests share, of its end that is a request's own, and of output. */
  readonly shared: number;
  readonly own: number;
  readonly output: number;
}

export const AGENT: Load = {
  key: 'agent',
  what: 'agents under one system prompt of 1,000 tokens',
  shared: 1000,
  own: 24,
  output: 32,
};
export const FEWSHOT: Load = {
  key: 'fewshot',
  what: 'classification with ten examples of 100 tokens',
  shared: 1000,
  own: 24,
  output: 4,
};
/** Turns of a chat; a message and an answer in tokens. */
export const CHAT = { turns: 10, message: 60, answer: 40 };

export interface Timed {
  readonly outputPerSecond: number;
  /** Milliseconds from submission to the first token, of all requests at once, on average. */
  readonly firstTokenMs: number;
}

let seed = 0;

function tokens(count: number, below: number): number[] {
  const next = generator(++seed * 7919);
  return Array.from({ length: count }, () => 16 + next(below - 16));
}

/** `count` requests of a load at once, of a prefix that is new. */
export async function timeLoad(engine: Engine, load: Load, count: number, below: number): Promise<Timed> {
  const shared = tokens(load.shared, below);
  const requests = Array.from({ length: count }, () => ({
    promptTokens: [...shared, ...tokens(load.own, below)],
    maxTokens: load.output,
    ignoreEos: true,
  }));
  const start = performance.now();
  const results = await engine.generateAll(requests);
  const seconds = (performance.now() - start) / 1000;
  const first = results.map(({ usage }) => usage.firstTokenMs);
  return {
    outputPerSecond: results.reduce((sum, result) => sum + result.tokens.length, 0) / seconds,
    firstTokenMs: first.reduce((sum, ms) => sum + ms, 0) / count,
  };
}

/** Milliseconds to the first token of each turn of a chat, in which a turn's prompt is all that was said before. */
export async function timeChat(engine: Engine, below: number): Promise<number[]> {
  const history: number[] = [];
  const firsts: number[] = [];
  for (let turn = 0; turn < CHAT.turns; turn++) {
    history.push(...tokens(CHAT.message, below));
    const { tokens: answer, usage }: GenerateResult = await engine.generate({
      promptTokens: history,
      maxTokens: CHAT.answer,
      ignoreEos: true,
    });
    history.push(...answer);
    firsts.push(usage.firstTokenMs);
  }
  return firsts;
}

/** So many objects at once, each ended by its schema: how many a second, and their tokens. */
export async function timeObjects(
  engine: Engine,
  request: GenerateRequest,
  count: number,
): Promise<{ objects: number; tokens: number }> {
  const requests = Array.from({ length: count }, (_, i) => ({ ...request, seed: i }));
  const start = performance.now();
  const results = await engine.generateAll(requests);
  const seconds = (performance.now() - start) / 1000;
  if (results.some(({ finishReason }) => finishReason !== 'stop')) throw new Error('an object was cut off');
  const tokens = results.reduce((sum, result) => sum + result.tokens.length, 0);
  return { objects: count / seconds, tokens: tokens / seconds };
}
