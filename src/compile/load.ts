// A saved grammar to a CompiledGrammar: checked in full, nothing compiled.
import { RequestError } from '../errors.js';
import { CompiledGrammar } from './compiled-grammar.js';
import { originOf } from './origin.js';
import { decodeSaved, type ReadingKind, type SavedDetails } from './saved-format.js';
import { type CompileOptions, kindOf, type PlainSource } from './source.js';

export interface LoadGrammarOptions<T = unknown> {
  /**
   * What a sentence's text stands for, or a promise of it. Default: parsed JSON of a schema's grammar, else the text. Where
   * code decided it before (a schema library's validation, an expression of `g`), `parse` asks for it by name.
   */
  readonly reading?: (text: string) => T;
}

/**
 * A grammar that {@link CompiledGrammar.save} wrote. All of it is checked; nothing is compiled, and the cache of `compile`
 * does not come to know it. The checks find damage, not intent: whoever writes such a file decides what it allows, so take
 * it from where you would take a grammar from.
 * @throws CompileError `invalid_image` when it is damaged, of another version, or something else
 */
export function loadGrammar<T = unknown>(
  bytes: Uint8Array,
  options: LoadGrammarOptions<T> = {},
): CompiledGrammar<T> {
  const { image, details, masks } = decodeSaved(bytes);
  const { annotations, unenforced, compileMs, maxConfigurations, isBytes, reading, job } = details;
  const origin = job && savedOrigin(job, isBytes);
  const grammar = new CompiledGrammar<T>(image, {
    annotations,
    unenforced,
    ...(compileMs !== undefined && { compileMs }),
    machine: maxConfigurations === undefined ? {} : { maxConfigurations },
    ...(origin && { origin }),
    reading: options.reading ?? savedReading(reading),
    saving: { isBytes, reading: options.reading ? 'code' : reading, job: () => job },
    ...(masks && { masks }),
  });
  void grammar.machine; // opens the image, and with that checks it
  return grammar;
}

function savedOrigin({ source, options }: NonNullable<SavedDetails['job']>, isBytes: boolean) {
  const from = JSON.parse(source) as PlainSource;
  return originOf(() => from, kindOf(from), JSON.parse(options) as CompileOptions, isBytes);
}

function savedReading(kind: ReadingKind): (text: string) => unknown {
  if (kind === 'json') return (text) => JSON.parse(text);
  if (kind === 'text') return (text) => text;
  return () => {
    throw new RequestError(
      'reading_missing',
      "what this grammar's texts stand for was decided by code, which is not saved: give loadGrammar a 'reading'",
      'reading',
    );
  };
}
