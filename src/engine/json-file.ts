// Reads a JSON file of a model folder, with errors that name the file and what to do.
import { readFileSync, statSync } from 'node:fs';
import { ModelError } from '../errors.js';

/** Largest JSON file that is read (tokenizer.json of large vocabularies has some 40 MB). */
export const MAX_JSON_FILE_BYTES = 256 * 1024 * 1024;

/**
 * The parsed file, or undefined when it is not there.
 * @throws ModelError `file_unreadable`, `file_too_large`, `invalid_json`
 */
export function readJsonFile(path: string): unknown {
  const text = readTextFile(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelError('invalid_json', `${path} is not valid JSON: ${(cause as Error).message}`, { cause });
  }
}

/** The file as text, or undefined when it is not there. */
export function readTextFile(path: string): string | undefined {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) return undefined;
  if (size > MAX_JSON_FILE_BYTES)
    throw new ModelError(
      'file_too_large',
      `${path} has ${size} bytes; at most ${MAX_JSON_FILE_BYTES} are read (limit MAX_JSON_FILE_BYTES)`,
    );
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ModelError('file_unreadable', `cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}
