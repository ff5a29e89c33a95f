// String lexemes: the nodes that match the JSON spellings of a set of strings, quotes included.
// Languages over code points are finished here (length bounds folded in) and spelled out in bytes.
import {
  type AutomatonLimits,
  type Dfa,
  intersectDfa,
  isEmptyLanguage,
  jsonStringDfa,
  MAX_CODE_POINT,
  noted,
  repeatDfa,
  stringifiedDfa,
  symbolsDfa,
  unionOfAll,
} from '../../automata/index.js';
import { LimitError } from '../../errors.js';
import { choice, type GrammarBuilder, type Node, regular, repeat, sequence } from '../../grammar/index.js';
import { BoundedCache } from './bounded-cache.js';
import { countedStrings } from './counted-strings.js';
import { literalNode, literalStringsDfa, QUOTE } from './literals.js';
import type { StringClass, StringShape } from './shape.js';
import { countBounds, hasLength, repetitionOf, statesBelow, wordLengths } from './string-lengths.js';

/** Up to this lower bound an open-ended string is one automaton; beyond it a counter is smaller. */
const MAX_UNROLLED_MIN = 4;

/** Languages of more states than this are taken as JSON.stringify writes them; every spelling takes up to 35 times more. */
const MAX_FREELY_SPELLED = 256;

/** A run of one set of characters is one automaton up to this length; beyond it a counter is smaller. */
const MAX_UNROLLED = 64;

/** A language with length bounds is one automaton while states times length are at most this; beyond it a counter counts. */
const MAX_PRODUCT = 1_000;

const ANY_CHARACTER = symbolsDfa([[0, MAX_CODE_POINT]]);
const CHARACTER_SPELLINGS = jsonStringDfa(ANY_CHARACTER);
const openEnded: Dfa[] = [];
/** Kept as long as somebody keeps the language; the caches of patterns and formats do. */
const spelled = noted((language, limits: AutomatonLimits) => jsonStringDfa(language, limits));
const plainlySpelled = noted((language, limits: AutomatonLimits) => stringifiedDfa(language, limits));
/** Languages with length bounds, of each language the last few. */
const withLengths = noted(() => new BoundedCache<Dfa>(MAX_LENGTHS));
const MAX_LENGTHS = 4;

function isUnbounded(min: number, max: number): boolean {
  return min === 0 && max === Number.POSITIVE_INFINITY;
}

/** The spellings of all strings of at least `min` characters. */
function atLeast(min: number): Dfa {
  openEnded[min] ??= repeatDfa(CHARACTER_SPELLINGS, min, Number.POSITIVE_INFINITY);
  return openEnded[min];
}

/** Whether the language is spelled as JSON.stringify does throughout. */
function isLarge({ accept }: Dfa): boolean {
  return accept.length > MAX_FREELY_SPELLED;
}

export interface StringLimits extends AutomatonLimits {
  /** Most states of a pattern or format, length bounds counted in. */
  readonly maxStringStates: number;
}

/** Builds the lexemes of strings under one set of limits. */
export class StringLexemes {
  readonly #limits: StringLimits;

  constructor(limits: StringLimits) {
    this.#limits = limits;
  }

