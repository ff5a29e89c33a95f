// What a fork, and taking one token back, cost after few tokens and after many: the same, for histories are shared.
import { type CompiledGrammar, compile } from '../../src/compile/index.js';
import { hasNative, loadNative } from '../../src/native/index.js';
import type { Tokenizer } from '../../src/tokenizer/index.js';

export interface ForkFigures {
  readonly tokens: number;
  /** Nanoseconds by kind of matcher, medians over repetitions: fork and close; fork, accept a token, roll it back, close. */
  readonly fork: Readonly<Record<string, number>>;
  readonly forkAndBack: Readonly<Record<string, number>>;
}

interface Forkable {
  accept(token: number): boolean;
  rollback(count: number): void;
  fork(): Forkable;
  close?(): void;
}

const LENGTHS = [10, 1000, 100_000];
const FORKS = 2000;
const REPETITIONS = 15;

export function measureForks(tokenizer: Tokenizer): ForkFigures[] {
  const [token] = tokenizer.encode('a', { addSpecialTokens: false });
  const grammar = compile({ regex: 'a*' });
  const kinds = openers(grammar, tokenizer);
  const series = LENGTHS.map((tokens) => ({
    tokens,
    matchers: Object.entries(kinds).map(([kind, open]) => ({
      kind,
      matcher: advanced(open(), token, tokens),
    })),
  }));
  const samples = new Map<string, number[]>();
  // Lengths and kinds take turns, so that what else the machine does falls on all alike.
  for (let i = 0; i < REPETITIONS; i++)
    for (const { tokens, matchers } of series)
      for (const { kind, matcher } of matchers) {
        note(samples, `${tokens} ${kind} fork`, () => matcher.fork().close?.());
        note(samples, `${tokens} ${kind} back`, () => {
          const fork = matcher.fork();
          fork.accept(token);
          fork.rollback(1);
          fork.close?.();
        });
      }
  const figure = (tokens: number, what: string) =>
    Object.fromEntries(
      Object.keys(kinds).map((kind) => [kind, median(samples.get(`${tokens} ${kind} ${what}`)!)]),
    );
  return LENGTHS.map((tokens) => ({
    tokens,
    fork: figure(tokens, 'fork'),
    forkAndBack: figure(tokens, 'back'),
  }));
}

export function forkTable(figures: readonly ForkFigures[]): string {
  const kinds = Object.keys(figures[0].fork);
  const cells = (values: Readonly<Record<string, number>>) => kinds.map((kind) => Math.round(values[kind]));
  const lines = figures.map(
    ({ tokens, fork, forkAndBack }) =>
      `| ${tokens.toLocaleString('en-US')} | ${[...cells(fork), ...cells(forkAndBack)].join(' | ')} |`,
  );
  const columns = [
    ...kinds.map((kind) => `${kind}: fork`),
    ...kinds.map((kind) => `${kind}: fork, accept, back`),
  ];
  return [
    `| tokens before (ns) | ${columns.join(' | ')} |`,
    `|--:|${columns.map(() => '--:').join('|')}|`,
    ...lines,
  ].join('\n');
}

function openers(grammar: CompiledGrammar, tokenizer: Tokenizer): Record<string, () => Forkable> {
  const portable = () => grammar.matcher(tokenizer);
  if (!hasNative()) return { portable };
  const addon = loadNative();
  const handle = addon.loadGrammar(
    grammar.image,
    addon.loadTokenizer(new Uint8Array(tokenizer.image.buffer)),
    {
      maxConfigurations: 4096,
      memo: true,
    },
  );
  return { native: () => addon.openMatcher(handle), portable };
}

function advanced<Kind extends Forkable>(matcher: Kind, token: number, count: number): Kind {
  for (let i = 0; i < count; i++) if (!matcher.accept(token)) throw new Error('the token is not allowed');
  return matcher;
}

function note(samples: Map<string, number[]>, name: string, body: () => void): void {
  const start = performance.now();
  for (let i = 0; i < FORKS; i++) body();
  const nanos = ((performance.now() - start) * 1e6) / FORKS;
  const list = samples.get(name);
  if (list) list.push(nanos);
  else samples.set(name, [nanos]);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
