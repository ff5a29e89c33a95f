// How the cost of native masks grows: with the vocabulary, with the schema, with the batch; and what memory they take.
import { type CompiledGrammar, compile } from '../../src/compile/index.js';
import { MaskEngine } from '../../src/engine/index.js';
import { loadNative } from '../../src/native/index.js';
import type { Tokenizer } from '../../src/tokenizer/index.js';
import { percentiles } from '../percentiles.js';
import { type ForkFigures, forkTable, measureForks } from './forks.js';
import { lineCharts } from './line-chart.js';
import { sizedVocabulary } from './sized-vocabulary.js';

export interface CurveSample {
  readonly grammar: CompiledGrammar;
  readonly texts: readonly string[];
}

interface VocabularyPoint {
  readonly tokens: number;
  /** Microseconds, of masks in new grammars and of the same again. */
  readonly newMean: number;
  readonly newP99: number;
  readonly againMean: number;
  readonly lexemeMiB: number;
}

interface SchemaPoint {
  readonly properties: number;
  readonly compileMillis: number;
  readonly firstMicros: number;
  readonly maskMicros: number;
  readonly imageKiB: number;
  readonly machineKiB: number;
  readonly rowKiB: number;
}

interface BatchPoint {
  readonly rows: number;
  /** Microseconds a row by number of threads, medians. */
  readonly perRow: Readonly<Record<string, number>>;
}

export interface CurveFigures {
  readonly vocabulary: VocabularyPoint[];
  readonly schema: SchemaPoint[];
  readonly batch: BatchPoint[];
  readonly forks: ForkFigures[];
  /** MiB: resident, with everything above still warm. */
  readonly processMiB: number;
}

const VOCABULARIES = [32_768, 131_072, 262_144];
const PROPERTIES = [1, 10, 100, 1000];
const BATCHES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
const THREADS = [1, 2];
const MAX_TOKENS = 300;
/** So much that all lexemes of the sample stay known. */
const LEXEME_BYTES = 2 ** 30;
const BATCH_REPETITIONS = 60;

export function measureCurves(tokenizer: Tokenizer, samples: readonly CurveSample[]): CurveFigures {
  return {
    vocabulary: VOCABULARIES.map((size) => vocabularyPoint(tokenizer, size, samples)),
    schema: PROPERTIES.map((properties) => schemaPoint(tokenizer, properties)),
    batch: batchPoints(tokenizer, samples),
    forks: measureForks(tokenizer),
    processMiB: Math.round(process.memoryUsage().rss / 2 ** 20),
  };
}

function vocabularyPoint(
  tokenizer: Tokenizer,
  size: number,
  samples: readonly CurveSample[],
): VocabularyPoint {
  const addon = loadNative();
  const { image, encode } = sizedVocabulary(tokenizer, size);
  const handle = addon.loadTokenizer(new Uint8Array(image.buffer), LEXEME_BYTES);
  const row = new Int32Array(Math.ceil(size / 32));
  const times: number[][] = [[], [], []];
  // The first round divides the vocabulary, so that the second has new grammars and known lexemes.
  for (const round of [0, 1])
    for (const { grammar, texts } of samples) {
      const loaded = addon.loadGrammar(grammar.image, handle, { maxConfigurations: 4096, memo: true });
      for (const pass of [0, 1])
        for (const text of texts) {
          const matcher = addon.openMatcher(loaded);
          for (const token of encode(text.slice(0, 4 * MAX_TOKENS)).subarray(0, MAX_TOKENS)) {
            const start = performance.now();
            matcher.fill(row);
            times[round === 0 ? 0 : 1 + pass].push(1000 * (performance.now() - start));
            if (!matcher.accept(token)) break;
          }
          matcher.close();
        }
    }
  const [, fresh, again] = times;
  return {
    tokens: size,
    newMean: mean(fresh),
    newP99: percentiles(fresh).p99,
    againMean: mean(again),
    lexemeMiB: addon.maskStats(handle).lexemeBytes / 2 ** 20,
  };
}

function schemaPoint(tokenizer: Tokenizer, count: number): SchemaPoint {
  const engine = new MaskEngine(tokenizer);
  const names = Array.from({ length: count }, (_, i) => `field_${i.toString(36)}`);
  const value = (i: number) =>
    [{ type: 'string' }, { type: 'integer' }, { type: 'string', maxLength: 40 }, { enum: ['red', 'green'] }][
      i % 4
    ];
  const schema = {
    properties: Object.fromEntries(names.map((name, i) => [name, value(i)])),
    required: names,
  };
  const text = JSON.stringify(
    Object.fromEntries(names.map((name, i) => [name, ['some text', 42, 'short', 'red'][i % 4]])),
  );
  const row = new Int32Array(engine.words);
  // A first grammar of the same lexemes divides the vocabulary.
  followText(engine, compile({ schema: { ...schema, title: 'first' } }), tokenizer, text, row);
  const start = performance.now();
  const grammar = compile({ schema });
  const compileMillis = performance.now() - start;
  const times = followText(engine, grammar, tokenizer, text, row);
  const { imageBytes, machineBytes, rowBytes } = engine.memory(grammar)!;
  return {
    properties: count,
    compileMillis,
    firstMicros: times[0],
    maskMicros: mean(times.slice(1)),
    imageKiB: imageBytes / 1024,
    machineKiB: machineBytes / 1024,
    rowKiB: rowBytes / 1024,
  };
}

