// Sections of the pages in docs/benchmarks/: each is written by its own benchmark and leaves the others as they are.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../docs/benchmarks/', import.meta.url));

/** Puts `body` below the heading (a line, with its number signs) of a page, in the place of what stood there. */
export function writeSection(page: string, heading: string, body: string): void {
  mkdirSync(FOLDER, { recursive: true });
  const file = FOLDER + page;
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  writeFileSync(file, withSection(text, heading, body));
}

/** Writes a file beside the pages: figures, a plot. */
export function writeBeside(name: string, text: string): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(FOLDER + name, text);
}

/** A section reaches to the next heading, whatever its level. */
export function withSection(text: string, heading: string, body: string): string {
  const sections = text.split(/^(?=#+ )/m).filter((section) => section.trim() !== '');
  const fresh = `${heading}\n\n${body.trim()}\n`;
  const at = sections.findIndex((section) => section.split('\n', 1)[0] === heading);
  const all = at < 0 ? [...sections, fresh] : sections.with(at, fresh);
  return `${all.map((section) => section.trim()).join('\n\n')}\n`;
}
