// A worker of the MaskBench harness that drives grammar engines side by side: a case a line in, a result a line out.
// Arguments: engine name ("any-order" in it compiles with propertyOrder any, "portable" takes the matcher in TypeScript),
// phase file, memory limit (GiB, not used: Node has its own). The environment names the tokenizer: MASKBENCH_TOKENIZER.
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import split2 from 'split2';
import { compile, MaskEngine, Tokenizer, warmCompiler, warmMasks } from '../dist/index.js';

const VOCAB = 128256;
const EOS = 128009;
const WARM = {
  id: 'warm',
  schema:
    '{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}},"required":["a","b"],"additionalProperties":false}',
  tests: [{ valid: true, ids: [5018, 64, 794] }],
};

const [name, phaseFile] = process.argv.slice(2);
const anyOrder = name.includes('any-order');
const portable = name.includes('portable');
const phases = openSync(phaseFile, 'r+');
const phase = (text) => writeSync(phases, text.padEnd(64, '\0'), 0);

/** A tokenizer as a server has it that knows the image from before: what only encoding needs is read when it is needed. */
function readTokenizer() {
  const tokenizerJson = () => JSON.parse(readFileSync(process.env.MASKBENCH_TOKENIZER, 'utf8'));
  const small = { tokenizerConfig: { eos_token: '<|eot_id|>' } };
  const whole = Tokenizer.fromFiles({ ...small, tokenizerJson: tokenizerJson() });
  return Tokenizer.fromImage(whole.image, whole, { ...small, tokenizerJson });
}

const tokenizer = readTokenizer();
const engine = portable ? undefined : new MaskEngine(tokenizer);
const held = engine?.row();
const row = held?.bits ?? new Int32Array(VOCAB / 32);

/** Processor time of this process, in nanoseconds: what its threads take together. */
function processNanos() {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

/** Processor time of this thread; that of the process where the clock is not built. */
function openThreadClock() {
  try {
    const { threadNanos } = createRequire(import.meta.url)('../build/native/thread_clock.node');
    return threadNanos() >= 0 ? threadNanos : processNanos;
  } catch {
    return processNanos;
  }
}

const threadNanos = openThreadClock();

/**
 * Nanoseconds of `work`: wall time, or processor time where that is less because something else had the core. As with the
 * other engines, all threads of the process count for compiling, and this one for all else.
 */
function timed(work, processor = threadNanos) {
  const before = processor();
  const start = performance.now();
  const value = work();
  const wall = (performance.now() - start) * 1e6;
  return { value, nanos: Math.min(wall, processor() - before + 1000), wall };
}

const allowed = (token) => ((row[token >> 5] >>> (token & 31)) & 1) === 1;

const fillRow = portable ? (matcher) => matcher.fill(row) : (matcher) => matcher.fill();
const advance = portable
  ? (matcher, token) => matcher.advance(token, row)
  : (matcher, token) => matcher.advance(token);

const openerOf = (grammar) => () => (portable ? grammar.matcher(tokenizer) : engine.open(grammar, held));

function runCase({ id, schema, tests }) {
  phase('compile');
  let open;
  let compileNs;
  let compileWall;
  try {
    const compiled = timed(() => compile({ schema }, anyOrder ? { propertyOrder: 'any' } : {}), processNanos);
    compileNs = Math.round(compiled.nanos);
    compileWall = Math.round(compiled.wall);
    phase('first');
    open = openerOf(compiled.value);
  } catch (error) {
    if (error.code === undefined) throw error;
    return {
      id,
      compile_ns: compileNs ?? 0,
      compile_error: `${error.code}: ${error.message}`.slice(0, 2000),
    };
  }
  const matcher = timed(open);
  const first = timed(() => fillRow(matcher.value));
  matcher.value.close?.();
  const result = {
    id,
    compile_ns: compileNs,
    compile_wall_ns: compileWall,
    matcher_ns: Math.round(matcher.nanos),
    first_ns: Math.round(first.nanos),
    tests: [],
    wall_excess_ns: 0,
  };
  for (const [i, test] of tests.entries()) {
    phase(`test ${i}`);
    const outcome = { valid: test.valid, n: test.ids.length };
    result.tests.push(outcome);
    result.wall_excess_ns += runTest(open(), test, outcome);
  }
  return result;
}

/**
 * Mask first, test the bit, then accept: one call accepts a token and fills the row after it, whose time counts as that row's
 * mask. The last token, behind which no row of the instance comes, is accepted alone. Returns the nanoseconds that preemption
 * took.
 */
function runTest(matcher, { ids }, outcome) {
  const fill = [];
  const acc = [];
  let excess = 0;
  let rejected = null;
  const tenths = ({ nanos, wall }, list) => {
    list.push(Math.floor(nanos / 100));
    excess += wall - nanos;
  };
  try {
    tenths(
      timed(() => fillRow(matcher)),
      fill,
    );
    for (const [i, token] of ids.entries()) {
      if (!allowed(token)) {
        rejected = i;
        break;
      }
      const isLast = i + 1 === ids.length;
      const advanced = timed(() => (isLast ? matcher.accept(token) : advance(matcher, token)));
      if (advanced.value === false || advanced.value === -1) {
        outcome.accept_mismatch = i;
        rejected = i;
        break;
      }
      if (isLast) {
        tenths(advanced, acc);
      } else {
        acc.push(0);
        tenths(advanced, fill);
      }
    }
    if (rejected === null) {
      const last = timed(() => fillRow(matcher));
      outcome.eos_ns = Math.round(last.nanos);
      outcome.eos = allowed(EOS);
    }
  } catch (error) {
    if (error.code === undefined) throw error;
    outcome.error = `${error.code}: ${error.message}`.slice(0, 2000);
    rejected = acc.length;
  }
  matcher.close?.();
  return Object.assign(outcome, { rejected_at: rejected, fill, acc }) && excess;
}

phase('init');
await (engine ? engine.warm() : warmMasks(tokenizer));
await warmCompiler({ schema: anyOrder ? { propertyOrder: 'any' } : {} });
runCase(WARM);
phase('idle');
console.log('{"ready":true}');
for await (const line of process.stdin.pipe(split2())) {
  const result = runCase(JSON.parse(line));
  phase('idle');
  result.rss_mb = Math.round(process.memoryUsage.rss() / 2 ** 20);
  console.log(JSON.stringify(result));
}
closeSync(phases);
