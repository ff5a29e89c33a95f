// What an adapter is: it knows the rows of one suite format and turns them into cases.
import type { Case, Judgement } from '../case.js';

/** A row as JSON.parse has it. */
export type Row = Readonly<Record<string, unknown>>;

export interface AdapterOptions {
  /** Rewrite instances into the schema's property order before judging. */
  readonly order: 'as-given' | 'schema';
  /** Schemas are compiled with it. */
  readonly propertyOrder?: 'schema' | 'any';
  /** Documents by URL that lie beside the suite, in remotes.json. */
  readonly documents?: Readonly<Record<string, unknown>>;
}

export interface Adapter {
  readonly name: string;
  /** Whether a file that begins with this row is of this format. */
  reads(row: Row): boolean;
  /** `line` is the row's own text, for what JSON.parse loses. */
  cases(row: Row, line: string, options: AdapterOptions): Case[];
}

/** Judgements of texts with a yes/no label. */
export function labelled<T extends { readonly text: string }>(
  tests: readonly T[],
  isValid: (test: T) => boolean,
): Judgement[] {
  return tests.map((test) => ({ expect: isValid(test) ? 'accept' : 'reject', text: test.text }));
}
