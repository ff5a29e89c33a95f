// What a grammar costs per request: compiling it, its first mask, each further mask, each accepted token; with the
// native matcher and the portable one. Schemas and instances come from MaskBench, else from grammars/.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type CompiledGrammar, compile, type GrammarSource } from '../../src/compile/index.js';
import type { MaskStats } from '../../src/engine/index.js';
import { CompileError } from '../../src/errors.js';
import { grammars } from '../../src/grammars/index.js';
import { hasNative, loadNative, type TokenizerHandle } from '../../src/native/index.js';
import { Tokenizer } from '../../src/tokenizer/index.js';
import { maskbench } from '../conformance/adapters/maskbench.js';
import { maskbenchRows } from '../maskbench-rows.js';
import { againstPeers, hasPeers } from '../masks/against-peers.js';
import { curvesPage, curvesPlot, measureCurves } from '../masks/curves.js';
import { forkTable, measureForks } from '../masks/forks.js';
import { writeBeside, writeSection } from '../masks/sections.js';
import { measureShares, shareTable } from '../masks/shares.js';
import { type SoakOptions, soak, soakPage } from '../masks/soak.js';
import type { BenchOptions } from '../options.js';
import { type Percentiles, percentiles, printPercentiles } from '../percentiles.js';

/** A grammar with texts that it accepts. */
interface Sample {
  readonly source: GrammarSource;
  readonly texts: readonly string[];
}

/** The verbs that both matchers have. */
interface AnyMatcher {
  fill(row: Int32Array): number;
  accept(token: number): boolean;
  /** The native one frees its memory at once. */
  close?(): void;
}

interface Timings {
  /** From the compiled image to the first mask. */
  readonly firstMask: number[];
  readonly mask: number[];
  readonly accept: number[];
}

const QUICK_ROWS = 200;
const FULL_ROWS = 2000;
const QUICK_MILLIS = 25_000;
const root = new URL('../../', import.meta.url);

export const name = 'masks';
export const description =
  'compile, first mask, mask and accept times over MaskBench, native and TypeScript; --only peers: beside llguidance and xgrammar; --only curves, forks, soak';

/**
 * `--only peers[,ENGINE[@N][=M]…][,mod=M]`: engines side by side, where the peers' harness was set up: ours, ours-tuned (two
 * cores and a larger young generation), ours-any-order, ours-portable (the matcher in TypeScript), llg, xgr, xgr-compliant; `@N`: a
 * process answers N schemas; `=M`: of all schemas one in M, with `mod` for every engine.
 */
export async function run(options: BenchOptions): Promise<Record<string, unknown>> {
  const { only } = options;
  if (only?.includes('forks')) return forks(options);
  if (only?.includes('soak')) return long(options);
  if (only?.includes('curves')) return curves(options);
  if (!only?.includes('peers')) return here(options);
  if (!hasPeers())
    throw new Error('the peers are not set up: run their setup, name its folder in ESPALIER_PEERS');
  const parts = only.filter((part) => part !== 'peers').map((part) => part.split('=', 2));
  const engines = parts.map(([engine]) => engine).filter((engine) => engine !== 'mod');
  return againstPeers({
    engines: engines.length > 0 ? engines : ['ours', 'llg', 'xgr', 'xgr-compliant'],
    moduli: new Map(parts.filter(([, n]) => n !== undefined).map(([engine, n]) => [engine, Number(n)])),
    log: options.log,
  });
}

function forks({ log, tokenizer: file }: BenchOptions): Record<string, unknown> {
  const figures = measureForks(readTokenizer(file));
  log(forkTable(figures));
  return { forks: figures };
}

