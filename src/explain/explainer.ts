// Explains one compiled grammar: its rules in print, what is enforced, its size, and why it refuses a text.
// Works on the grammar in its author's own rules, compiled once more with the origins of its states; so the rules named are
// the author's, and matchers carry nothing of it.
import { Machine, type MachineOptions } from '../automata/index.js';
import { CompileError, EspalierError, LimitError, type TextPlace } from '../errors.js';
import { assertingKeywords } from '../frontends/json-schema/index.js';
import { type Grammar, prepareGrammar, printGrammar, tracedPda } from '../grammar/index.js';
import { Expectations, type Expected, expectedBytes, expectedText, type ReadingMachine } from './expected.js';
import { nameLexemes } from './name-lexemes.js';
import type { GrammarOrigin, SourceKind } from './origin.js';
import { picture, placeIn } from './place.js';
import { type RailroadOptions, railroad } from './railroad/railroad.js';

/** A keyword and where it stands. */
export interface ExplainedKeyword {
  readonly pointer: string;
  readonly keyword: string;
  readonly reason?: string;
}

/** What a grammar is, for people and programs. */
export interface GrammarExplanation {
  readonly source: SourceKind;
  /** The grammar in print, as `toString()` gives it. */
  readonly grammar: string;
  readonly hash: string;
  /** Of a schema: the keywords that restrict the output, by JSON pointer. */
  readonly enforced: readonly ExplainedKeyword[];
  /** Keywords that restrict nothing by the specification though people may expect it. */
  readonly annotations: readonly ExplainedKeyword[];
  /** With `lenient`: what could not be enforced. */
  readonly unenforced: readonly ExplainedKeyword[];
  readonly automaton: {
    readonly states: number;
    readonly edges: number;
    /** Bytes of the GrammarImage. */
    readonly imageBytes: number;
    /** Milliseconds that compiling took, the first time; undefined for a stored image. */
    readonly compileMs: number | undefined;
  };
}

/** What a grammar says of a text. */
export type TextExplanation =
  | { readonly verdict: 'accepted'; readonly message: string }
  | {
      /** `refused`: no sentence begins so. `incomplete`: the text ends too soon. */
      readonly verdict: 'refused' | 'incomplete';
      /** Everything below, in two or three lines. */
      readonly message: string;
      readonly place: TextPlace;
      /** The character that is refused; empty at the end of the text. */
      readonly found: string;
      /** The part of the line around the place, and how many of its characters stand before it. */
      readonly excerpt: string;
      readonly caret: number;
      readonly expected: Expected;
    };

/** What is known of a compiled grammar. */
export interface Explained {
  readonly hash: string;
  readonly imageBytes: number;
  readonly size: { readonly states: number; readonly edges: number };
  /** The compiled grammar in motion. */
  readonly machine: ReadingMachine<{ readonly accepting: boolean }>;
  readonly machineOptions: MachineOptions;
  readonly origin: GrammarOrigin | undefined;
  readonly annotations: readonly ExplainedKeyword[];
  readonly unenforced: readonly ExplainedKeyword[];
  readonly compileMs: number | undefined;
}

const encoder = new TextEncoder();

export class Explainer {
  readonly #of: Explained;
  #grammar: Grammar | undefined;
  #named: Grammar | undefined;
  /** Null where there is none to be had. */
  #tracing: Tracing | null | undefined;

  constructor(of: Explained) {
    this.#of = of;
  }

  /** The grammar in print. */
  print(): string {
    const text = this.#of.origin?.text;
    if (text !== undefined) return text;
    const grammar = this.#readable();
    return grammar
      ? printGrammar(grammar)
      : `# an automaton of ${this.#of.size.states} states; its source is not known\n`;
  }

  explain(): GrammarExplanation {
    const { hash, imageBytes, size, origin, annotations, unenforced, compileMs } = this.#of;
    const left = new Set(unenforced.map(({ pointer }) => pointer));
    const noted = new Set(annotations.map(({ pointer }) => pointer));
    const keywords = origin?.kind === 'schema' ? assertingKeywords(origin.schema) : [];
    return {
      source: origin?.kind ?? 'image',
      grammar: this.print(),
      hash,
      enforced: keywords.filter(({ pointer }) => !left.has(pointer) && !noted.has(pointer)),
      annotations,
      unenforced,
      automaton: { ...size, imageBytes, compileMs },
    };
  }

