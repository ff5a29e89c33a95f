// Text that stands for a value without saying of which kind: read by what the schema admits, and by what it looks like.
import { parsedJson } from './json-text.js';
import { fits, type Kinds } from './kinds.js';

const WORDS: Readonly<Record<string, string>> = {
  True: 'true',
  False: 'false',
  None: 'null',
  TRUE: 'true',
  FALSE: 'false',
};

/**
 * The JSON text of what `text` stands for: JSON where it is that and of an admitted kind, otherwise the string itself.
 * Without `kinds`, any JSON counts.
 */
export function jsonOf(text: string, kinds: Kinds | undefined): string {
  const trimmed = text.trim();
  const isOnlyString = kinds?.size === 1 && kinds.has('string');
  if (!isOnlyString) {
    const json = WORDS[trimmed] ?? trimmed;
    const value = parsedJson(json);
    if (value !== undefined && (kinds === undefined || fits(value, kinds)) && typeof value !== 'string')
      return json;
    if (typeof value === 'string' && kinds === undefined) return json;
  }
  return JSON.stringify(text);
}