/** A million masks over 5,000 grammars, and again; a tenth with --quick. */
async function long({ quick, log, tokenizer: file }: BenchOptions): Promise<Record<string, unknown>> {
  const share = quick ? 0.1 : 1;
  const options: SoakOptions = {
    grammars: 5000 * share,
    masks: 1_000_000 * share,
    maxLexemeBytes: 64 * 2 ** 20,
    maxMaskBytes: 2 ** 20,
    log,
  };
  const { origin, samples } = readSamples(5000 * share);
  const figures = await soak(
    readTokenizer(file),
    samples.filter(({ texts }) => texts.length > 0),
    options,
  );
  const about = `Grammars from ${origin}. ${soakPage(figures, options)}`;
  if (!quick) {
    writeSection('mask-soak.md', '# Masks in a long run', about);
    writeBeside('mask-soak.json', `${JSON.stringify(figures, null, 1)}\n`);
  }
  log(`highest resident memory: ${figures.first} MiB in the first pass, ${figures.second} MiB in the second`);
  return { soak: figures };
}

function curves({ quick, log, tokenizer: file }: BenchOptions): Record<string, unknown> {
  const tokenizer = readTokenizer(file);
  const { origin, samples } = readSamples(quick ? 30 : 150);
  const compiled = samples.flatMap(({ source, texts }) => {
    const grammar = compileOrRefuse(source);
    return grammar ? [{ grammar, texts }] : [];
  });
  const figures = measureCurves(tokenizer, compiled);
  const page = curvesPage(figures, `${compiled.length} grammars from ${origin}.`);
  log(page);
  if (!quick) {
    writeSection('mask-curves.md', '# How masks grow', page);
    writeBeside('mask-curves.svg', curvesPlot(figures));
    writeBeside('mask-curves.json', `${JSON.stringify(figures, null, 1)}\n`);
  }
  return { curves: figures };
}

async function here({ quick, log, tokenizer: file }: BenchOptions): Promise<Record<string, unknown>> {
  const tokenizer = readTokenizer(file);
  const { origin, samples } = readSamples(quick ? QUICK_ROWS : FULL_ROWS);
  log(`${samples.length} grammars from ${origin}; vocabulary of ${tokenizer.vocabSize} tokens`);
  const openers = matchersOf(tokenizer);
  const row = new Int32Array(Math.ceil(tokenizer.vocabSize / 32));
  const engines = Object.keys(openers);
  const timings: Record<string, Timings> = Object.fromEntries(
    engines.map((engine) => [engine, { firstMask: [], mask: [], accept: [] }]),
  );
  const compileMillis: number[] = [];
  const deadline = performance.now() + (quick ? QUICK_MILLIS : Number.POSITIVE_INFINITY);
  let refused = 0;
  let dead = 0;
  let grammars = 0;
  for (const { source, texts } of samples) {
    if (performance.now() > deadline) break;
    grammars++;
    const start = performance.now();
    const grammar = compileOrRefuse(source);
    if (!grammar) {
      refused++;
      continue;
    }
    compileMillis.push(performance.now() - start);
    for (const engine of engines) {
      const open = openers[engine](grammar);
      for (const text of texts)
        if (!follow(open, tokenizer.encode(text, { addSpecialTokens: false }), row, timings[engine])) dead++;
    }
  }
  const figures = Object.fromEntries(engines.map((engine) => [engine, summary(timings[engine])]));
  const shares = hasNative()
    ? await sharesOf(tokenizer, samples.slice(0, grammars), { quick, log })
    : undefined;
  log(`${refused} of ${grammars} grammars refused; ${dead / engines.length} texts not accepted to their end`);
  log(`compile ms               ${printPercentiles(percentiles(compileMillis))}`);
  for (const engine of engines)
    for (const [metric, value] of Object.entries(figures[engine]))
      log(`${engine.padEnd(10)} ${metric.padEnd(13)} ${printPercentiles(value)} (${value.count})`);
  return {
    origin,
    vocabSize: tokenizer.vocabSize,
    grammars,
    refused,
    compileMillis: percentiles(compileMillis),
    ...figures,
    ...(shares && { shares }),
  };
}

