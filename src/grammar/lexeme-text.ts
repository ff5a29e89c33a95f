// A lexeme as people write it: a regular expression, where one of readable length is found by eliminating states
// (Brzozowski & McCluskey, IEEE Trans. EC-12:2, 1963).
import {
  complementIntervals,
  type Dfa,
  type Intervals,
  MAX_BYTE,
  MAX_CODE_POINT,
  normalizeIntervals,
  unionIntervals,
} from '../automata/index.js';
import { type CharacterDfa, characterDfa } from './code-points.js';

/** Longest regular expression that is shown. */
const MAX_LENGTH = 160;
/** Most states of an automaton that is turned into one. */
const MAX_STATES = 40;
/** Ranges of a class that are shown; of more, the first ones and an ellipsis. */
const MAX_RANGES = 12;
/** No text is written with them, so that a class may have them or not. */
const SURROGATES: Intervals = [[0xd800, 0xdfff]];

/** A regular expression of the lexeme's words (not anchored, no delimiters); undefined where it would be too long. */
export function lexemeText(dfa: Dfa): string | undefined {
  if (dfa.edges.length > MAX_STATES * 8) return undefined;
  const read = characterDfa(dfa);
  if (read && read.edges.length > MAX_STATES) return undefined;
  const characters = read ?? bytesAsCharacters(dfa);
  if (characters.edges.length > MAX_STATES) return undefined;
  const max = read ? MAX_CODE_POINT : MAX_BYTE;
  const text = countedClass(characters, max) ?? eliminateStates(characters, max);
  return text === undefined || text.length > MAX_LENGTH ? undefined : text;
}

/** A class of characters as it is written in a regular expression: `[a-z]`, `[^"]`, `x`, `[^]` for every one. */
export function classText(characters: Intervals, maxSymbol: number = MAX_CODE_POINT): string {
  const present = maxSymbol === MAX_CODE_POINT ? unionIntervals(characters, SURROGATES) : characters;
  const missing = complementIntervals(present, maxSymbol);
  if (missing.length === 0) return '[^]';
  const reachesEnd = maxSymbol === MAX_CODE_POINT && present.at(-1)?.[1] === maxSymbol;
  const isNegated = missing.length < present.length + (reachesEnd ? 1 : 0);
  const ranges = isNegated ? missing : characters;
  const [[lo, hi]] = ranges;
  if (!isNegated && ranges.length === 1 && lo === hi) return characterText(lo, '\\^$.*+?()[]{}|/', maxSymbol);
  const shown = ranges
    .slice(0, MAX_RANGES)
    .map((range) => rangeText(range, maxSymbol))
    .join('');
  return `[${isNegated ? '^' : ''}${shown}${ranges.length > MAX_RANGES ? '…' : ''}]`;
}

function rangeText([lo, hi]: readonly [number, number], maxSymbol: number): string {
  const [first, last] = [lo, hi].map((end) => characterText(end, '\\]^-', maxSymbol));
  if (lo === hi) return first;
  return hi === lo + 1 ? first + last : `${first}-${last}`;
}

const CONTROLS: Readonly<Record<number, string>> = { 9: '\\t', 10: '\\n', 13: '\\r' };

function characterText(codePoint: number, escaped: string, maxSymbol: number): string {
  const character = String.fromCodePoint(codePoint);
  if (CONTROLS[codePoint]) return CONTROLS[codePoint];
  if (escaped.includes(character)) return `\\${character}`;
  if (codePoint >= 0x20 && codePoint < 0x7f) return character;
  if (codePoint > 0xa0 && maxSymbol > MAX_BYTE && /[\p{L}\p{N}\p{S}\p{P}]/u.test(character)) return character;
  const hex = codePoint.toString(16);
  if (codePoint <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return codePoint <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
}

function bytesAsCharacters({ edges, accept }: Dfa): CharacterDfa {
  return {
    edges: edges.map((list) => {
      const byTarget = new Map<number, [number, number][]>();
      for (const { lo, hi, to } of list) byTarget.set(to, [...(byTarget.get(to) ?? []), [lo, hi]]);
      return [...byTarget].map(([to, ranges]) => ({ to, characters: normalizeIntervals(ranges) }));
    }),
    accept: [...accept].map((accepts) => accepts === 1),
  };
}

/** `[class]{m,n}`, where every state but the last leads to the next by one and the same class. */
function countedClass({ edges, accept }: CharacterDfa, maxSymbol: number): string | undefined {
  const last = edges.length - 1;
  if (last < 2) return undefined;
  const [first] = edges[0];
  const min = accept.indexOf(true);
  const isChain = edges.every((list, state) => {
    const [edge] = list;
    if (accept[state] !== state >= min) return false;
    if (state === last) return list.length === 0;
    return list.length === 1 && edge.to === state + 1 && String(edge.characters) === String(first.characters);
  });
  if (!isChain) return undefined;
  return `${classText(first.characters, maxSymbol)}{${min === last ? min : `${min},${last}`}}`;
}

/** A regular expression in the making: alternatives, or a sequence of `items` that are whole each. */
interface Piece {
  readonly text: string;
  readonly items?: readonly string[];
  /** One item without a quantifier: may be given one as it is. */
  readonly isAtom?: boolean;
  /** A class stays one, so that it can grow. */
  readonly characters?: Intervals;
}

const NOTHING: Piece = { text: '', items: [] };

function eliminateStates(dfa: CharacterDfa, maxSymbol: number): string | undefined {
  const end = dfa.edges.length;
  const out: Map<number, Piece>[] = dfa.edges.map((list) => {
    const ofClass = (characters: Intervals): Piece => ({
      text: classText(characters, maxSymbol),
      items: [classText(characters, maxSymbol)],
      isAtom: true,
      characters,
    });
    return new Map(list.map(({ characters, to }) => [to, ofClass(characters)]));
  });
  dfa.accept.forEach((accepts, state) => {
    if (accepts) out[state].set(end, NOTHING);
  });
  const start = new Map([[0, NOTHING]]); // a new start, which nothing leads back to
  const left = new Set(dfa.edges.keys());
  while (left.size > 0) {
    const sources = [start, ...[...left].map((state) => out[state])];
    const state = cheapest(left, out, sources);
    left.delete(state);
    const loop = star(out[state].get(state));
    const after = [...out[state]].filter(([to]) => to !== state);
    for (const from of sources) {
      const before = from.get(state);
      if (!before || from === out[state]) continue;
      from.delete(state);
      for (const [to, piece] of after) {
        const through = concatenate(concatenate(before, loop), piece);
        if (through.text.length > MAX_LENGTH * 2) return undefined;
        from.set(to, alternate(from.get(to), through, maxSymbol));
      }
    }
  }
  return start.get(end)?.text.replace(REPEATED, counted);
}

/**
 * The state whose elimination writes the least text (Delgado & Morais, CIAA 2004); the start last, so that what is common to
 * all words stands in front.
 */
function cheapest(
  left: ReadonlySet<number>,
  out: readonly ReadonlyMap<number, Piece>[],
  sources: readonly ReadonlyMap<number, Piece>[],
): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const state of left) {
    if (state === 0 && left.size > 1) continue;
    const into = sources.filter((from) => from !== out[state] && from.has(state));
    const outgoing = [...out[state]].filter(([to]) => to !== state);
    const lengthOf = (pieces: readonly (Piece | undefined)[]) =>
      pieces.reduce((sum, piece) => sum + (piece?.text.length ?? 0), 0);
    const cost =
      lengthOf(into.map((from) => from.get(state))) * (outgoing.length - 1) +
      lengthOf(outgoing.map(([, piece]) => piece)) * (into.length - 1) +
      lengthOf([out[state].get(state)]) * (into.length * outgoing.length - 1);
    if (cost <= least) [best, least] = [state, cost];
  }
  return best;
}

