// What the objects of a shape are made of, ready to be written: the listed properties, the classes of other names, and
// for each what its value may be with the `some` constraints that it meets. Read by emptiness.ts and the lowering.
import { type Dfa, intersectDfa, isEmptyLanguage } from '../../automata/index.js';
import { LimitError } from '../../errors.js';
import { fewKeys, hasKey, type KeyLimits, otherKeys, subtract, unlistedKeys } from './key-sets.js';
import { propertyTerm } from './objects.js';
import { type Clause, simplifyPresence } from './presence.js';
import type { ObjectShape, SomeProperty } from './shape.js';
import type { Term, TermTable } from './terms.js';

/** A value that a property may have, and the bits of the `some` constraints that it then meets. */
export interface Choice {
  readonly term: Term;
  readonly claims: number;
}
export interface Member {
  readonly name: string;
  readonly required: boolean;
  readonly choices: readonly Choice[];
}
export interface Rest {
  /** Undefined: every name that is not listed. */
  readonly keys: Dfa | undefined;
  readonly choices: readonly Choice[];
}

export interface ObjectPlan {
  /** The listed properties, in the order of the schema. */
  readonly members: readonly Member[];
  readonly rest: readonly Rest[];
  /** The names of all listed properties, those without a value too: no name of `rest`. */
  readonly listed: ReadonlySet<string>;
  readonly clauses: readonly Clause[];
  /** Number of `some` constraints. */
  readonly claims: number;
  readonly min: number;
  readonly max: number;
  /** Number of required properties. */
  readonly required: number;
}

/** A finite class of at most so many names becomes listed properties. */
const MAX_ENUMERATED = 1_000;
/** Above this many constraints, the sets of those that are met are too many. */
const MAX_SOME = 4;

const NONE: readonly Rest[] = [];

export class ObjectPlans {
  readonly #terms: TermTable;
  readonly #limits: KeyLimits;
  readonly #plans = new Map<ObjectShape, ObjectPlan>();

  constructor(terms: TermTable, limits: KeyLimits) {
    this.#terms = terms;
    this.#limits = limits;
  }

  /** @throws LimitError `MAX_SOME`, `maxStates` */
  of(shape: ObjectShape): ObjectPlan {
    let plan = this.#plans.get(shape);
    if (!plan) {
      plan = this.#make(shape);
      this.#plans.set(shape, plan);
    }
    return plan;
  }

  #make(shape: ObjectShape): ObjectPlan {
    const { some } = shape;
    if (some.length > MAX_SOME) {
      throw new LimitError(
        'MAX_SOME',
        MAX_SOME,
        'too many rules of the kind "some property …" meet in one object; they come from not, oneOf or if',
      );
    }
    const listed = new Set(shape.properties.keys());
    for (const name of shape.required) listed.add(name);
    for (const { literals } of shape.clauses) for (const { name } of literals) listed.add(name);
    const classes = this.#classes(shape, listed);
    const rest: Rest[] = [];
    for (const part of classes) if (!this.#enumerates(part, listed)) rest.push(part);
    const members: Member[] = [];
    for (const name of listed) {
      const term = propertyTerm(shape, name);
      if (term.impossible) continue;
      const required = shape.required.has(name);
      const choices = some.length === 0 ? [{ term, claims: 0 }] : this.#choicesOf(name, term, some);
      members.push({ name, required, choices });
    }
    const { clauses, min, max, required } = shape;
    return { members, rest, listed, clauses, claims: some.length, min, max, required: required.size };
  }

