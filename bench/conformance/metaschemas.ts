// The metaschemas of the drafts, by URI, from the packages that ship them: some suites refer to them.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const files = [
  'json-schema-draft-06.json',
  'json-schema-draft-07.json',
  'json-schema-2019-09/schema.json',
  ...['applicator', 'content', 'core', 'format', 'meta-data', 'validation'].map(
    (name) => `json-schema-2019-09/meta/${name}.json`,
  ),
  'json-schema-2020-12/schema.json',
  ...['applicator', 'content', 'core', 'format-annotation', 'meta-data', 'unevaluated', 'validation'].map(
    (name) => `json-schema-2020-12/meta/${name}.json`,
  ),
];

let loaded: Readonly<Record<string, unknown>> | undefined;

/** Draft 4's is not among them: ajv, which ships the others, does not know that draft. */
export function metaschemas(): Readonly<Record<string, unknown>> {
  loaded ??= Object.fromEntries(
    files.map((file) => {
      const schema = require(`ajv/dist/refs/${file}`) as { readonly $id: string };
      return [schema.$id.replace(/#$/, ''), schema];
    }),
  );
  return loaded;
}