  /**
   * Whether the text is a sentence, and if not, where and why.
   * @throws LimitError `maxConfigurations` when the grammar is too ambiguous for the text
   */
  text(text: string | Uint8Array): TextExplanation {
    const bytes = typeof text === 'string' ? encoder.encode(text) : text;
    const traced = this.#traced();
    if (traced) {
      const { machine, expectations } = traced;
      try {
        return judge(bytes, machine, (set) => expectations.at(set));
      } catch (error) {
        // Unmerged rules are more ambiguous than the compiled grammar: what is too much for them may not be for it.
        if (!(error instanceof LimitError)) throw error;
      }
    }
    const { machine } = this.#of;
    return judge(bytes, machine, (state) => expectedBytes(machine, state));
  }

  /**
   * Railroad diagrams of the rules, as one SVG image or an HTML page.
   * @throws CompileError `invalid_image` when only the image is known; LimitError `maxElements`
   */
  railroad(options: RailroadOptions): string {
    if (this.#of.origin?.isBytes === false)
      throw new CompileError(
        'unsupported_keyword',
        'there are no railroad diagrams of a grammar with a lexer; compile it with lexer: "dynamic_complete" for those of its rules',
      );
    const grammar = this.#readable();
    if (!grammar)
      throw new CompileError(
        'invalid_image',
        'the rules of a stored image are not known; compile the grammar from its source',
      );
    return railroad(grammar, options);
  }

  /** The grammar in its author's rules, what comes again under a name; undefined of a stored image. */
  #readable(): Grammar | undefined {
    const source = this.#source();
    if (source) this.#named ??= nameLexemes(source);
    return this.#named;
  }

  #source(): Grammar | undefined {
    this.#grammar ??= this.#of.origin?.grammar();
    return this.#grammar;
  }

  /** Undefined of a stored image, and where unmerged rules reach a limit that the compiled grammar stays below. */
  #traced(): Tracing | undefined {
    this.#tracing ??= this.#trace() ?? null;
    return this.#tracing ?? undefined;
  }

  #trace(): Tracing | undefined {
    const { origin, machineOptions } = this.#of;
    if (!origin?.isBytes) return undefined;
    try {
      const grammar = prepareGrammar(this.#source() ?? origin.grammar(), origin.limits);
      const { pda, origins } = tracedPda(grammar, origin.limits);
      const machine = new Machine(pda, machineOptions);
      return { machine, expectations: new Expectations(machine, origins, grammar) };
    } catch (error) {
      if (error instanceof EspalierError) return undefined;
      throw error;
    }
  }
}

/** The grammar in its author's rules, in motion, and what may follow in it. */
interface Tracing {
  readonly machine: Machine;
  readonly expectations: Expectations;
}

function judge<S extends { readonly accepting: boolean }>(
  bytes: Uint8Array,
  machine: ReadingMachine<S>,
  expectedAt: (state: S) => Expected,
): TextExplanation {
  let state = machine.start;
  for (let at = 0; at < bytes.length; at++) {
    const next = machine.step(state, bytes[at]);
    if (next === null) return refusal('refused', bytes, at, expectedAt(state));
    state = next;
  }
  return state.accepting
    ? { verdict: 'accepted', message: 'accepted' }
    : refusal('incomplete', bytes, bytes.length, expectedAt(state));
}

function refusal(
  verdict: 'refused' | 'incomplete',
  bytes: Uint8Array,
  offset: number,
  expected: Expected,
): TextExplanation {
  const { place, found, excerpt, caret } = placeIn(bytes, offset);
  const where = `${verdict} at line ${place.line}, column ${place.column} (byte ${place.offset})`;
  const what = found === '' ? 'the end of the text' : `'${picture(found)}'`;
  const message = [
    `${where}: found ${what}, expected ${expectedText(expected)}`,
    `  ${excerpt}`,
    `  ${' '.repeat(caret)}^`,
    ...rulesText(expected.rules),
  ].join('\n');
  return { verdict, message, place, found, excerpt, caret, expected };
}

/** Rules that a message names, and characters of a name. */
const MAX_RULES_SHOWN = 6;
const MAX_NAME = 72;

function rulesText(rules: Expected['rules']): string[] {
  if (rules.length === 0) return [];
  const shown = rules.slice(0, MAX_RULES_SHOWN).map(({ name, source }) => {
    const short = name.length > MAX_NAME ? `…${name.slice(1 - MAX_NAME)}` : name;
    return source?.line === undefined ? short : `${short} (line ${source.line})`;
  });
  return [`  in ${shown.join(', in ')}${rules.length > MAX_RULES_SHOWN ? ' …' : ''}`];
}
