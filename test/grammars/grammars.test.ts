// Every grammar that we ship, held to its own examples and, where something independent says the same, to that.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CompiledGrammar, compile } from '../../src/compile/index.js';
import { type GrammarName, grammars } from '../../src/grammars/index.js';

const folder = new URL('../../grammars/', import.meta.url);
const names = Object.keys(grammars) as GrammarName[];

function grammarOf(name: GrammarName): CompiledGrammar {
  return compile(grammars[name]);
}

function examplesOf(name: GrammarName, file: string): string[] {
  const lines = readFileSync(new URL(`${name}/${file}`, folder), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => JSON.parse(line));
}

it('the module of texts is up to date with the folder grammars/', () => {
  const script = fileURLToPath(new URL('../../scripts/write-grammars.mjs', import.meta.url));
  const written = readFileSync(new URL('../../src/grammars/texts.ts', import.meta.url), 'utf8');
  expect(execFileSync(process.execPath, [script, '--print'], { encoding: 'utf8' })).toBe(written);
});

describe.each(names)('the grammar %s', (name) => {
  const grammar = grammarOf(name);
  const accepted = examplesOf(name, 'accepted.jsonl');
  const refused = examplesOf(name, 'refused.jsonl');

  it('has enough examples', () => {
    expect(new Set(accepted).size).toBeGreaterThanOrEqual(20);
    expect(new Set(refused).size).toBeGreaterThanOrEqual(20);
  });

  it.each(accepted)('accepts %j', (text) => {
    expect(grammar.classify(text)).toBe('accepted');
  });

  it.each(refused)('refuses %j', (text) => {
    expect(grammar.classify(text)).not.toBe('accepted');
  });
});

describe('the grammar json', () => {
  const grammar = grammarOf('json');

  it('accepts what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2, '\t'), (value, indent) => {
        expect(grammar.test(JSON.stringify(value, null, indent))).toBe(true);
      }),
    );
  });

  it('agrees with JSON.parse on damaged texts', () => {
    const characters = fc.constantFrom(...'{}[]",:\\ntrueEe+-.019 \n\u0001');
    const damaged = fc
      .tuple(
        fc.jsonValue({ maxDepth: 2 }),
        fc.nat(40),
        fc.nat(2),
        fc.string({ unit: characters, maxLength: 2 }),
      )
      .map(([value, at, remove, insert]) => {
        const text = JSON.stringify(value);
        return text.slice(0, at) + insert + text.slice(at + remove);
      })
      .filter((text) => !/\p{Surrogate}/u.test(text));
    fc.assert(
      fc.property(damaged, (text) => {
        expect(grammar.test(text)).toBe(isJson(text));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the grammar iso8601', () => {
  it('knows the days of every month', () => {
    const grammar = grammarOf('iso8601');
    for (const year of [1900, 1999, 2000, 2023, 2024, 2100])
      for (let month = 1; month <= 13; month++)
        for (let day = 0; day <= 32; day++) {
          const text = [String(year), month, day].map((part) => String(part).padStart(2, '0')).join('-');
          const date = new Date(Date.UTC(year, month - 1, day));
          const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
          expect(grammar.test(text), text).toBe(exists);
        }
  });
});

describe('the grammar url', () => {
  it('accepts only what the URL class takes', () => {
    const grammar = grammarOf('url');
    const part = fc.string({ unit: fc.constantFrom(...'ab0-.:/?#%2F@_'), maxLength: 12 });
    fc.assert(
      fc.property(part, (rest) => {
        const text = `http://${rest}`;
        // The class reads hosts that end in a number as IPv4 addresses, which the grammar does not check.
        const host = rest.split(/[/?#:]/)[0].replace(/\.$/, '');
        fc.pre(!/(^|\.)\d+$/.test(host));
        if (grammar.test(text)) expect(URL.canParse(text), text).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
