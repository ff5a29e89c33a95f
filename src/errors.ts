// Every error that Espalier throws on purpose: one class per kind of trouble, each with a stable code.
// The server turns the code into the dialect of the route called; programs switch on `code`, people read `message`.

/** The common base: `code` is stable across releases, `message` says what, where and what to do. */
export class EspalierError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Where in its source a grammar is at fault: a JSON pointer into a schema, or a line and column of a text. */
export interface SourceLocation {
  /** JSON pointer (RFC 6901) into the schema, `''` for its root. */
  readonly pointer?: string;
  /** 1-based line and column of a grammar text; for a regex, `column` is the 1-based UTF-16 offset. */
  readonly line?: number;
  readonly column?: number;
  /** The keyword or construct at fault, e.g. `uniqueItems` or `lookahead`. */
  readonly keyword?: string;
}

export type CompileErrorCode =
  | 'invalid_schema'
  | 'unsupported_keyword'
  | 'unresolved_reference'
  | 'unsatisfiable'
  | 'invalid_regex'
  | 'unsupported_regex'
  | 'invalid_grammar'
  | 'invalid_structural_tag'
  | 'limit_exceeded'
  | 'unknown_token'
  | 'invalid_image';

/** A schema, regex or grammar that cannot become a constraint: broken, unsupported, unsatisfiable or over a limit. */
export class CompileError extends EspalierError {
  readonly location: SourceLocation;
  declare readonly code: CompileErrorCode;

  constructor(
    code: CompileErrorCode,
    message: string,
    location: SourceLocation = {},
    options?: ErrorOptions,
  ) {
    super(code, `${message}${describeLocation(location)}`, options);
    this.location = location;
  }
}

/** A limit with a name was reached; `limit` names the option that raises it. */
export class LimitError extends CompileError {
  readonly limit: string;

  constructor(limit: string, value: number, message: string, location: SourceLocation = {}) {
    super('limit_exceeded', `${message} (limit ${limit} = ${value})`, location);
    this.limit = limit;
  }
}

/** A tokenizer file that is missing, broken or of a kind that is not supported. */
export class TokenizerError extends EspalierError {}

/** A model folder that cannot be loaded. */
export class ModelError extends EspalierError {}

/** The native engine is missing or has failed. */
export class EngineError extends EspalierError {}

/** A request that is not valid; `param` names the field. */
export class RequestError extends EspalierError {
  readonly param: string | undefined;

  constructor(code: string, message: string, param?: string, options?: ErrorOptions) {
    super(code, message, options);
    this.param = param;
  }
}

/** A place in a text: bytes from its start (as UTF-8), and the 1-based line and column (in code points). */
export interface TextPlace {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

export type ParseErrorCode =
  /** The text is no sentence of the grammar, nor the beginning of one. */
  | 'refused'
  /** The text is only the beginning of a sentence. */
  | 'incomplete'
  /** The text is a sentence, but its schema's own validation refuses the value. */
  | 'invalid_value';

/** A text that cannot be read under a grammar; `place` is where it stops being right, or where it ends too soon. */
export class ParseError extends EspalierError {
  declare readonly code: ParseErrorCode;
  readonly place: TextPlace | undefined;

  constructor(code: ParseErrorCode, message: string, place?: TextPlace) {
    super(code, message);
    this.place = place;
  }
}

function describeLocation(location: SourceLocation): string {
  if (location.pointer !== undefined) return ` at #${location.pointer}`;
  if (location.line !== undefined) return ` at line ${location.line}, column ${location.column ?? 1}`;
  if (location.column !== undefined) return ` at column ${location.column}`;
  return '';
}
