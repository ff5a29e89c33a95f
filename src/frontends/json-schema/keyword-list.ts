// The keywords of a schema document, one by one, with what becomes of each: what `explain` lists.
import { parseJsonText } from './json-text.js';
import { fromJavaScript, isObject, type Json, pointerToken } from './json-value.js';
import { type Draft, draftOf, forEachSubschema, roleOf } from './keywords.js';

/** A keyword that can restrict values, where it stands. */
export interface KeywordUse {
  /** JSON pointer of the keyword. */
  readonly pointer: string;
  readonly keyword: string;
}

/** Enough for every document that compiles. */
const LIMITS = { maxDepth: 10_000, maxSchemaNodes: 10_000_000 };

/**
 * Every keyword of the schema and its subschemas that restricts values in the schema's draft, in the order of the document.
 * @throws CompileError `invalid_schema` when it is no JSON
 */
export function assertingKeywords(schema: unknown): KeywordUse[] {
  const root = typeof schema === 'string' ? parseJsonText(schema, LIMITS) : fromJavaScript(schema, LIMITS);
  const uri = isObject(root) ? root.get('$schema') : undefined;
  const draft = typeof uri === 'string' ? draftOf(uri) : undefined;
  const found: KeywordUse[] = [];
  const pending: { readonly value: Json; readonly pointer: string }[] = [{ value: root, pointer: '' }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { value, pointer } = next;
    if (!isObject(value)) continue;
    for (const keyword of value.keys())
      if (restricts(keyword, value, draft))
        found.push({ pointer: `${pointer}/${pointerToken(keyword)}`, keyword });
    const children: typeof pending = [];
    forEachSubschema(value, pointer, (subschema, place) => {
      children.push({ value: subschema, pointer: place });
    });
    for (const child of children.reverse()) pending.push(child);
  }
  return found;
}

/** In drafts up to 7 nothing beside `$ref` counts. */
function restricts(keyword: string, schema: ReadonlyMap<string, Json>, draft: Draft | undefined): boolean {
  if (draft !== undefined && draft <= 7 && schema.has('$ref')) return keyword === '$ref';
  return roleOf(keyword, draft) === 'asserts';
}
