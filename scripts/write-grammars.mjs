// Writes src/grammars/texts.ts from grammars/*/grammar.gbnf (or .lark), so that the grammars that we ship go into bundles for browsers.
// The folder grammars/ is the source; a test checks that the module is up to date. Run by `npm run grammars`;
// --print writes to standard output instead.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const folder = new URL('grammars/', root);
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();
const entries = names.map((name) => {
  const isLark = existsSync(new URL(`${name}/grammar.lark`, folder));
  const text = readFileSync(new URL(`${name}/grammar.${isLark ? 'lark' : 'gbnf'}`, folder), 'utf8');
  const key = /^[a-z][a-z0-9]*$/.test(name) ? name : `'${name}'`;
  const written = `\`${text.replace(/[\\`]|\$\{/g, '\\$&')}\``;
  // The basic lexer keeps the words of the language apart from names everywhere.
  return `  ${key}: {\n    ${isLark ? `lark: ${written},\n    lexer: 'basic'` : `gbnf: ${written}`},\n  },`;
});
const module = `// Written by scripts/write-grammars.mjs from grammars/: the texts of the grammars that we ship.
// Change those files and run \`npm run grammars\`; this one is overwritten.

/** The name of a grammar that comes along. */
export type GrammarName =
${names.map((name) => `  | '${name}'`).join('\n')};

export const texts = {
${entries.join('\n')}
} as const satisfies { readonly [name in GrammarName]: object };
`;

if (process.argv.includes('--print')) process.stdout.write(module);
else writeFileSync(new URL('src/grammars/texts.ts', root), module);
