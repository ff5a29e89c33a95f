// A process of open-tokenizer.test.ts: opens a tokenizer a hundred times while others do, and removes the file now and
// then, so that writing and reading meet. Prints the hash that every opening gave.
import { rmSync } from 'node:fs';
import { openTokenizer } from '../../src/tokenizer-files/index.js';

const [folder, cache] = process.argv.slice(2) as [string, string];
const hashes = new Set<string>();
for (let turn = 0; turn < 100; turn++) {
  const opened = openTokenizer(folder, { cache });
  hashes.add(opened.tokenizer.image.hash);
  const outcome = opened.cache;
  if (
    outcome.state === 'written' &&
    outcome.replaced !== undefined &&
    !/ENOENT|No such/.test(outcome.replaced)
  )
    throw new Error(`a file was seen that is not whole: ${outcome.replaced}`);
  if (outcome.state === 'unwritable' || outcome.state === 'off') throw new Error(outcome.state);
  if (turn % 10 === 5) rmSync(outcome.file, { force: true });
}
console.log([...hashes].join(' '));
