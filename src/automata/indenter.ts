// INDENT and DEDENT as Lark's Indenter puts them in: the token of newlines is followed by INDENT where the line is indented
// deeper than the one before, by a DEDENT for each level that it leaves, and counts nothing between brackets.
import { LimitError } from '../errors.js';
import type { ConfigurationSet } from './configuration-set.js';
import type { LexState } from './lex-states.js';
import type { LexedGrammar } from './lexed-image.js';
import type { LexerContexts } from './lexer-contexts.js';

/** The indentations that are open, and how many brackets. Interned. */
export interface Indent {
  readonly id: number;
  /** Columns, ascending; the first is 0. */
  readonly levels: readonly number[];
  readonly brackets: number;
}

const NEWLINE = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;
/** Columns of one line's indentation. */
const MAX_COLUMN = 1 << 20;

export class Indenter {
  readonly outermost: Indent;
  readonly #grammar: LexedGrammar;
  readonly #contexts: LexerContexts;
  readonly #nextId: () => number;
  readonly #known = new Map<string, Indent>();

  constructor(grammar: LexedGrammar, contexts: LexerContexts, nextId: () => number) {
    this.#grammar = grammar;
    this.#contexts = contexts;
    this.#nextId = nextId;
    this.outermost = this.#indent([0], 0);
  }

  get size(): number {
    return this.#known.size;
  }

  /** The column within a token after a byte; -1 in tokens that can hold no newline of indentation. */
  column(token: LexState, before: number, byte: number): number {
    const { indentation } = this.#grammar;
    if (!indentation || !token.entries.some(({ terminal }) => terminal === indentation.newline)) return -1;
    if (byte === NEWLINE) return 0;
    if (before < 0) return -1;
    const after = before + (byte === SPACE ? 1 : byte === TAB ? indentation.tabLength : 0);
    if (after > MAX_COLUMN) throw new LimitError('MAX_COLUMN', MAX_COLUMN, 'a line is indented too far');
    return after;
  }

  /** Whether a token is left out: newlines between brackets. */
  isDropped(terminal: number, { brackets }: Indent): boolean {
    return terminal === this.#grammar.indentation?.newline && brackets > 0;
  }

  /** Where the parser stands after a token and what the indenter puts behind it; undefined when that does not fit. */
  settle(
    parser: ConfigurationSet,
    terminal: number,
    indent: Indent,
    column: number,
  ): { readonly parser: ConfigurationSet; readonly indent: Indent } | undefined {
    const { indentation } = this.#grammar;
    if (!indentation) return { parser, indent };
    const { levels, brackets } = indent;
    if (terminal === indentation.newline) return this.#newLine(parser, levels, brackets, column);
    if (indentation.open.includes(terminal)) return { parser, indent: this.#indent(levels, brackets + 1) };
    if (!indentation.close.includes(terminal)) return { parser, indent };
    return brackets === 0 ? undefined : { parser, indent: this.#indent(levels, brackets - 1) };
  }

  /** Whether the text may end here: every level that is open is left. */
  canEnd(parser: ConfigurationSet, { levels }: Indent): boolean {
    let set: ConfigurationSet | null = parser;
    for (let level = 1; level < levels.length && set; level++)
      set = this.#contexts.after(set, this.#grammar.indentation!.dedent);
    return set?.accepting ?? false;
  }

  #newLine(parser: ConfigurationSet, before: readonly number[], brackets: number, column: number) {
    const { indent, dedent } = this.#grammar.indentation!;
    const levels = [...before];
    let set: ConfigurationSet | null = parser;
    if (column < 0) return undefined;
    if (column > levels[levels.length - 1]) {
      levels.push(column);
      set = this.#contexts.after(set, indent);
    } else
      while (set && column < levels[levels.length - 1]) {
        levels.pop();
        set = this.#contexts.after(set, dedent);
      }
    if (!set || column !== levels[levels.length - 1]) return undefined;
    return { parser: set, indent: this.#indent(levels, brackets) };
  }

  #indent(levels: readonly number[], brackets: number): Indent {
    const key = `${levels.join()};${brackets}`;
    let indent = this.#known.get(key);
    if (!indent) {
      indent = { id: this.#nextId(), levels, brackets };
      this.#known.set(key, indent);
    }
    return indent;
  }
}
