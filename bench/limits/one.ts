// Compiles one case in a process of its own and prints how it ended, as JSON.
import { compile } from '../../src/compile/index.js';
import { CompileError, LimitError } from '../../src/errors.js';
import { cases } from './cases.js';

const { source, options } = cases[process.argv[2]]();
const before = process.resourceUsage().maxRSS;
const start = performance.now();
const millis = () => performance.now() - start;
let outcome: string;
try {
  const { byteLength } = compile(source, options).image;
  outcome = `compiled, image of ${Math.round(byteLength / 1024)} KiB`;
} catch (error) {
  if (!(error instanceof CompileError)) throw error;
  outcome = error instanceof LimitError ? `refused: ${error.limit}` : `refused: ${error.code}`;
}
const memory = Math.round((process.resourceUsage().maxRSS - before) / 1024);
console.log(JSON.stringify({ outcome, millis: Math.round(millis()), memoryMiB: memory }));
