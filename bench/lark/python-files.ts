// Lark's grammar of Python over the standard library's own files and over mutants of them, beside Lark itself:
// `node --import tsx bench/lark/python-files.ts [--mutants N] [--seed S]`. Prints every difference.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compile } from '../../src/compile/index.js';
import { mutants } from './mutants.js';
import { larkVerdicts, pythonLark, standardLibrary } from './reference.js';

const { values } = parseArgs({
  options: { mutants: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' } },
});
const grammarText = pythonLark();
const folder = standardLibrary();
if (grammarText === undefined || folder === undefined) {
  console.error('no Lark is installed: set ESPALIER_LARK_PYTHON to a Python that has it');
  process.exit(2);
}
const start = performance.now();
const grammar = compile({ lark: grammarText, root: 'file_input' });
console.log(`compiled in ${(performance.now() - start).toFixed(0)} ms, ${grammar.image.length} bytes`);

const files = readdirSync(folder).filter((name) => name.endsWith('.py'));
const texts = files.map((name) => readFileSync(join(folder, name), 'utf8'));
compare('files', texts, files);
compare('mutants', mutants(texts, Number(values.mutants), generator(Number(values.seed))));

function compare(what: string, list: readonly string[], names: readonly string[] = []): void {
  const expected = larkVerdicts({ grammar: 'python', texts: list });
  if (typeof expected === 'string') throw new Error(expected);
  const begun = performance.now();
  let bytes = 0;
  let accepted = 0;
  let differences = 0;
  list.forEach((text, i) => {
    const verdict = grammar.classify(text) === 'accepted';
    bytes += Buffer.byteLength(text);
    if (verdict) accepted++;
    else if (names[i]) console.log(`not accepted: ${names[i]} (Lark: ${expected[i]})`);
    if (expected[i] === null || expected[i] === verdict) return;
    differences++;
    console.log(`differs: Lark ${expected[i]}, ours ${verdict}: ${names[i] ?? JSON.stringify(text)}`);
  });
  const millis = performance.now() - begun;
  console.log(
    `${what}: ${list.length}, accepted ${accepted}, differences ${differences}; ${bytes} bytes in ${millis.toFixed(0)} ms`,
  );
}

/** Mulberry32. */
function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
