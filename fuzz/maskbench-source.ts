// What the fuzzers of masks read: MaskBench's schemas and a real vocabulary. The vocabulary: the tokenizer.json that
// ESPALIER_TOKENIZER names, else sprout's. The schemas: ESPALIER_SUITES.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { maskbenchRows } from '../bench/maskbench-rows.js';
import { type CompiledGrammar, compile } from '../src/compile/index.js';
import { CompileError, LimitError } from '../src/errors.js';
import { Tokenizer } from '../src/tokenizer/index.js';

/** The tokenizer, and the suite's lines in the order of its file. */
export function loadMaskbench(): { readonly tokenizer: Tokenizer; readonly lines: string[] } {
  const file =
    process.env.ESPALIER_TOKENIZER ??
    fileURLToPath(new URL('../models/sprout/tokenizer.json', import.meta.url));
  const lines = maskbenchRows();
  if (!lines)
    throw new Error('this fuzzer reads the suite maskbench; name the folder of suites with ESPALIER_SUITES');
  return { tokenizer: Tokenizer.fromFiles({ tokenizerJson: JSON.parse(readFileSync(file, 'utf8')) }), lines };
}

/** The grammar; undefined where the source is refused by name or goes past a limit: that is no case for masks. */
export function compileOrSkip(
  source: Parameters<typeof compile>[0],
  propertyOrder: 'any' | 'schema',
): CompiledGrammar | undefined {
  try {
    return compile(source, { propertyOrder });
  } catch (error) {
    if (error instanceof CompileError || error instanceof LimitError) return undefined;
    throw error;
  }
}
