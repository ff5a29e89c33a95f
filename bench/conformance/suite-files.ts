// Suite files on disk: which there are, and their rows one by one, so that a large suite need not fit in memory.
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import split2 from 'split2';
import { type Adapter, type AdapterOptions, adapterOf, type Row } from './adapters/index.js';
import type { Case } from './case.js';

/** A file or row that is not of a known format. */
export class SuiteError extends Error {}

/** The .jsonl and .jsonl.gz files that a path stands for: itself, or those in the folder and its subfolders, sorted. */
export function suiteFiles(path: string): string[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new SuiteError(`${path}: no such file or folder`);
  if (stat.isFile()) return [path];
  const files = readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.jsonl(\.gz)?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  if (files.length === 0) throw new SuiteError(`${path}: no .jsonl or .jsonl.gz file in this folder`);
  return files;
}

/**
 * The cases of a suite file, at most `limit` rows of it.
 * @throws SuiteError when its first row is of no known format, or a line is not JSON
 */
export async function* suiteCases(
  file: string,
  options: AdapterOptions,
  limit: number,
): AsyncGenerator<Case> {
  const lines = split2();
  // What goes wrong on the way comes out of `lines`, and whoever leaves the loop closes the file.
  const unpacked = file.endsWith('.gz') ? [createGunzip()] : [];
  pipeline([createReadStream(file), ...unpacked, lines], () => undefined);
  const withDocuments = { ...options, documents: remotes(file) };
  let adapter: Adapter | undefined;
  let rows = 0;
  for await (const line of lines) {
    if (line.trim() === '') continue;
    if (rows++ >= limit) return;
    const row = parseRow(line, file, rows);
    adapter ??= adapterOf(row);
    if (!adapter)
      throw new SuiteError(
        `${file}: unknown suite format; its first row has ${Object.keys(row).slice(0, 12).join(', ')}`,
      );
    yield* adapter.cases(row, line, withDocuments);
  }
}

/** The documents of a suite's remotes.json by URL, and its default-tools.json by that name. */
function remotes(file: string): Record<string, unknown> {
  const read = (name: string): unknown => {
    const path = join(dirname(file), name);
    return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
  };
  const tools = read('default-tools.json');
  const documents = (read('remotes.json') ?? {}) as Record<string, unknown>;
  return tools === undefined ? documents : { ...documents, 'default-tools.json': tools };
}

function parseRow(line: string, file: string, number: number): Row {
  try {
    const row: unknown = JSON.parse(line);
    if (typeof row === 'object' && row !== null && !Array.isArray(row)) return row as Row;
  } catch (cause) {
    throw new SuiteError(`${file}: row ${number} is not JSON`, { cause });
  }
  throw new SuiteError(`${file}: row ${number} is not an object`);
}
