// What looks ask of the text around a position, as automata over bytes: a lookahead becomes a DFA of all the texts that
// may follow, a lookbehind one of all that may precede.
import {
  complementDfa,
  type Dfa,
  EMPTY_STRING,
  literalDfa,
  MAX_BYTE,
  nextState,
  unionDfa,
} from '../../../automata/index.js';
import type { Look } from './ast.js';
import { anyThen, languageThenAny } from './language.js';

export type LookTable =
  /** The text that follows must be in `dfa`. */
  | { readonly kind: 'ahead'; readonly dfa: Dfa }
  /** The text from the token's start to here must be in `dfa`, or not. `width`: characters that this looks at. */
  | { readonly kind: 'behind'; readonly dfa: Dfa; readonly negative: boolean; readonly width: number };

/** In place of a state: the look can no longer hold, or holds whatever follows. */
export const FAILED = -1;
export const HELD = -2;

export class LookTables {
  readonly all: LookTable[] = [];
  readonly #known = new Map<Look, number>();

  indexOf(look: Look): number {
    let index = this.#known.get(look);
    if (index === undefined) {
      index = this.all.push(tableOf(look)) - 1;
      this.#known.set(look, index);
    }
    return index;
  }
}

function tableOf(look: Look): LookTable {
  switch (look.kind) {
    case 'end':
      return {
        kind: 'ahead',
        dfa: look.newline ? unionDfa(EMPTY_STRING, literalDfa([0x0a])) : EMPTY_STRING,
      };
    case 'ahead': {
      const dfa = languageThenAny(look.item);
      return { kind: 'ahead', dfa: look.negative ? complementDfa(dfa, MAX_BYTE) : dfa };
    }
    case 'behind': {
      const { dfa, width } = anyThen(look.item);
      return { kind: 'behind', dfa, negative: look.negative, width };
    }
  }
}

/** A state of a lookahead's DFA as the promise that it is. */
export function promise(dfa: Dfa, state: number): number {
  if (state < 0 || (dfa.edges[state].length === 0 && !dfa.accept[state])) return FAILED;
  const [only, second] = dfa.edges[state];
  const isUniversal =
    dfa.accept[state] === 1 &&
    second === undefined &&
    only?.lo === 0 &&
    only.hi === MAX_BYTE &&
    only.to === state;
  return isUniversal ? HELD : state;
}

/** The promise after one more byte. */
export function advance(dfa: Dfa, state: number, byte: number): number {
  return promise(dfa, nextState(dfa, state, byte));
}