function followText(
  engine: MaskEngine,
  grammar: CompiledGrammar,
  tokenizer: Tokenizer,
  text: string,
  row: Int32Array,
) {
  const matcher = engine.open(grammar);
  const times: number[] = [];
  for (const token of tokenizer.encode(text, { addSpecialTokens: false })) {
    const start = performance.now();
    matcher.fill(row);
    times.push(1000 * (performance.now() - start));
    if (!matcher.accept(token)) throw new Error('the text is not of its schema');
  }
  matcher.close();
  return times;
}

/** Matchers of many grammars in the middle of their texts; their rows are known. */
function batchPoints(tokenizer: Tokenizer, samples: readonly CurveSample[]): BatchPoint[] {
  const engine = new MaskEngine(tokenizer);
  const most = BATCHES[BATCHES.length - 1];
  const usable = samples.filter(({ texts }) => texts.length > 0);
  const matchers = Array.from({ length: most }, (_, i) => {
    const { grammar, texts } = usable[i % usable.length];
    const matcher = engine.open(grammar);
    const tokens = tokenizer.encode(texts[0].slice(0, 200), { addSpecialTokens: false });
    for (const token of tokens.subarray(0, (i * 7) % Math.max(1, tokens.length)))
      if (!matcher.accept(token)) break;
    return matcher;
  });
  const rows = new Int32Array(most * engine.words);
  engine.fill(matchers, rows);
  return BATCHES.map((count) => {
    const batch = matchers.slice(0, count);
    const times = new Map<number, number[]>(THREADS.map((threads) => [threads, []]));
    for (let i = 0; i < BATCH_REPETITIONS; i++)
      for (const [threads, list] of times) {
        const start = performance.now();
        engine.fill(batch, rows, threads);
        list.push((1000 * (performance.now() - start)) / count);
      }
    const perRow = [...times].map(([threads, list]) => [
      threads,
      list.sort((a, b) => a - b)[list.length >> 1],
    ]);
    return { rows: count, perRow: Object.fromEntries(perRow) as Record<string, number> };
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

export function curvesPage(
  { vocabulary, schema, batch, forks, processMiB }: CurveFigures,
  about: string,
): string {
  const n = (value: number) => (value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(2));
  const table = (head: readonly string[], rows: readonly (readonly number[])[]) =>
    [
      head,
      head.map(() => '--:'),
      ...rows.map((row) => [row[0].toLocaleString('en-US'), ...row.slice(1).map(n)]),
    ]
      .map((cells) => `| ${cells.join(' | ')} |`)
      .join('\n');
  return `Written by \`npm run bench -- masks --only curves\`, native masks through the Node API; ${about}

![masks by vocabulary, schema and batch](mask-curves.svg)

**Vocabulary.** One vocabulary cut, or filled up with pairs of its tokens; lexemes known (bounded to 1 GiB), grammars new, then
the same again. Where the lexemes that are in use pass their bound, each costs its division again: milliseconds.

${table(
  ['tokens', 'new: mean µs', 'new: p99', 'again: mean', 'lexemes MiB'],
  vocabulary.map((p) => [p.tokens, p.newMean, p.newP99, p.againMean, p.lexemeMiB]),
)}

**Schema.** An object of so many required properties; memory is the grammar's own after one text.

${table(
  ['properties', 'compile ms', 'first mask µs', 'mask mean µs', 'image KiB', 'machine KiB', 'rows KiB'],
  schema.map((p) => [
    p.properties,
    p.compileMillis,
    p.firstMicros,
    p.maskMicros,
    p.imageKiB,
    p.machineKiB,
    p.rowKiB,
  ]),
)}

**Batch.** \`MaskEngine.fill\` over matchers whose rows are known: microseconds a row, medians.

${table(
  ['rows', ...THREADS.map((threads) => `${threads} thread${threads > 1 ? 's' : ''}`)],
  batch.map((p) => [p.rows, ...THREADS.map((threads) => p.perRow[threads])]),
)}

**Forks.** The same after any number of tokens.

${forkTable(forks)}

Resident memory of the process at the end: ${processMiB} MiB.`;
}

export function curvesPlot({ vocabulary, schema, batch }: CurveFigures): string {
  return lineCharts([
    {
      title: 'µs a mask by vocabulary',
      lines: {
        'new grammars, mean': vocabulary.map((p) => [p.tokens, p.newMean]),
        'new grammars, p99': vocabulary.map((p) => [p.tokens, p.newP99]),
        'the same again, mean': vocabulary.map((p) => [p.tokens, p.againMean]),
      },
    },
    {
      title: 'by properties of the schema',
      lines: {
        'first mask, µs': schema.map((p) => [p.properties, p.firstMicros]),
        'mask, mean µs': schema.map((p) => [p.properties, p.maskMicros]),
        'grammar, KiB': schema.map((p) => [p.properties, p.imageKiB + p.machineKiB + p.rowKiB]),
      },
    },
    {
      title: 'µs a row by batch',
      lines: Object.fromEntries(
        THREADS.map((threads) => [
          `threads: ${threads}`,
          batch.map((p) => [p.rows, p.perRow[threads]] as const),
        ]),
      ),
    },
  ]);
}
