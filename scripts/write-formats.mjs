// Writes src/frontends/json-schema/format-tables.ts: the automata of formats as data, made from the expressions in formats.ts.
// A test checks that the module is up to date. Run by `npm run formats`, which builds first.
import { writeFileSync } from 'node:fs';
import { FORMATS_AS_DATA, makeFormat } from '../dist/frontends/json-schema/formats.js';
import { packDfa } from '../dist/frontends/json-schema/packed-automata.js';

const entries = FORMATS_AS_DATA.map((name) => `  ['${name}', '${packDfa(makeFormat(name))}'],`);
const module = `// Written by scripts/write-formats.mjs from the expressions in formats.ts: the automata of formats, packed.
// Change those and run \`npm run formats\`; this file is overwritten.

export const FORMAT_TABLES: ReadonlyMap<string, string> = new Map([
${entries.join('\n')}
]);
`;
writeFileSync(new URL('../src/frontends/json-schema/format-tables.ts', import.meta.url), module);
