// Writes src/grammars/texts.ts from grammars/*/grammar.gbnf, so that the grammars that we ship go into bundles for browsers.
// The folder grammars/ is the source; a test checks that the module is up to date. Run by `npm run grammars`;
// --print writes to standard output instead.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const folder = new URL('grammars/', root);
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();
const entries = names.map((name) => {
  const text = readFileSync(new URL(`${name}/grammar.gbnf`, folder), 'utf8');
  const key = /^[a-z][a-z0-9]*$/.test(name) ? name : `'${name}'`;
  return `  ${key}: {\n    gbnf: \`${text.replace(/[\\`]|\$\{/g, '\\$&')}\`,\n  },`;
});
const module = `// Written by scripts/write-grammars.mjs from grammars/: the texts of the grammars that we ship.
// Change those files and run \`npm run grammars\`; this one is overwritten.

/** The name of a grammar that comes along. */
export type GrammarName =
${names.map((name) => `  | '${name}'`).join('\n')};

export const texts: { readonly [name in GrammarName]: { readonly gbnf: string } } = {
${entries.join('\n')}
};
`;

if (process.argv.includes('--print')) process.stdout.write(module);
else writeFileSync(new URL('src/grammars/texts.ts', root), module);
