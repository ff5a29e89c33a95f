// Forks and roll backs of both matchers: whatever was forked, advanced, taken back and closed, a matcher stands where one
// stands that was opened afresh and given the same tokens.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compile/index.js';
import { loadNative } from '../../src/native/index.js';
import { buildImageFromBytes } from '../../src/tokenizer/index.js';
import { seededRandom } from '../support/random-schema.js';

interface Forkable {
  fill(row: Int32Array): number;
  accept(token: number): boolean;
  rollback(count: number): void;
  fork(): Forkable;
  close?(): void;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const image = buildImageFromBytes([...['a', 'b', 'ab', 'ba', 'c'].map(bytes), null], [5]);
const C = 4;
// How often "a" has been read decides what may come: the row tells two positions apart.
const grammar = compile({ regex: '(b*a(b*a){6}c)*' });

function opener(kind: 'native' | 'portable'): () => Forkable {
  if (kind === 'portable') return () => grammar.matcher(image);
  const addon = loadNative();
  const tokenizer = addon.loadTokenizer(new Uint8Array(image.buffer));
  const handle = addon.loadGrammar(grammar.image, tokenizer, { maxConfigurations: 4096, memo: true });
  return () => addon.openMatcher(handle);
}

/** Accepts up to `count` tokens, wanted ones where they are allowed, and notes them. */
function advance(matcher: Forkable, tokens: number[], count: number, random: () => number): void {
  const row = new Int32Array(1);
  for (let i = 0; i < count; i++) {
    matcher.fill(row);
    const wanted = (row[0] >>> C) & 1 ? C : Math.floor(random() * C);
    if (matcher.accept(wanted)) tokens.push(wanted);
  }
}

const step = fc.record({
  verb: fc.constantFrom('advance', 'advance', 'rollback', 'fork', 'close'),
  which: fc.nat(),
  count: fc.oneof(fc.nat(5), fc.nat(200)),
});

describe.each(['native', 'portable'] as const)('%s matchers', (kind) => {
  const open = opener(kind);

  it('stand where fresh ones stand, however they were forked and taken back', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
        (steps, numbers) => {
          const random = () => numbers.next().value as number;
          let live: { matcher: Forkable; tokens: number[] }[] = [{ matcher: open(), tokens: [] }];
          for (const { verb, which, count } of steps) {
            const at = live[which % live.length];
            if (verb === 'advance') advance(at.matcher, at.tokens, count, random);
            if (verb === 'fork') live.push({ matcher: at.matcher.fork(), tokens: [...at.tokens] });
            if (verb === 'rollback') {
              const back = Math.min(count, at.tokens.length);
              at.matcher.rollback(back);
              at.tokens.length -= back;
            }
            if (verb === 'close' && live.length > 1) {
              at.matcher.close?.();
              live = live.filter((each) => each !== at);
            }
          }
          for (const { matcher, tokens } of live) standsWhere(matcher, tokens, open());
        },
      ),
      { numRuns: 300 },
    );
  });

  it('can be taken back to the start and no further', () => {
    const matcher = open();
    const tokens: number[] = [];
    advance(matcher, tokens, 3000, seededRandom(7));
    expect(tokens.length).toBeGreaterThan(1000);
    expect(() => matcher.rollback(tokens.length + 1)).toThrow();
    const fork = matcher.fork();
    matcher.rollback(tokens.length);
    standsWhere(matcher, [], open());
    standsWhere(fork, tokens, open());
    expect(() => matcher.rollback(1)).toThrow();
  });

  it('do not copy a long history', () => {
    const matcher = open();
    const tokens: number[] = [];
    advance(matcher, tokens, 100_000, seededRandom(7));
    const before = process.memoryUsage().rss;
    // Copies would take 4 GB and more.
    const forks = Array.from({ length: 10_000 }, () => matcher.fork());
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
    standsWhere(forks[forks.length - 1], tokens, open());
    for (const fork of forks) fork.close?.();
  });
});

/** Compares the rows at every one of the last positions, taking the matcher back. */
function standsWhere(matcher: Forkable, tokens: readonly number[], fresh: Forkable): void {
  const expected: number[] = [];
  const row = new Int32Array(1);
  for (const token of [...tokens, -1]) {
    fresh.fill(row);
    expected.push(row[0]);
    if (token >= 0) expect(fresh.accept(token)).toBe(true);
  }
  for (let i = 0; i < Math.min(400, expected.length); i++) {
    matcher.fill(row);
    expect(row[0]).toBe(expected[expected.length - 1 - i]);
    if (i + 1 < expected.length) matcher.rollback(1);
  }
}
