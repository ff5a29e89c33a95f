// Notations of values that are not JSON, as the constraint writes them: Python's, Gemma's, MiniMax M3's elements.
import { bytes, choiceOf, type Node } from '../../grammar/index.js';

export interface Notation {
  /** Before the name of an argument, between it and the value, and behind the value; the same inside of objects. */
  readonly argument: Surround;
  readonly member: Surround;
  readonly element: Surround;
  /** Whether the names of an object's members stand bare, as those of arguments do. */
  readonly bareMembers: boolean;
  /** Around and between the elements of a list, and the members of an object. */
  readonly list: Sequence;
  readonly object: Sequence;
  /** Around and between all arguments. */
  readonly arguments: Sequence;
  /** Text around a string that stands as it is; without it strings are JSON's. */
  readonly quote?: string;
  /** What a string that stands as it is cannot hold. */
  readonly excludes: readonly string[];
  readonly words: { readonly true: string; readonly false: string; readonly null: string };
  /** Whether readers of the notation take JSON too, so that what it cannot carry may stand there as JSON. */
  readonly takesJson: boolean;
}

/** What stands before a name, between name and value, and behind the value. */
export type Surround = (name: string) => readonly [before: string, behind: string];

export interface Sequence {
  readonly open: string;
  readonly between: string;
  readonly close: string;
}

const JSON_WORDS = { true: 'true', false: 'false', null: 'null' };
const PREFIX = ']<]minimax[>[';

export const PYTHON: Notation = {
  argument: (name) => [`${name}=`, ''],
  member: (name) => [`${JSON.stringify(name)}: `, ''],
  element: () => ['', ''],
  bareMembers: false,
  list: { open: '[', between: ', ', close: ']' },
  object: { open: '{', between: ', ', close: '}' },
  arguments: { open: '', between: ', ', close: '' },
  excludes: [],
  words: { true: 'True', false: 'False', null: 'None' },
  takesJson: true,
};

export function gemma(quote: string): Notation {
  return {
    argument: (name) => [`${name}:`, ''],
    member: (name) => [`${name}:`, ''],
    element: () => ['', ''],
    bareMembers: true,
    list: { open: '[', between: ',', close: ']' },
    object: { open: '{', between: ',', close: '}' },
    arguments: { open: '{', between: ',', close: '}' },
    quote,
    excludes: [quote],
    words: JSON_WORDS,
    takesJson: false,
  };
}

const NOTHING: Sequence = { open: '', between: '', close: '' };
const inElement: Surround = (name) => [`${PREFIX}<${name}>`, `${PREFIX}</${name}>`];

export const ELEMENTS: Notation = {
  argument: inElement,
  member: inElement,
  element: () => inElement('item'),
  bareMembers: true,
  list: NOTHING,
  object: NOTHING,
  arguments: NOTHING,
  quote: '',
  excludes: [PREFIX],
  words: JSON_WORDS,
  takesJson: false,
};

/** Stands for a name that is not known. */
const ANY_NAME = '\ue000';

/**
 * What stands around a name that is not known, and behind its value; undefined where the name stands behind the value too,
 * which no grammar can hold to the first.
 */
export function aroundAnyName(
  surround: Surround,
): { readonly left: string; readonly right: string; readonly behind: string } | undefined {
  const [before, behind] = surround(ANY_NAME);
  if (behind.includes(ANY_NAME)) return undefined;
  const [left, right] = before.split(ANY_NAME);
  return { left, right, behind };
}

export function wordsNode({ words }: Notation, kind: 'boolean' | 'null'): Node {
  return kind === 'null' ? bytes(words.null) : choiceOf([bytes(words.true), bytes(words.false)]);
}
