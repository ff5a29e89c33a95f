// What package.json says of this package. Asked by the command line, and by the cache of tokenizer images.
import { readFileSync } from 'node:fs';

/** The package's version. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
