// Sets of property names, as automata over code points, and the partition of all names into disjoint classes that
// patternProperties, propertyNames and additionalProperties make.
import {
  type AutomatonLimits,
  acceptsText,
  complementDfa,
  type Dfa,
  dfaKey,
  differenceDfa,
  intersectDfa,
  isEmptyLanguage,
  isFiniteLanguage,
  literalsDfa,
  MAX_CODE_POINT,
  noted,
  starDfa,
  symbolsDfa,
  unionOfAll,
} from '../../automata/index.js';
import { LimitError } from '../../errors.js';
import { BoundedCache } from './bounded-cache.js';
import { codePoints } from './shape.js';
import type { Term, TermTable } from './terms.js';

/** The properties whose names are in `keys` satisfy `term`. */
export interface KeyClass {
  readonly keys: Dfa;
  readonly term: Term;
}

/** Disjoint classes of names, and the term of all other names. */
export interface KeyClasses {
  readonly patterns: readonly KeyClass[];
  readonly additional: Term;
}

export interface KeyLimits extends AutomatonLimits {
  /** Most disjoint classes of names in one object. */
  readonly maxKeyClasses: number;
}

export const EVERY_KEY: Dfa = starDfa(symbolsDfa([[0, MAX_CODE_POINT]]));
/** Names that can be written: no lone surrogates. */
const WRITABLE: Dfa = starDfa(
  symbolsDfa([
    [0, 0xd7ff],
    [0xe000, MAX_CODE_POINT],
  ]),
);

export function keysDfa(names: Iterable<string>): Dfa {
  return literalsDfa(Array.from(names, codePoints));
}

const declared = new WeakMap<ReadonlyMap<string, unknown>, Dfa>();

/** The names that are keys of a map which does not change any more. */
export function declaredKeys(properties: ReadonlyMap<string, unknown>): Dfa {
  let keys = declared.get(properties);
  if (!keys) {
    keys = keysDfa(properties.keys());
    declared.set(properties, keys);
  }
  return keys;
}

/** Whether `keys` has a name that is not one of the map's. */
export function hasOtherKey(
  keys: Dfa,
  properties: ReadonlyMap<string, unknown>,
  limits: AutomatonLimits,
): boolean {
  if (isEmptyLanguage(keys)) return false;
  return !isFiniteLanguage(keys) || !isEmptyLanguage(subtract(keys, declaredKeys(properties), limits));
}

export function hasKey(keys: Dfa, name: string): boolean {
  return acceptsText(keys, name);
}

/** The term of a name that is not declared. */
export function termOfKey({ patterns, additional }: KeyClasses, name: string): Term {
  for (const { keys, term } of patterns) if (acceptsText(keys, name)) return term;
  return additional;
}

/** Both partitions refined by each other. @throws LimitError `maxKeyClasses`, `maxStates` */
export function meetKeyClasses(
  a: KeyClasses,
  b: KeyClasses,
  terms: TermTable,
  limits: KeyLimits,
): KeyClasses {
  const additional = terms.meet(a.additional, b.additional);
  if (a.patterns.length + b.patterns.length === 0) return { patterns: [], additional };
  const found = commonClasses(a, b, terms, limits).filter(({ term }) => term !== additional);
  return { patterns: joinByTerm(found, limits), additional };
}

/** The classes of names that either has, each in one class of both. */
function commonClasses(a: KeyClasses, b: KeyClasses, terms: TermTable, limits: KeyLimits): KeyClass[] {
  const found: KeyClass[] = [];
  for (const one of a.patterns) {
    let rest = one.keys;
    for (const other of b.patterns) {
      if (isEmptyLanguage(rest)) break;
      const both = meet(rest, other.keys, limits);
      if (isEmptyLanguage(both)) continue;
      found.push({ keys: both, term: terms.meet(one.term, other.term) });
      rest = subtract(rest, other.keys, limits);
    }
    if (!isEmptyLanguage(rest)) found.push({ keys: rest, term: terms.meet(one.term, b.additional) });
  }
  for (const other of b.patterns) {
    let rest = other.keys;
    for (const one of a.patterns)
      if (!isEmptyLanguage(meet(one.keys, rest, limits))) rest = subtract(rest, one.keys, limits);
    if (!isEmptyLanguage(rest)) found.push({ keys: rest, term: terms.meet(a.additional, other.term) });
  }
  return found;
}

/**
 * The partition that patterns make, which may overlap, and the term of the names that match none.
 * @throws LimitError `maxKeyClasses`, `maxStates`
 */