  #choicesOf(name: string, term: Term, some: readonly SomeProperty[]): Choice[] {
    const met: boolean[] = [];
    for (const { keys } of some) met.push(hasKey(keys, name));
    return this.#choices(term, some, met);
  }

  /** The classes of names that are not listed, each wholly inside or outside of every `some` constraint. */
  #classes(shape: ObjectShape, listed: ReadonlySet<string>): readonly Rest[] {
    const { patterns, additional, some } = shape;
    if (patterns.length + some.length === 0)
      return additional.impossible ? NONE : [{ keys: undefined, choices: [{ term: additional, claims: 0 }] }];
    let classes: NameClass[] = [];
    for (const { keys, term } of patterns) {
      if (!term.impossible) classes.push({ keys: unlistedKeys(keys, listed, this.#limits), term, met: [] });
    }
    if (!additional.impossible) {
      classes.push({ keys: otherKeys(patterns, listed, this.#limits), term: additional, met: [] });
    }
    for (const { keys } of some) classes = dividedBy(keys, classes, this.#limits);
    const rest: Rest[] = [];
    for (const { keys, term, met } of classes)
      if (!isEmptyLanguage(keys)) rest.push({ keys, choices: this.#choices(term, some, met) });
    return rest;
  }

  /** Lists the names of a small finite class; false where there are too many. */
  #enumerates({ keys }: Rest, listed: Set<string>): boolean {
    const names = keys && fewKeys(keys, MAX_ENUMERATED);
    if (!names) return false;
    for (const name of names) listed.add(name);
    return true;
  }

  #choices(term: Term, some: readonly SomeProperty[], met: readonly boolean[]): Choice[] {
    let choices: Choice[] = [{ term, claims: 0 }];
    for (let index = 0; index < some.length; index++) {
      if (!met[index]) continue;
      const told: Choice[] = [];
      for (const choice of choices) {
        const both = this.#terms.meet(choice.term, some[index].term);
        if (both !== choice.term || both.impossible) told.push(choice);
        if (!both.impossible) told.push({ term: both, claims: choice.claims | (1 << index) });
      }
      choices = told;
    }
    return choices;
  }
}

/** A class of names, and of each `some` constraint whether they are among its names. */
interface NameClass {
  readonly keys: Dfa;
  readonly term: Term;
  readonly met: readonly boolean[];
}

/** Each class as the names that are in a set and those that are not. */
function dividedBy(set: Dfa, classes: readonly NameClass[], limits: KeyLimits): NameClass[] {
  const divided: NameClass[] = [];
  for (const { keys, term, met } of classes)
    divided.push(
      { keys: intersectDfa(keys, set, limits), term, met: [...met, true] },
      { keys: subtract(keys, set, limits), term, met: [...met, false] },
    );
  return divided;
}

/** Above this many, the parts of an object by which properties it has are too many. */
const MAX_PARTS = 256;

/**
 * The plan cut into parts in which no clause is left, by whether single properties are there.
 * @throws LimitError `MAX_PARTS`
 */
export function withoutClauses(plan: ObjectPlan): ObjectPlan[] {
  const done: ObjectPlan[] = [];
  const pending = [plan];
  for (let part = pending.pop(); part; part = pending.pop()) {
    const name = part.clauses[0]?.literals[0].name;
    if (name === undefined) done.push(part);
    else for (const present of [true, false]) pending.push(...assume(part, name, present));
    if (done.length + pending.length > MAX_PARTS) {
      throw new LimitError(
        'MAX_PARTS',
        MAX_PARTS,
        'counts of properties meet too many rules about which properties go together',
      );
    }
  }
  return done;
}

/** The part of a plan in which the property is, or is not, there; none where there is no such object. */
function assume(plan: ObjectPlan, name: string, present: boolean): ObjectPlan[] {
  const names = new Set(plan.members.map((member) => member.name));
  const before = plan.members.filter((member) => member.required).map((member) => member.name);
  const missing = [...plan.listed].filter((listed) => !names.has(listed));
  const presence = simplifyPresence(
    present ? [...before, name] : before,
    present ? missing : [...missing, name],
    plan.clauses,
  );
  if (!presence || presence.required.size > plan.max) return [];
  const members = plan.members
    .filter((member) => !presence.absent.has(member.name))
    .map((member) => ({ ...member, required: presence.required.has(member.name) }));
  return [{ ...plan, members, clauses: presence.clauses, required: presence.required.size }];
}
