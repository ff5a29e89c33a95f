// What may come next at a place: the bytes, the literals, the lexemes, and the rules that are being read there.
import type { ConfigurationSet, Dfa, Machine } from '../automata/index.js';
import type { SourceLocation } from '../errors.js';
import {
  classText,
  type Grammar,
  lexemeText,
  printNode,
  printTokens,
  ruleNames,
  type StateOrigins,
  type TokenSet,
} from '../grammar/index.js';
import { isWhiteSpace } from './name-lexemes.js';
import { wordsFrom } from './words.js';

/** A literal that may follow. */
export interface ExpectedLiteral {
  /** What is still to be read of it. */
  readonly text: string;
  /** The whole literal, when its beginning has been read. */
  readonly of?: string;
}

/** A rule of the grammar, as its author named it. */
export interface ActiveRule {
  readonly name: string;
  /** JSON pointer, or line and column, where the front end knows it. */
  readonly source?: SourceLocation;
}

export interface Expected {
  /** The bytes that may come next, as a class such as `[ "a-z]`. */
  readonly bytes: string;
  /** Texts that may follow, of lexemes that have few. */
  readonly literals: readonly ExpectedLiteral[];
  /** Other lexemes that may begin or go on here, as regular expressions where they are short, else by their rule. */
  readonly lexemes: readonly string[];
  /** Special tokens that may follow, as the grammar names them. */
  readonly tokens: readonly string[];
  /** The text may end here. */
  readonly end: boolean;
  /** The rules that are being read, innermost first. */
  readonly rules: readonly ActiveRule[];
}

/** Rules looked for up the stack. */
const MAX_RULES = 12;
const MAX_LITERALS = 24;

/** A grammar in motion, as far as it is asked here. */
export interface ReadingMachine<S extends { readonly accepting: boolean }> {
  readonly pda: { readonly tokenSets: readonly TokenSet[] };
  readonly start: S;
  step(from: S, byte: number): S | null;
  tokenSets(from: S): ReadonlySet<number>;
}

/** What any machine can tell: bytes, tokens, and whether the text may end. */
export function expectedBytes<S extends { readonly accepting: boolean }>(
  machine: ReadingMachine<S>,
  state: S,
): Expected {
  const intervals: [number, number][] = [];
  for (let byte = 0; byte < 256; byte++) {
    if (machine.step(state, byte) === null) continue;
    const last = intervals[intervals.length - 1];
    if (last?.[1] === byte - 1) last[1] = byte;
    else intervals.push([byte, byte]);
  }
  return {
    bytes: intervals.length === 0 ? '' : classText(intervals, 0xff),
    literals: [],
    lexemes: [],
    tokens: [...machine.tokenSets(state)].map((id) => printTokens(machine.pda.tokenSets[id])),
    end: state.accepting,
    rules: [],
  };
}

/** Tells what may follow where it is known what states are for: literals, lexemes and rules too. */
export class Expectations {
  readonly #machine: Machine;
  readonly #origins: StateOrigins;
  readonly #grammar: Grammar;
  readonly #names: readonly string[];

  constructor(machine: Machine, origins: StateOrigins, grammar: Grammar) {
    this.#machine = machine;
    this.#origins = origins;
    this.#grammar = grammar;
    this.#names = ruleNames(grammar);
  }

  at(set: ConfigurationSet): Expected {
    const literals = new Map<string, ExpectedLiteral>();
    const lexemes = new Set<string>();
    for (const state of set.states) this.#terminal(state, set, literals, lexemes);
    return {
      ...expectedBytes(this.#machine, set),
      literals: [...literals.values()].slice(0, MAX_LITERALS),
      lexemes: [...lexemes],
      rules: this.#rules(set),
    };
  }

  #terminal(
    state: number,
    set: ConfigurationSet,
    literals: Map<string, ExpectedLiteral>,
    lexemes: Set<string>,
  ): void {
    const place = this.#origins.terminals[state];
    if (!place) return;
    const { terminal, at } = place;
    const words = wordsFrom(terminal, at);
    if (words) {
      for (const text of words)
        if (text !== '' && this.#canRead(set, text)) {
          const whole = at === 0 ? [] : (wordsFrom(terminal, 0) ?? []).filter((word) => word.endsWith(text));
          literals.set(text, whole.length === 1 ? { text, of: whole[0] } : { text });
        }
    } else if ('edges' in terminal) {
      const said = this.#lexeme(terminal, state);
      lexemes.add(at === 0 || said === 'white space' ? said : `the rest of ${said}`);
    }
  }

  #lexeme(dfa: Dfa, state: number): string {
    if (isWhiteSpace(dfa)) return 'white space';
    if (lexemeText(dfa) !== undefined) return printNode({ kind: 'regular', dfa }, []);
    const rule = this.#origins.rules[state];
    return rule === undefined ? `a lexeme of ${dfa.edges.length} states` : this.#names[rule];
  }

  #canRead(set: ConfigurationSet, text: string): boolean {
    let at: ConfigurationSet | null = set;
    for (const byte of new TextEncoder().encode(text)) {
      at = this.#machine.step(at, byte);
      if (at === null) return false;
    }
    return true;
  }

  /** Breadth first: the rules of the states, then those that the frames return to. */
  #rules(set: ConfigurationSet): ActiveRule[] {
    const found = new Set<number>();
    const add = (state: number) => {
      const rule = this.#origins.rules[state];
      if (rule !== undefined) found.add(rule);
    };
    for (const state of set.states) add(state);
    let stacks = new Set(set.configurations.map(({ stack }) => stack));
    for (let depth = 0; stacks.size > 0 && depth < 4 * MAX_RULES && found.size < MAX_RULES; depth++) {
      const frames = [...stacks].flatMap((stack) => stack.frames);
      for (const { returnTo } of frames) add(returnTo);
      stacks = new Set(frames.map(({ parents }) => parents));
    }
    return [...found].slice(0, MAX_RULES).map((rule) => {
      const source = this.#grammar.rules[rule].source;
      return source ? { name: this.#names[rule], source } : { name: this.#names[rule] };
    });
  }
}

/** What may follow in a few words: `"name"` or white space. */
export function expectedText({ literals, lexemes, tokens, bytes, end }: Expected): string {
  const parts = [
    ...literals.map(({ text, of }) => (of === undefined ? code(text) : `${code(text)} (of ${code(of)})`)),
    ...lexemes,
    ...tokens,
    ...(end ? ['the end of the text'] : []),
  ];
  if (parts.length === 0) return bytes === '' ? 'nothing' : `a byte of ${bytes}`;
  return parts.length === 1 ? parts[0] : `${parts.slice(0, -1).join(', ')} or ${parts[parts.length - 1]}`;
}

function code(text: string): string {
  return `\`${text.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1))}\``;
}
