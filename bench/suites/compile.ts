// How long each schema of MaskBench takes to compile, one after the other in one warm process: schema text to image, by
// phase, with the slowest named. Every schema is new to the process; nothing that is known by content is cleared between.
import { encodePda } from '../../src/automata/index.js';
import { CompileError } from '../../src/errors.js';
import { jsonSchemaGrammar } from '../../src/frontends/json-schema/index.js';
import { prepareGrammar, toPda } from '../../src/grammar/index.js';
import { maskbench } from '../conformance/adapters/maskbench.js';
import { maskbenchRows } from '../maskbench-rows.js';
import type { BenchOptions } from '../options.js';

export const name = 'compile';
export const description = 'schema text to image over MaskBench, by phase, with the slowest schemas';

const PHASES = ['frontEnd', 'prepare', 'automaton', 'image'] as const;
type Phases = Record<(typeof PHASES)[number], number>;

interface Timed {
  readonly name: string;
  /** Milliseconds in all. */
  readonly total: number;
  readonly phases: Phases;
  /** How it was refused. */
  readonly refused?: string;
}

const QUICK_ROWS = 1000;
const SLOWEST = 20;
/** Schemas compiled before the clock starts, so that the engine has compiled the code; taken from the end. */
const WARM_UP = 300;
const PERCENTS = [50, 90, 99, 99.9, 100];

export async function run({
  quick,
  log,
  order,
  limit,
  suites,
}: BenchOptions): Promise<Record<string, unknown>> {
  const schemas = readSchemas(suites);
  if (!schemas) {
    log('no MaskBench: --suites or ESPALIER_SUITES names the folder that holds maskbench/');
    return {};
  }
  const count = Math.min(schemas.length, limit ?? (quick ? QUICK_ROWS : schemas.length));
  const stride = Math.max(1, Math.floor(schemas.length / count));
  const propertyOrder = order ?? 'schema';
  for (const { text } of schemas.slice(-WARM_UP)) timeOne('', text, propertyOrder);
  const timed = schemas
    .filter((_, i) => i % stride === 0)
    .slice(0, count)
    .map(({ name, text }) => timeOne(name, text, propertyOrder));
  const sorted = timed.toSorted((a, b) => a.total - b.total);
  const figures = Object.fromEntries(
    PERCENTS.map((percent) => [percent === 100 ? 'max' : `p${percent}`, round(at(sorted, percent).total)]),
  );
  const sums = Object.fromEntries(
    PHASES.map((phase) => [phase, Math.round(timed.reduce((sum, { phases }) => sum + phases[phase], 0))]),
  );
  const refused = timed.filter((one) => one.refused).length;
  log(`${timed.length} schemas, propertyOrder ${propertyOrder}; ${refused} refused`);
  log(`ms: ${print(figures)}`);
  log(`sum of ms by phase: ${print(sums)}`);
  for (const { name, total, phases, refused } of sorted.slice(-SLOWEST).reverse())
    log(`${total.toFixed(1).padStart(8)} ms  ${name}  (${print(mapValues(phases))})${refused ?? ''}`);
  return { propertyOrder, schemas: timed.length, refused, millis: figures, phaseMillis: sums };
}

function timeOne(name: string, text: string, propertyOrder: 'schema' | 'any'): Timed {
  const start = performance.now();
  let last = start;
  const phases: Phases = { frontEnd: 0, prepare: 0, automaton: 0, image: 0 };
  let phase: keyof Phases = 'frontEnd';
  const end = () => {
    const now = performance.now();
    phases[phase] = now - last;
    last = now;
  };
  try {
    const { grammar } = jsonSchemaGrammar(text, { propertyOrder });
    end();
    phase = 'prepare';
    const prepared = prepareGrammar(grammar);
    end();
    phase = 'automaton';
    const pda = toPda(prepared);
    end();
    phase = 'image';
    encodePda(pda);
    end();
    return { name, total: last - start, phases };
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    end();
    return { name, total: last - start, phases, refused: ` refused: ${error.code}` };
  }
}

function readSchemas(suites: string | undefined): { name: string; text: string }[] | undefined {
  return maskbenchRows(undefined, suites)?.map((line) => {
    const [{ id, source }] = maskbench.cases(JSON.parse(line), line, { order: 'as-given' });
    return { name: id, text: (source as { schema: string }).schema };
  });
}

/** By nearest rank. */
function at(sorted: readonly Timed[], percent: number): Timed {
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
}

const round = (millis: number) => Math.round(1000 * millis) / 1000;

function mapValues(phases: Phases): Record<string, number> {
  return Object.fromEntries(
    Object.entries(phases).map(([phase, millis]) => [phase, Math.round(10 * millis) / 10]),
  );
}

function print(figures: Readonly<Record<string, number>>): string {
  return Object.entries(figures)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ');
}
