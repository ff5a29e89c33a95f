// Explains one compiled grammar: its rules in print, what is enforced, its size, and why it refuses a text.
// Works on the grammar in its author's own rules, compiled once more with the origins of its states; so the rules named are
// the author's, and matchers carry nothing of it.
import {
  type ConfigurationSet,
  EDGE_WORDS,
  Machine,
  type MachineOptions,
  openPda,
} from '../automata/index.js';
import { CompileError, EspalierError, type TextPlace } from '../errors.js';
import { assertingKeywords } from '../frontends/json-schema/index.js';
import { type Grammar, prepareGrammar, printGrammar, tracedPda } from '../grammar/index.js';
import { Expectations, type Expected, expectedText } from './expected.js';
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
  readonly image: Uint8Array;
  readonly hash: string;
  readonly machineOptions: MachineOptions;
  readonly origin: GrammarOrigin | undefined;
  readonly annotations: readonly ExplainedKeyword[];
  readonly unenforced: readonly ExplainedKeyword[];
  readonly compileMs: number | undefined;
}

const encoder = new TextEncoder();

export class Explainer {
  readonly #of: Explained;
  #tracing: { readonly machine: Machine; readonly expectations: Expectations } | undefined;

  constructor(of: Explained) {
    this.#of = of;
  }

  /** The grammar in print. */
  print(): string {
    const grammar = this.#readable();
    return grammar
      ? printGrammar(grammar)
      : `# an automaton of ${openPda(this.#of.image).stateCount} states; its source is not known\n`;
  }

  explain(): GrammarExplanation {
    const { image, hash, origin, annotations, unenforced, compileMs } = this.#of;
    const { stateCount, edges } = openPda(image);
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
      automaton: {
        states: stateCount,
        edges: edges.length / EDGE_WORDS,
        imageBytes: image.byteLength,
        compileMs,
      },
    };
  }

  /**
   * Whether the text is a sentence, and if not, where and why.
   * @throws LimitError `maxConfigurations` when the grammar is too ambiguous for the text
   */
  text(text: string | Uint8Array): TextExplanation {
    const { machine, expectations } = this.#traced();
    const bytes = typeof text === 'string' ? encoder.encode(text) : text;
    let set: ConfigurationSet = machine.start;
    for (let at = 0; at < bytes.length; at++) {
      const next = machine.step(set, bytes[at]);
      if (next === null) return refusal('refused', bytes, at, expectations.at(set));
      set = next;
    }
    return set.accepting
      ? { verdict: 'accepted', message: 'accepted' }
      : refusal('incomplete', bytes, bytes.length, expectations.at(set));
  }

  /**
   * Railroad diagrams of the rules, as one SVG image or an HTML page.
   * @throws CompileError `invalid_image` when only the image is known; LimitError `maxElements`
   */
  railroad(options: RailroadOptions): string {
    const grammar = this.#readable();
    if (!grammar)
      throw new CompileError(
        'invalid_image',
        'the rules of a stored image are not known; compile the grammar from its source',
      );
    return railroad(grammar, options);
  }

  /** The grammar in its author's rules; undefined of a stored image. */
  #readable(): Grammar | undefined {
    const grammar = this.#of.origin?.grammar();
    return grammar && nameLexemes(grammar);
  }

  #traced(): { readonly machine: Machine; readonly expectations: Expectations } {
    this.#tracing ??= this.#trace() ?? this.#plain();
    return this.#tracing;
  }

  #trace() {
    const { origin, machineOptions } = this.#of;
    if (!origin) return undefined;
    try {
      const grammar = prepareGrammar(origin.grammar(), origin.limits);
      const { pda, origins } = tracedPda(grammar, origin.limits);
      const machine = new Machine(pda, machineOptions);
      return { machine, expectations: new Expectations(machine, { origins, grammar }) };
    } catch (error) {
      // Unmerged rules can reach a limit that the compiled grammar stays below: then only bytes are told.
      if (error instanceof EspalierError) return undefined;
      throw error;
    }
  }

  #plain() {
    const machine = new Machine(openPda(this.#of.image), this.#of.machineOptions);
    return { machine, expectations: new Expectations(machine) };
  }
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
    ...(expected.rules.length > 0 ? [`  in ${expected.rules.map(ruleText).join(', in ')}`] : []),
  ].join('\n');
  return { verdict, message, place, found, excerpt, caret, expected };
}

function ruleText({ name, source }: Expected['rules'][number]): string {
  return source?.line === undefined ? name : `${name} (line ${source.line})`;
}