  /** False where the class, its length bounds counted in, has no string at all. */
  isInhabited(shape: StringClass): boolean {
    if (shape.language === undefined) return true;
    const { min, max, language } = shape;
    return hasLength(language, min, max) ?? !isEmptyLanguage(this.#finish(shape, language));
  }

  /** A node that matches every string of the union of `shapes`; its rules, if any, go to `builder`. */
  node(shapes: readonly StringShape[], builder: GrammarBuilder): Node {
    const single = shapes.length === 1 && shapes[0].kind === 'values' && shapes[0].values.length === 1;
    if (single) return literalNode((shapes[0] as { values: readonly string[] }).values[0]);
    const bodies: Node[] = [];
    const automata: Dfa[] = [];
    const languages: Dfa[] = [];
    const plainLanguages: Dfa[] = [];
    for (const shape of shapes) {
      if (shape.kind === 'values') automata.push(literalStringsDfa(shape.values));
      else if (shape.whole?.grammar)
        bodies.push(shape.whole.grammar.node((language) => this.#spell(language, true), builder));
      else if (shape.language) {
        if (hasLength(shape.language, shape.min, shape.max) === false) continue;
        const counted = this.#counted(shape, shape.language, builder);
        if (counted) bodies.push(counted);
        else {
          const language = this.#finish(shape, shape.language);
          (shape.plain || isLarge(language) ? plainLanguages : languages).push(language);
        }
      } else if (shape.max === Number.POSITIVE_INFINITY && shape.min <= MAX_UNROLLED_MIN) {
        automata.push(atLeast(shape.min));
      } else bodies.push(repeat(regular(CHARACTER_SPELLINGS), shape.min, shape.max));
    }
    automata.push(...this.#spellAll(languages, false), ...this.#spellAll(plainLanguages, true));
    if (automata.length > 0) bodies.push(regular(unionOfAll(automata, this.#limits)));
    return sequence(QUOTE, choice(...bodies), QUOTE);
  }

  /** The class with a counter for its lengths, where that is smaller than an automaton. */
  #counted({ min, max, plain }: StringClass, language: Dfa, builder: GrammarBuilder): Node | undefined {
    const { length } = language.accept;
    const repetition = length > MAX_UNROLLED || !isUnbounded(min, max) ? repetitionOf(language) : undefined;
    if (repetition) {
      const least = Math.max(min, repetition.min);
      const most = Math.min(max, repetition.max);
      if ((most === Number.POSITIVE_INFINITY ? least : most) <= MAX_UNROLLED) return undefined;
      return repeat(regular(this.#spell(symbolsDfa(repetition.set), plain)), least, most);
    }
    const { shortest, longest } = wordLengths(language);
    if (shortest[0] >= min && longest[0] <= max) return undefined;
    if (length * (max === Number.POSITIVE_INFINITY ? min : max) <= MAX_PRODUCT) return undefined;
    if (max === Number.POSITIVE_INFINITY && this.#hasSmallProduct(language, min, plain)) return undefined;
    const bounds = countBounds(language, min, max);
    const spell = (characters: Dfa) => this.#spell(characters, plain || length > MAX_FREELY_SPELLED);
    return bounds && countedStrings(language, bounds, min, max, spell, builder);
  }

  /** Whether few states are added for words that are still too short, and the product is spelled as the language is. */
  #hasSmallProduct(language: Dfa, min: number, plain: boolean): boolean {
    const { length } = language.accept;
    const isFree = !plain && length <= MAX_FREELY_SPELLED;
    const allowed = isFree ? MAX_FREELY_SPELLED : this.#limits.maxStringStates;
    const most = Math.min(MAX_PRODUCT, allowed - length);
    return statesBelow(language, min, most) <= most;
  }

  /** The spellings of languages, of all of them together where these are spelled as each of them is. */
  #spellAll(languages: readonly Dfa[], plain: boolean): readonly Dfa[] {
    if (languages.length > 1) {
      const all = unionOfAll(languages, this.#limits);
      if (plain || !isLarge(all)) return [this.#spell(all, plain)];
    }
    return languages.map((language) => this.#spell(language, plain));
  }

  #spell(language: Dfa, isPlain: boolean): Dfa {
    return isPlain || isLarge(language)
      ? plainlySpelled(language, this.#limits)
      : spelled(language, this.#limits);
  }

  #finish(shape: StringClass, language: Dfa): Dfa {
    const { min, max } = shape;
    const { shortest, longest } = wordLengths(language);
    if (shortest[0] >= min && longest[0] <= max) return language;
    const key = `${min},${max},${this.#limits.maxStringStates}`;
    return withLengths(language).get(key, () => this.#withLength(language, min, max));
  }

  #withLength(language: Dfa, min: number, max: number): Dfa {
    const maxStates = this.#limits.maxStringStates;
    try {
      return intersectDfa(language, repeatDfa(ANY_CHARACTER, min, max, { maxStates }), { maxStates });
    } catch (error) {
      if (!(error instanceof LimitError)) throw error;
      throw new LimitError(
        'maxStringStates',
        maxStates,
        'pattern or format together with minLength and maxLength needs too many automaton states',
      );
    }
  }
}
