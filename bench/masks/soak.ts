// A long run over many grammars with the caches at their bound, twice over: the second time memory must not grow, for all
// that is large was met, and all caches were full, in the first.
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type CompiledGrammar, compile, type GrammarSource } from '../../src/compile/index.js';
import { MaskEngine } from '../../src/engine/index.js';
import { CompileError } from '../../src/errors.js';
import type { Tokenizer } from '../../src/tokenizer/index.js';

export interface SoakOptions {
  readonly grammars: number;
  readonly masks: number;
  readonly maxLexemeBytes: number;
  readonly maxMaskBytes: number;
  readonly log: (line: string) => void;
}

export interface SoakSample {
  readonly masks: number;
  readonly grammars: number;
  readonly rssMiB: number;
  readonly heapMiB: number;
  readonly lexemeMiB: number;
  readonly rowMiB: number;
  readonly evictions: number;
}

export interface SoakFigures {
  readonly samples: SoakSample[];
  readonly refused: number;
  /** MiB of resident memory: highest in the first and in the second pass, after a collection each time. */
  readonly first: number;
  readonly second: number;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Grammars that are open side by side, as requests of a server are. */
const OPEN = 8;
/** A pass. */
const SAMPLES = 20;
const PASSES = 2;
const MAX_TOKENS = 400;

/**
 * Opens `grammars` grammars one after the other, a few side by side, and fills masks along their texts again and again, the
 * same number for each, `masks` in all; and all that twice. Sources repeat when there are fewer; each time they are compiled anew.
 */
export async function soak(
  tokenizer: Tokenizer,
  sources: readonly { readonly source: GrammarSource; readonly texts: readonly string[] }[],
  options: SoakOptions,
): Promise<SoakFigures> {
  const engine = new MaskEngine(tokenizer, options);
  const row = new Int32Array(engine.words);
  const perGrammar = Math.ceil(options.masks / options.grammars);
  const encoded = sources.map(({ texts }) =>
    texts.map((text) => tokenizer.encode(text.slice(0, 4 * MAX_TOKENS), { addSpecialTokens: false })),
  );
  const samples: SoakSample[] = [];
  const open: { grammar: CompiledGrammar; texts: readonly Int32Array[] }[] = [];
  let masks = 0;
  let refused = 0;
  for (let i = 0; i < PASSES * options.grammars; i++) {
    const grammar = compiled(sources[i % sources.length].source);
    if (grammar) open.push({ grammar, texts: encoded[i % sources.length] });
    else refused++;
    if (open.length > OPEN) open.shift();
    for (const [k, each] of open.entries())
      masks += follow(
        engine,
        each.grammar,
        each.texts[(i + k) % each.texts.length],
        row,
        perGrammar / open.length,
      );
    // What the collector found is freed between turns of the event loop.
    await setImmediate();
    if ((i + 1) % Math.ceil(options.grammars / SAMPLES) === 0) {
      collect();
      await setImmediate();
      samples.push(sampleOf(engine, masks, i + 1));
      options.log(line(samples[samples.length - 1]));
    }
  }
  const highest = (from: number, to: number) =>
    Math.max(...samples.slice(from * samples.length, to * samples.length).map(({ rssMiB }) => rssMiB));
  return { samples, refused, first: highest(0, 0.5), second: highest(0.5, 1) };
}

/** Follows the text from its start again until so many masks are filled; returns how many. */
function follow(
  engine: MaskEngine,
  grammar: CompiledGrammar,
  tokens: Int32Array,
  row: Int32Array,
  count: number,
): number {
  let filled = 0;
  while (filled < count) {
    const matcher = engine.open(grammar);
    for (const token of tokens) {
      matcher.fill(row);
      filled++;
      if (filled >= count || !matcher.accept(token)) break;
    }
    if (tokens.length === 0) {
      matcher.fill(row);
      filled++;
    }
    matcher.close();
  }
  return filled;
}

function sampleOf(engine: MaskEngine, masks: number, grammars: number): SoakSample {
  const { rss, heapUsed } = process.memoryUsage();
  const { lexemes, rows } = engine.stats();
  const mib = (bytes: number) => Math.round((10 * bytes) / 2 ** 20) / 10;
  return {
    masks,
    grammars,
    rssMiB: mib(rss),
    heapMiB: mib(heapUsed),
    lexemeMiB: mib(lexemes.bytes),
    rowMiB: mib(rows.bytes),
    evictions: lexemes.evictions + rows.evictions,
  };
}

function compiled(source: GrammarSource): CompiledGrammar | undefined {
  try {
    return compile(source);
  } catch (error) {
    if (error instanceof CompileError) return undefined;
    throw error;
  }
}

function line({ masks, grammars, rssMiB, heapMiB, lexemeMiB, rowMiB, evictions }: SoakSample): string {
  return `${masks} masks, ${grammars} grammars: RSS ${rssMiB} MiB, heap ${heapMiB}, lexemes ${lexemeMiB}, rows ${rowMiB}, ${evictions} evictions`;
}

export function soakPage(figures: SoakFigures, options: SoakOptions): string {
  const { samples, first, second, refused } = figures;
  const last = samples[samples.length - 1];
  const shown = samples.filter((_, i) => (i + 1) % 4 === 0 || i === 0);
  const mib = (bytes: number) => `${bytes / 2 ** 20} MiB`;
  const rows = shown.map(
    (s) =>
      `| ${s.masks.toLocaleString('en-US')} | ${s.grammars.toLocaleString('en-US')} | ${s.rssMiB} | ${s.heapMiB} | ${s.lexemeMiB} | ${s.rowMiB} | ${s.evictions.toLocaleString('en-US')} |`,
  );
  return `Written by \`npm run bench -- masks --only soak\`: ${last.masks.toLocaleString('en-US')} masks over ${options.grammars.toLocaleString('en-US')} grammars, ${PASSES} times
each (${refused.toLocaleString('en-US')} of ${last.grammars.toLocaleString('en-US')} compilations refused), ${OPEN} of
them open side by side; lexemes bounded to ${mib(options.maxLexemeBytes)}, rows of a grammar to ${mib(options.maxMaskBytes)}. Memory in MiB, after a
collection. Highest resident memory in the first pass: ${first} MiB; in the second: ${second} MiB. It rises in the first with the
largest grammars: what one mask needs while it is put together is beyond the bounds, and what is freed stays with the allocator.

| masks | grammars | resident | JavaScript heap | lexemes | rows of living grammars | evictions |
|--:|--:|--:|--:|--:|--:|--:|
${rows.join('\n')}`;
}