/** The native masks by path, in a pass of their own: grammars are compiled before the clock runs. */
async function sharesOf(
  tokenizer: Tokenizer,
  samples: readonly Sample[],
  { quick, log }: Pick<BenchOptions, 'quick' | 'log'>,
): Promise<MaskStats> {
  const compiled = samples.flatMap(({ source, texts }) => {
    const grammar = compileOrRefuse(source);
    return grammar ? [{ grammar, texts }] : [];
  });
  const shares = await measureShares(tokenizer, compiled);
  const table = shareTable(shares);
  log(table);
  if (!quick)
    writeSection(
      'masks.md',
      '## Shares by path',
      `Written by \`npm run bench -- masks\`: ${compiled.length} grammars, each new, ${shares.masks.toLocaleString('en-US')} masks over a vocabulary of ${tokenizer.vocabSize.toLocaleString('en-US')} tokens; the
tokenizer is warm. Counted and timed in the native core (\`MaskEngine.stats()\`), the call from Node left out; quantiles to within a
quarter. What each path is: [masks.md](../masks.md#counts).

${table}`,
    );
  return shares;
}

function readTokenizer(file = fileURLToPath(new URL('models/sprout/tokenizer.json', root))): Tokenizer {
  return Tokenizer.fromFiles({ tokenizerJson: JSON.parse(readFileSync(file, 'utf8')) });
}

/** By engine: binds a grammar to the vocabulary and gives its matchers. */
function matchersOf(tokenizer: Tokenizer): Record<string, (grammar: CompiledGrammar) => () => AnyMatcher> {
  const typescript = (grammar: CompiledGrammar) => () => grammar.matcher(tokenizer);
  if (!hasNative()) return { typescript };
  const addon = loadNative();
  const handle: TokenizerHandle = addon.loadTokenizer(new Uint8Array(tokenizer.image.buffer));
  const native = ({ image }: CompiledGrammar) => {
    let grammar: ReturnType<typeof addon.loadGrammar> | undefined;
    return () => {
      grammar ??= addon.loadGrammar(image, handle, { maxConfigurations: 4096, memo: true });
      return addon.openMatcher(grammar);
    };
  };
  return { native, typescript };
}

/** Runs one text; microseconds go to `timings`. False when a token was not allowed. */
function follow(open: () => AnyMatcher, tokens: Int32Array, row: Int32Array, timings: Timings): boolean {
  const start = performance.now();
  const matcher = open();
  let alive = true;
  for (const [i, token] of tokens.entries()) {
    const before = performance.now();
    matcher.fill(row);
    const filled = performance.now();
    if (i === 0) timings.firstMask.push(1000 * (filled - start));
    else timings.mask.push(1000 * (filled - before));
    alive = matcher.accept(token);
    timings.accept.push(1000 * (performance.now() - filled));
    if (!alive) break;
  }
  matcher.close?.();
  return alive;
}

function summary({ firstMask, mask, accept }: Timings): Record<string, Percentiles> {
  return {
    firstMaskMicros: percentiles(firstMask),
    maskMicros: percentiles(mask),
    acceptMicros: percentiles(accept),
  };
}

function compileOrRefuse(source: GrammarSource): CompiledGrammar | undefined {
  try {
    return compile(source);
  } catch (error) {
    if (error instanceof CompileError) return undefined;
    throw error;
  }
}

function readSamples(count: number): { origin: string; samples: Sample[] } {
  const rows = maskbenchRows(count);
  if (!rows) return { origin: 'grammars/ (no MaskBench in ESPALIER_SUITES)', samples: ownSamples() };
  return { origin: 'MaskBench', samples: rows.map(maskbenchSample) };
}

function maskbenchSample(line: string): Sample {
  const [{ source, judgements }] = maskbench.cases(JSON.parse(line), line, { order: 'schema' });
  const valid = judgements.filter(({ expect }) => expect === 'accept');
  return { source: source!, texts: valid.map(({ text }) => String(text)) };
}

function ownSamples(): Sample[] {
  return Object.entries(grammars).map(([name, source]) => {
    const file = new URL(`grammars/${name}/accepted.jsonl`, root);
    const texts = readFileSync(file, 'utf8').trimEnd().split('\n');
    return { source, texts: texts.map((line) => JSON.parse(line)) };
  });
}
