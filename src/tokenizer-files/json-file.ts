// Reads the small and the large files of a model folder, with errors that name the file and what to do.
import { readFileSync, statSync } from 'node:fs';
import { ModelError } from '../errors.js';

/** Largest JSON file that is read (tokenizer.json of large vocabularies has some 40 MB). */
export const MAX_JSON_FILE_BYTES = 256 * 1024 * 1024;

/**
 * The parsed file, or undefined when it is not there.
 * @throws ModelError `file_unreadable`, `file_too_large`, `invalid_json`
 */
export function readJsonFile(path: string): unknown {
  const bytes = readFileBytes(path);
  return bytes && parseJson(path, bytes);
}

/** The file as text, or undefined when it is not there. @throws ModelError `file_unreadable`, `file_too_large` */
export function readTextFile(path: string): string | undefined {
  return readFileBytes(path)?.toString('utf8');
}

/** The file's bytes, or undefined when it is not there. @throws ModelError `file_unreadable`, `file_too_large` */
export function readFileBytes(path: string): Buffer | undefined {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) return undefined;
  if (size > MAX_JSON_FILE_BYTES)
    throw new ModelError(
      'file_too_large',
      `${path} has ${size} bytes; at most ${MAX_JSON_FILE_BYTES} are read (limit MAX_JSON_FILE_BYTES)`,
    );
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new ModelError('file_unreadable', `cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}

/** What the bytes of the file at `path` say. @throws ModelError `invalid_json` */
export function parseJson(path: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new ModelError('invalid_json', `${path} is not valid JSON: ${(cause as Error).message}`, { cause });
  }
}
