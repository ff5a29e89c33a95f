// String lexemes: the nodes that match the JSON spellings of a set of strings, quotes included.
// Languages over code points are finished here (length bounds folded in) and spelled out in bytes.
import {
  type AutomatonLimits,
  concatDfa,
  type Dfa,
  intersectDfa,
  isEmptyLanguage,
  jsonStringDfa,
  literalDfa,
  MAX_CODE_POINT,
  repeatDfa,
  symbolsDfa,
  unionDfa,
} from '../../automata/index.js';
import { bytes, choice, type Node, regular, repeat, sequence } from '../../grammar/index.js';
import { literalNode, literalStringsDfa } from './literals.js';
import type { StringClass, StringShape } from './shape.js';

/** Up to this lower bound an open-ended string is one automaton; beyond it a counter is smaller. */
const MAX_UNROLLED_MIN = 4;

const QUOTE = literalDfa([0x22]);
const QUOTE_BYTES = bytes('"');
const ANY_CHARACTER = symbolsDfa([[0, MAX_CODE_POINT]]);

/** Builds the lexemes of strings under one set of limits. */
export class StringLexemes {
  readonly #limits: AutomatonLimits;
  readonly #finished = new Map<StringClass, Dfa>();
  #character: Node | undefined;

  constructor(limits: AutomatonLimits) {
    this.#limits = limits;
  }

  /** The spellings of the strings of a language over code points, quotes included. */
  quoted(language: Dfa): Dfa {
    return concatDfa(concatDfa(QUOTE, jsonStringDfa(language, this.#limits)), QUOTE, this.#limits);
  }

  /** False where the class, its length bounds counted in, has no string at all. */
  isInhabited(shape: StringClass): boolean {
    return shape.language === undefined || !isEmptyLanguage(this.#finish(shape, shape.language));
  }

  /** A node that matches every string of the union of `shapes`. */
  node(shapes: readonly StringShape[]): Node {
    const single = shapes.length === 1 && shapes[0].kind === 'values' && shapes[0].values.length === 1;
    if (single) return literalNode((shapes[0] as { values: readonly string[] }).values[0]);
    const counted: Node[] = [];
    const automata: Dfa[] = [];
    for (const shape of shapes) {
      if (shape.kind === 'values') automata.push(literalStringsDfa(shape.values));
      else if (shape.language) automata.push(this.quoted(this.#finish(shape, shape.language)));
      else if (shape.max === Number.POSITIVE_INFINITY && shape.min <= MAX_UNROLLED_MIN) {
        automata.push(this.quoted(repeatDfa(ANY_CHARACTER, shape.min, shape.max)));
      } else counted.push(this.#counted(shape));
    }
    if (automata.length > 0) counted.push(regular(automata.reduce((a, b) => unionDfa(a, b))));
    return choice(...counted);
  }

  #counted({ min, max }: StringClass): Node {
    this.#character ??= regular(jsonStringDfa(ANY_CHARACTER));
    return sequence(QUOTE_BYTES, repeat(this.#character, min, max), QUOTE_BYTES);
  }

  #finish(shape: StringClass, language: Dfa): Dfa {
    const { min, max } = shape;
    if (min === 0 && max === Number.POSITIVE_INFINITY) return language;
    let finished = this.#finished.get(shape);
    if (!finished) {
      finished = intersectDfa(language, repeatDfa(ANY_CHARACTER, min, max, this.#limits), this.#limits);
      this.#finished.set(shape, finished);
    }
    return finished;
  }
}