export function partitionOf(
  patterns: readonly KeyClass[],
  additional: Term,
  terms: TermTable,
  limits: KeyLimits,
): KeyClasses {
  let classes: readonly KeyClass[] = [];
  for (const pattern of joinByTerm(patterns, limits)) {
    const known = { patterns: classes, additional: terms.any };
    const next = { patterns: [pattern], additional: terms.any };
    classes = joinByTerm(commonClasses(known, next, terms, limits), limits);
  }
  return { patterns: classes.filter(({ term }) => term !== additional), additional };
}

/** One class for each term. */
function joinByTerm(classes: readonly KeyClass[], limits: KeyLimits): readonly KeyClass[] {
  if (classes.length < 2) return classes;
  const byTerm = new Map<Term, Dfa[]>();
  for (const { keys, term } of classes) {
    const known = byTerm.get(term);
    if (known) known.push(keys);
    else byTerm.set(term, [keys]);
  }
  if (byTerm.size > limits.maxKeyClasses) {
    throw new LimitError(
      'maxKeyClasses',
      limits.maxKeyClasses,
      'patternProperties overlap in too many combinations',
    );
  }
  return [...byTerm].map(([term, keys]) => ({ keys: unionOfAll(keys, limits), term }));
}

/** What two automata give together, kept as long as both: the same few sets of names meet again and again. */
function remembered(operation: (a: Dfa, b: Dfa, limits: AutomatonLimits) => Dfa): typeof operation {
  const met = noted(() => new WeakMap<Dfa, Dfa>());
  return (a, b, limits) => {
    const known = met(a);
    let result = known.get(b);
    if (!result) known.set(b, (result = operation(a, b, limits)));
    return result;
  };
}

const intersection = remembered(intersectDfa);
const difference = remembered(differenceDfa);
const complement = noted((keys, limits: AutomatonLimits) => complementDfa(keys, MAX_CODE_POINT, limits));
const writable = noted((keys, limits: AutomatonLimits) => intersectDfa(keys, WRITABLE, limits));
const writableOutside = noted((keys, limits: AutomatonLimits) => differenceDfa(WRITABLE, keys, limits));

export function meet(a: Dfa, b: Dfa, limits: AutomatonLimits): Dfa {
  return a === EVERY_KEY ? b : b === EVERY_KEY ? a : intersection(a, b, limits);
}

export function subtract(a: Dfa, b: Dfa, limits: AutomatonLimits): Dfa {
  return a === EVERY_KEY ? complement(b, limits) : difference(a, b, limits);
}

/** The names that can be written and are in no class and not listed. */
export function otherKeys(
  patterns: readonly KeyClass[],
  listed: ReadonlySet<string>,
  limits: AutomatonLimits,
): Dfa {
  const taken = patterns.map(({ keys }) => keys);
  return without(writableOutside(unionOfAll(taken, limits), limits), listed, limits);
}

/** The names of a class that can be written and are not listed. */
export function unlistedKeys(keys: Dfa, listed: ReadonlySet<string>, limits: AutomatonLimits): Dfa {
  return without(writable(keys, limits), listed, limits);
}

/** Lists of names of which a set without them is kept. */
const MAX_LEFT = 64;

/** By the names as one text, what is left of a set without them: objects of one document often list the same. */
const left = noted(() => new BoundedCache<Dfa>(MAX_LEFT));

function without(keys: Dfa, listed: ReadonlySet<string>, limits: AutomatonLimits): Dfa {
  const inside: string[] = [];
  for (const name of listed) if (hasKey(keys, name)) inside.push(name);
  if (inside.length === 0) return keys;
  const key = JSON.stringify(inside.sort());
  return left(keys).get(key, () => differenceDfa(keys, keysDfa(inside), limits));
}

/** All names of a finite set, if they are at most `limit`; undefined otherwise. */
export function fewKeys(keys: Dfa, limit: number): readonly string[] | undefined {
  if (!isFiniteLanguage(keys)) return undefined;
  const found: string[] = [];
  const pending: { readonly state: number; readonly text: string }[] = [{ state: 0, text: '' }];
  for (let at = pending.pop(); at; at = pending.pop()) {
    if (keys.accept[at.state]) found.push(at.text);
    for (const { lo, hi, to } of keys.edges[at.state]) {
      if (hi - lo >= limit) return undefined;
      for (let symbol = lo; symbol <= hi; symbol++)
        pending.push({ state: to, text: at.text + String.fromCodePoint(symbol) });
    }
    if (found.length + pending.length > 2 * limit) return undefined;
  }
  return found.length > limit ? undefined : found.sort();
}

export function keyClassesKey(patterns: readonly KeyClass[]): string {
  return patterns
    .map(({ keys, term }) => `${term.id}:${dfaKey(keys)}`)
    .sort()
    .join('|');
}
