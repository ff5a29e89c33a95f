// Writes what the C++ tests of native/cuda need of each family fixture to a folder: NAME.spec, the description that the
// engine reads from the model's folder, with the prompt, as lines of "key value"; and the weights as NAME.safetensors.
// Run: node --import tsx test/native/cuda/write-specs.ts FOLDER
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { familyNames, familyReference, familySpec } from '../engine/families.js';

function linesOf(key: string, value: unknown): string[] {
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null) return [`${key} ${value}`];
  return Object.entries(value).flatMap(([name, part]) => linesOf(key ? `${key}.${name}` : name, part));
}

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: write-specs.ts FOLDER');
mkdirSync(folder, { recursive: true });
for (const name of familyNames) {
  const { files, ...spec } = familySpec(name);
  if (files?.length !== 1) throw new Error(`${name} has not one weight file`);
  copyFileSync(files[0]!, join(folder, `${name}.safetensors`));
  const { prompt, greedy } = familyReference(name);
  const lines = linesOf('', { ...spec, prompt: [...prompt], greedy });
  writeFileSync(join(folder, `${name}.spec`), `${lines.join('\n')}\n`);
}
