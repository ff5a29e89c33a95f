// The suite formats that are known, and which one a file is.
import type { Adapter, Row } from './adapter.js';
import { ebnf } from './ebnf.js';
import { functionCalling } from './function-calling.js';
import { jsonSchema } from './json-schema.js';
import { jsonText } from './json-text.js';
import { lark } from './lark.js';
import { llamacppSchema } from './llamacpp-schema.js';
import { maskbench } from './maskbench.js';
import { regex } from './regex.js';
import { structuralTag } from './structural-tag.js';
import { xgrammarSchema } from './xgrammar-schema.js';

export type { Adapter, AdapterOptions, Row } from './adapter.js';

export const adapters: readonly Adapter[] = [
  jsonSchema,
  xgrammarSchema,
  llamacppSchema,
  maskbench,
  regex,
  ebnf,
  jsonText,
  lark,
  structuralTag,
  functionCalling,
];

/** The adapter of a file that begins with this row, if any. */
export function adapterOf(row: Row): Adapter | undefined {
  return adapters.find((adapter) => adapter.reads(row));
}