/** A class, itself again, and perhaps a star. */
const REPEATED = /(\[(?:\\.|[^\]\\])*\])((?:\1)+)(\*?)(?![+?{])/gu;

function counted(_: string, one: string, more: string, starred: string): string {
  const times = 1 + more.length / one.length;
  if (starred === '') return `${one}{${times}}`;
  return times === 2 ? `${one}+` : `${one}{${times - 1},}`;
}

/** The piece as one item of a sequence. */
function item(piece: Piece): string {
  return piece.items?.length === 1 ? piece.items[0] : `(${piece.text})`;
}

function itemsOf(piece: Piece): readonly string[] {
  return piece.items ?? [`(${piece.text})`];
}

function quantified(piece: Piece, quantifier: '*' | '?'): Piece {
  return sequence([`${piece.isAtom ? piece.text : `(${piece.text})`}${quantifier}`]);
}

function sequence(items: readonly string[]): Piece {
  return items.length === 0 ? NOTHING : { text: items.join(''), items };
}

function star(piece: Piece | undefined): Piece {
  return piece ? quantified(piece, '*') : NOTHING;
}

function concatenate(a: Piece, b: Piece): Piece {
  if (a.items?.length === 0) return b;
  if (b.items?.length === 0) return a;
  const [front, back] = [itemsOf(a), itemsOf(b)];
  const last = front[front.length - 1];
  if (back[0] !== `${last}*`) return sequence([...front, ...back]);
  return sequence([...front.slice(0, -1), `${last}+`, ...back.slice(1)]);
}

function alternate(a: Piece | undefined, b: Piece, maxSymbol: number): Piece {
  if (!a || a.text === b.text) return b;
  if (a.characters && b.characters) {
    const characters = unionIntervals(a.characters, b.characters);
    const text = classText(characters, maxSymbol);
    return { text, items: [text], isAtom: true, characters };
  }
  return a.items && b.items ? factored(a.items, b.items) : { text: `${a.text}|${b.text}` };
}

/** Two sequences with what they share in front and behind written once. */
function factored(a: readonly string[], b: readonly string[]): Piece {
  const shorter = Math.min(a.length, b.length);
  let front = 0;
  while (front < shorter && a[front] === b[front]) front++;
  let back = 0;
  while (back < shorter - front && a[a.length - 1 - back] === b[b.length - 1 - back]) back++;
  const [x, y] = [a, b].map((items) => items.slice(front, items.length - back));
  const differing = differ(sequence(x), sequence(y));
  if (front === 0 && back === 0) return differing;
  return sequence([...a.slice(0, front), item(differing), ...a.slice(a.length - back)]);
}

function differ(x: Piece, y: Piece): Piece {
  if (x === NOTHING) return optional(y);
  if (y === NOTHING) return optional(x);
  return { text: `${x.text}|${y.text}` };
}

function optional(piece: Piece): Piece {
  const [only] = piece.items ?? [];
  if (piece.items?.length === 1) {
    if (/[^\\][*?]$/su.test(only)) return piece;
    if (/[^\\]\+$/su.test(only)) return sequence([`${only.slice(0, -1)}*`]);
    if (isAtom(only)) return sequence([`${only}?`]);
  }
  return sequence([`(${piece.text})?`]);
}

/** One class, character or group without a quantifier. */
function isAtom(text: string): boolean {
  return /^(\[(\\.|[^\]\\])*\]|\\?.|\([^()]*\))$/su.test(text);
}
