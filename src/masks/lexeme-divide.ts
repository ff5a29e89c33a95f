// Divides a trie by a lexeme's state: one walk with a table of transitions, no stacks and no sets. Two shortcuts, both
// exact: a subtree that the state loops on is taken whole, and a state that is like another one but for some first bytes
// (any key but these) is divided by their difference.
import { innerRow } from './inner-row.js';
import { IntList } from './int-list.js';
import { LEXEME_DEAD, LEXEME_END, type Lexeme } from './lexeme.js';
import { LikeMask, PlainMask } from './lexeme-mask.js';
import type { LexemeTable } from './lexeme-table.js';
import type { Trie } from './trie.js';
import { INNER_WORDS, PartBuilder, UNBOUNDED } from './trie-part.js';

/** Bytes after which two states must agree to be divided by their difference. */
const MIN_LIKENESS = 160;
/** Bytes that must lead from the other state to itself: a chain of likenesses is not followed. */
const MIN_LOOP = 64;

/** Subtrees with at most so many nodes are read rather than asked about. */
const MIN_WHOLE = 3;

/** The levels of a walk: per level the state (of two side by side both), the next child to look at, the one behind the last. */
const levels = new IntList(1024);
const LIKE_LEVEL_WORDS = 4;

/** What the lexeme does below `node` of a trie, read from `state`; to be taken before the next part is begun. */
export function readBelow(
  table: LexemeTable,
  lexeme: Lexeme,
  state: number,
  trie: Trie,
  node: number,
): PartBuilder {
  const { childStart, childNode, childByte, tokenStart, skip } = trie;
  const { next, classCount, classOf, mayEnd } = lexeme;
  const { vocabulary } = table;
  const isVocabulary = trie === vocabulary;
  const part = new PartBuilder();
  let top = 0;
  levels.data[0] = state;
  levels.data[1] = childStart[node];
  levels.data[2] = childStart[node + 1];
  while (top >= 0) {
    const at = levels.data[top + 1];
    if (at === levels.data[top + 2]) {
      top -= 3;
      continue;
    }
    levels.data[top + 1] = at + 1;
    const reached = next[levels.data[top] * classCount + classOf[childByte[at]]];
    if (reached === LEXEME_DEAD) continue;
    const below = childNode[at];
    if (reached === LEXEME_END) {
      part.exit(below, UNBOUNDED, 0, UNBOUNDED, UNBOUNDED);
      continue;
    }
    if (mayEnd[reached]) part.exit(below, 0, 0, UNBOUNDED, UNBOUNDED);
    const isLarge = skip[below] - below > MIN_WHOLE;
    const whole =
      isLarge &&
      isVocabulary &&
      lexeme.staysInside(reached, vocabulary.below, vocabulary.charactersBelow, below);
    part.inner(tokenStart[below], tokenStart[whole ? skip[below] : below + 1], 0, UNBOUNDED);
    if (whole || childStart[below] === childStart[below + 1]) continue;
    top += 3;
    levels.reserve(top + 3);
    levels.data[top] = reached;
    levels.data[top + 1] = childStart[below];
    levels.data[top + 2] = childStart[below + 1];
  }
  return part;
}

/** The vocabulary as the state divides it. */
export function divide(table: LexemeTable, lexeme: Lexeme, state: number): PlainMask {
  const part = readBelow(table, lexeme, state, table.vocabulary, 0);
  const inner = part.innerEntries;
  const { tokens } = table.vocabulary;
  let count = 0;
  for (let entry = 0; entry < inner.length; entry += INNER_WORDS) count += inner[entry + 1] - inner[entry];
  const bits = new Int32Array(table.words);
  for (let entry = 0; entry < inner.length; entry += INNER_WORDS)
    for (let place = inner[entry]; place < inner[entry + 1]; place++)
      bits[tokens[place] >>> 5] |= 1 << (tokens[place] & 31);
  return new PlainMask(table, innerRow(bits, count), part.exits.toArray());
}

/** The state that most bytes lead to, when it loops and most bytes lead on from both alike; else -1. */
export function likeness(lexeme: Lexeme, state: number): number {
  const targets = new Map<number, number>();
  for (let byte = 0; byte < 256; byte++) {
    const to = lexeme.step(state, byte);
    if (to >= 0 && to !== state) targets.set(to, (targets.get(to) ?? 0) + 1);
  }
  let other = -1;
  let most = 0;
  for (const [target, number] of targets)
    if (number > most) {
      other = target;
      most = number;
    }
  if (other < 0) return -1;
  let alike = 0;
  let loops = 0;
  for (let byte = 0; byte < 256; byte++) {
    const to = lexeme.step(other, byte);
    if (lexeme.step(state, byte) === to) alike++;
    if (to === other) loops++;
  }
  return alike >= MIN_LIKENESS && loops >= MIN_LOOP ? other : -1;
}

/** As {@link divide}: both states are walked side by side, only where they disagree. `known` is the other's mask. */
export function divideLike(
  table: LexemeTable,
  lexeme: Lexeme,
  state: number,
  other: number,
  known: PlainMask,
): PlainMask {
  const { childStart, childNode, childByte, tokenStart, tokens } = table.vocabulary;
  const bits = known.all.bits!.slice();
  let count = known.all.count;
  const added = new PartBuilder();
  const removed = new IntList();
  let top = 0;
  levels.data[0] = state;
  levels.data[1] = other;
  levels.data[2] = childStart[0];
  levels.data[3] = childStart[1];
  while (top >= 0) {
    const child = levels.data[top + 2];
    if (child === levels.data[top + 3]) {
      top -= LIKE_LEVEL_WORDS;
      continue;
    }
    levels.data[top + 2] = child + 1;
    const node = childNode[child];
    const ownState = stepOrDead(lexeme, levels.data[top], childByte[child]);
    const otherState = stepOrDead(lexeme, levels.data[top + 1], childByte[child]);
    if (ownState === otherState) continue;
    if (lexeme.endsAt(otherState)) removed.push(node);
    if (lexeme.endsAt(ownState))
      added.exit(node, ownState === LEXEME_END ? UNBOUNDED : 0, 0, UNBOUNDED, UNBOUNDED);
    for (let at = tokenStart[node]; at < tokenStart[node + 1]; at++) {
      const bit = 1 << (tokens[at] & 31);
      count += (ownState >= 0 ? 1 : 0) - (otherState >= 0 ? 1 : 0);
      if (ownState >= 0) bits[tokens[at] >>> 5] |= bit;
      else bits[tokens[at] >>> 5] &= ~bit;
    }
    if ((ownState < 0 && otherState < 0) || childStart[node] === childStart[node + 1]) continue;
    top += LIKE_LEVEL_WORDS;
    levels.reserve(top + LIKE_LEVEL_WORDS);
    levels.data[top] = ownState;
    levels.data[top + 1] = otherState;
    levels.data[top + 2] = childStart[node];
    levels.data[top + 3] = childStart[node + 1];
  }
  return new LikeMask(table, innerRow(bits, count), known, removed, added.build().exits);
}

function stepOrDead(lexeme: Lexeme, state: number, byte: number): number {
  return state < 0 ? LEXEME_DEAD : lexeme.step(state, byte);
}
