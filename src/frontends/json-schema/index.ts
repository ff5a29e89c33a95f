// Door of the JSON Schema front end: a schema in, a grammar over the bytes of its JSON texts out.
// Schema -> exact JSON -> document -> shapes (canonical form) -> terms that hold values -> grammar rules.
export type { ContentPolicy } from './content.js';
export type { Annotation, Unenforced } from './findings.js';
export { type JsonSchemaOptions, type JsonSchemaResult, jsonSchemaGrammar } from './json-schema.js';
export { assertingKeywords, type KeywordUse } from './keyword-list.js';
export type { PropertyOrder } from './lowering.js';
export type { FormatPolicy } from './string-languages.js';
export type { WhitespacePolicy } from './whitespace.js';
