// ECMAScript's Canonicalize (ECMA-262 §22.2.2.7.3) as classes of code points that match one another under flag i.
// The data is the runtime's: candidates come from its case mappings and are confirmed by its regular expressions.
import { type Intervals, normalizeIntervals } from '../../automata/index.js';

/** For each code point that has partners: itself and all of them, ascending. */
type Partners = ReadonlyMap<number, readonly number[]>;

let folded: Partners | undefined;
let uppercased: Partners | undefined;

/** All code points that match a member of `set` under flag i. */
export function closeUnderCase(set: Intervals, unicode: boolean): Intervals {
  const partners = casePartners(unicode);
  const added: [number, number][] = [];
  for (const [lo, hi] of set) {
    if (hi - lo > partners.size) {
      for (const [member, others] of partners)
        if (lo <= member && member <= hi) for (const other of others) added.push([other, other]);
    } else
      for (let member = lo; member <= hi; member++)
        for (const other of partners.get(member) ?? []) added.push([other, other]);
  }
  return added.length === 0 ? set : normalizeIntervals([...set, ...added]);
}

/** The smallest code point that matches `codePoint` under flags iv: equal for two exactly when they match. */
export function foldCase(codePoint: number): number {
  return casePartners(true).get(codePoint)?.[0] ?? codePoint;
}

function casePartners(unicode: boolean): Partners {
  if (unicode) return (folded ??= groupByFolding());
  return (uppercased ??= groupByUppercase());
}

/** With u or v: simple case folding, which no string method gives; so candidates are tried against the runtime. */
function groupByFolding(): Partners {
  const candidates = new Map<string, Set<number>>();
  const propose = (key: string, codePoint: number) => {
    const group = candidates.get(key);
    if (group) group.add(codePoint);
    else candidates.set(key, new Set([codePoint]));
  };
  for (const codePoint of casedCodePoints()) {
    const text = String.fromCodePoint(codePoint);
    for (const variant of [text.toUpperCase(), text.toLowerCase()]) {
      propose(variant, codePoint);
      if (String.fromCodePoint(variant.codePointAt(0) as number) === variant)
        propose(variant, variant.codePointAt(0) as number);
    }
  }
  const partners = new Map<number, number[]>();
  for (const group of candidates.values()) {
    const members = [...group];
    for (const first of members) {
      const pattern = new RegExp(`^\\u{${first.toString(16)}}$`, 'iu');
      for (const second of members)
        if (first !== second && pattern.test(String.fromCodePoint(second))) link(partners, first, second);
    }
  }
  return partners;
}

/** Without u: one UTF-16 unit that toUpperCase maps to one unit, and never from outside ASCII into it. */
function groupByUppercase(): Partners {
  const partners = new Map<number, number[]>();
  for (let unit = 0; unit <= 0xffff; unit++) {
    const upper = String.fromCharCode(unit).toUpperCase();
    const to = upper.charCodeAt(0);
    if (upper.length === 1 && to !== unit && !(unit >= 128 && to < 128)) link(partners, to, unit);
  }
  return partners;
}

/** Joins the classes of two code points. */
function link(partners: Map<number, number[]>, a: number, b: number): void {
  const group = new Set([...(partners.get(a) ?? [a]), ...(partners.get(b) ?? [b])]);
  const members = [...group].sort((x, y) => x - y);
  for (const member of members) partners.set(member, members);
}

function casedCodePoints(): number[] {
  const cased =
    /[\p{Changes_When_Casefolded}\p{Changes_When_Uppercased}\p{Changes_When_Lowercased}\p{Changes_When_Titlecased}]/u;
  const result: number[] = [];
  for (let codePoint = 0; codePoint <= 0x1ffff; codePoint++)
    if (cased.test(String.fromCodePoint(codePoint))) result.push(codePoint);
  return result;
}
