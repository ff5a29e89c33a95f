// Helpers of this room's tests: a schema with texts that it accepts and texts that it refuses.
import { expect, test } from 'vitest';
import { type CompileOptions, compile } from '../../../src/compile/index.js';

/** Declares one test: compiles the schema once and asks it about every text. */
export function judges(
  title: string,
  schema: unknown,
  accepted: readonly string[],
  refused: readonly string[],
  options: CompileOptions = {},
): void {
  test(title, () => {
    const grammar = compile({ schema }, options);
    expect(accepted.filter((text) => !grammar.test(text))).toEqual([]);
    expect(refused.filter((text) => grammar.test(text))).toEqual([]);
  });
}
