// The embedded model without its upper layers: not worth much as a model, but one of the same tokenizer to draft with.
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EMBEDDED_MODEL } from '../../src/engine/index.js';

/** Writes its first layers to a new folder; the other tensors are left out of the header. The caller removes it. */
export function writeShallowModel(layers: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-shallow-'));
  for (const file of ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'])
    cpSync(join(EMBEDDED_MODEL, file), join(folder, file));
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, num_hidden_layers: layers }));
  const weights = join(folder, 'model.safetensors');
  const bytes = readFileSync(weights);
  const headerBytes = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes)) as Record<string, unknown>;
  const kept = Object.entries(header).filter(
    ([name]) => Number(/layers\.(\d+)\./.exec(name)?.[1] ?? 0) < layers,
  );
  const text = JSON.stringify(Object.fromEntries(kept)).padEnd(headerBytes);
  writeFileSync(
    weights,
    Buffer.concat([bytes.subarray(0, 8), Buffer.from(text), bytes.subarray(8 + headerBytes)]),
  );
  return folder;
}
