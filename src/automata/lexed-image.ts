// The image of a grammar with a lexer: the parser's automaton, whose symbols are terminals, and the automata of these.
// Written by the Lark front end; read by lexed-machine.ts and natively by native/grammar/lexed_image.cc.
import { CompileError } from '../errors.js';
import { contentHash, encodePda, openPda, type Pda, wordAt } from './pda.js';
import { BAD, DEAD, FREE, type TokenAutomaton } from './token-automaton.js';

/** How a lexer decides what the next token is; docs/lark.md says what each means. */
export const LexerMode = { basic: 0, contextual: 1, dynamic: 2, longest: 3 } as const;

export type LexerMode = (typeof LexerMode)[keyof typeof LexerMode];

export interface Keyword {
  /** The terminal that a token is of first. */
  readonly of: number;
  /** The terminal that it becomes when its text is this one's. */
  readonly becomes: number;
  /** Whether `becomes` is found by way of `of` alone. */
  readonly embedded: boolean;
}

/** How a newline's token becomes INDENT and DEDENT, as Lark's Indenter does it. */
export interface Indentation {
  readonly newline: number;
  readonly indent: number;
  readonly dedent: number;
  readonly tabLength: number;
  readonly open: readonly number[];
  readonly close: readonly number[];
}

/** Symbols are numbers: first the terminals that have a text, in order of trial, then those that have none. */
export interface LexedGrammar {
  /** Reads symbols, each spelt as {@link symbolBytes} says; between the two raw symbols it reads the text's own bytes. */
  readonly parser: Pda;
  readonly mode: LexerMode;
  readonly terminals: readonly TokenAutomaton[];
  readonly symbolCount: number;
  /** Whether ignored terminals may stand before the first token. */
  readonly initialSkip: boolean;
  readonly ignored: readonly number[];
  /** In order of trial for each `of`. */
  readonly keywords: readonly Keyword[];
  /** By terminal, in mode longest: whether the first match ends it and leaves no other. */
  readonly lazy: Uint8Array;
  readonly indentation?: Indentation;
  /** Symbols, of no text, that begin and end a part that the parser reads byte by byte. */
  readonly raw?: { readonly begin: number; readonly end: number };
}

const MAGIC = 0x4c505345;
const VERSION = 2;
const HEADER_WORDS = 24;
const HASH_WORD = 8;
/** The first byte of a symbol's two in a parser that also reads bytes of text, which in UTF-8 are below it. */
const RAW_LEAD = 0xf8;
/** Symbols that two such bytes can spell, and two bytes without raw parts. */
export const MAX_RAW_SYMBOLS = (256 - RAW_LEAD) * 256;
export const MAX_SYMBOLS = 65_536;

/** How a symbol is spelt in the parser's automaton. */
export function symbolBytes(symbol: number, symbolCount: number, hasRaw: boolean): readonly number[] {
  if (!hasRaw && symbolCount <= 256) return [symbol];
  return [(hasRaw ? RAW_LEAD : 0) + (symbol >> 8), symbol & 0xff];
}

/** Whether a byte of text can be read in a raw part. */
export function isRawByte(byte: number): boolean {
  return byte < RAW_LEAD;
}

/** Whether an image is one of a grammar with a lexer. */
export function isLexedImage(image: Uint8Array): boolean {
  return wordAt(image, 0) === MAGIC;
}

/**
 * Little-endian Int32 words. Header (24 words): magic "ESPL", version, total bytes, words of the parser's image, mode,
 * terminals, symbols, initialSkip, two words of content hash, ignored, keywords, newline, indent, dedent, tabLength, open,
 * close, raw begin, raw end (-1 for none), 0 …; then the parser's image, the lists in that order, lazy, and for each
 * terminal its run states, states, classes and ends, the class of each byte, next, block, endStart, ends, holdsAtEnd, goesOn.
 */
export function encodeLexed(grammar: LexedGrammar): Uint8Array {
  const { mode, terminals, symbolCount, initialSkip, ignored, keywords, indentation, raw } = grammar;
  const parser = encodePda(grammar.parser);
  const parts: ArrayLike<number>[] = [];
  let length = HEADER_WORDS;
  const put = (list: ArrayLike<number>) => {
    parts.push(list);
    length += list.length;
  };
  put(new Int32Array(parser.buffer));
  put(ignored);
  for (const { of, becomes, embedded } of keywords) put([of, becomes, embedded ? 1 : 0]);
  put(indentation?.open ?? []);
  put(indentation?.close ?? []);
  put(grammar.lazy);
  for (const { runCount, stateCount, classCount, ends, ...rest } of terminals) {
    put([runCount, stateCount, classCount, ends.length]);
    put(new Int32Array(rest.classOf.slice().buffer));
    for (const list of [rest.next, rest.block, rest.endStart, ends, rest.holdsAtEnd, rest.goesOn]) put(list);
  }
  const { newline = -1, indent = -1, dedent = -1, tabLength = 0, open = [], close = [] } = indentation ?? {};
  const image = new Int32Array(length);
  let at = HEADER_WORDS;
  for (const part of parts) {
    image.set(part, at);
    at += part.length;
  }
  image.set([MAGIC, VERSION, image.byteLength, parser.byteLength / 4, mode, terminals.length, symbolCount]);
  image.set([initialSkip ? 1 : 0, 0, 0, ignored.length, keywords.length, newline, indent, dedent], 7);
  image.set([tabLength, open.length, close.length, raw?.begin ?? -1, raw?.end ?? -1], 15);
  image.set(contentHash(image), HASH_WORD);
  return new Uint8Array(image.buffer);
}

/** @throws CompileError `invalid_image` when it is damaged or of another version. */
export function openLexed(image: Uint8Array): LexedGrammar {
  if (image.byteLength < HEADER_WORDS * 4 || image.byteLength % 4 !== 0) throw damaged('its length is wrong');
  const aligned = image.byteOffset % 4 === 0 ? image : image.slice();
  const words = new Int32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
  if (words[0] !== MAGIC) throw damaged('it does not begin with the magic word');
  if (words[1] !== VERSION) throw damaged(`it has version ${words[1]}, this build reads ${VERSION}`);
  if (words[2] !== image.byteLength) throw damaged('its sections do not fit its length');
  const [low, high] = contentHash(words);
  if (words[HASH_WORD] !== low || words[HASH_WORD + 1] !== high)
    throw damaged('its content does not match its hash');
  const grammar = read(words);
  validate(grammar);
  return grammar;
}

function read(words: Int32Array): LexedGrammar {
  let at = HEADER_WORDS;
  const take = (count: number): Int32Array => {
    if (count < 0 || count > words.length - at) throw damaged('its sections do not fit its length');
    at += count;
    return words.subarray(at - count, at);
  };
  const [, , , parserWords, mode, terminalCount, symbolCount, initialSkip] = words;
  const [ignoredCount, keywordCount, newline, indent, dedent, tabLength, openCount, closeCount, begin, end] =
    words.subarray(10, 20);
  const parser = take(parserWords);
  const ignored = [...take(ignoredCount)];
  const triples = take(keywordCount * 3);
  const keywords = Array.from({ length: keywordCount }, (_, i) => ({
    of: triples[3 * i],
    becomes: triples[3 * i + 1],
    embedded: triples[3 * i + 2] === 1,
  }));
  const open = [...take(openCount)];
  const close = [...take(closeCount)];
  const lazy = Uint8Array.from(take(terminalCount), (word) => (word === 1 ? 1 : 0));
  const terminals: TokenAutomaton[] = [];
  for (let i = 0; i < terminalCount; i++) terminals.push(readTerminal(take));
  if (at !== words.length) throw damaged('its sections do not fit its length');
  return {
    parser: openPda(new Uint8Array(parser.buffer, parser.byteOffset, parser.byteLength)),
    mode: mode as LexerMode,
    terminals,
    symbolCount,
    initialSkip: initialSkip === 1,
    ignored,
    keywords,
    lazy,
    ...(newline >= 0 ? { indentation: { newline, indent, dedent, tabLength, open, close } } : {}),
    ...(begin >= 0 ? { raw: { begin, end } } : {}),
  };
}

function readTerminal(take: (count: number) => Int32Array): TokenAutomaton {
  const [runCount, stateCount, classCount, endCount] = take(4);
  if (runCount < 1 || stateCount < runCount || classCount < 1 || classCount > 256 || stateCount > 1 << 22)
    throw damaged('a terminal has no states');
  const packed = take(64);
  return {
    runCount,
    stateCount,
    classCount,
    classOf: new Uint8Array(packed.slice().buffer),
    next: take(stateCount * classCount),
    block: take(runCount),
    endStart: take(runCount + 1),
    ends: take(endCount),
    holdsAtEnd: Uint8Array.from(take(stateCount - runCount), (word) => (word === 1 ? 1 : 0)),
    goesOn: Uint8Array.from(take(runCount), (word) => (word === 1 ? 1 : 0)),
  };
}

function validate({ mode, terminals, symbolCount, ignored, keywords, indentation, raw }: LexedGrammar): void {
  const check = (holds: boolean, reason: string) => {
    if (!holds) throw damaged(reason);
  };
  const isTerminal = (id: number) => id >= 0 && id < terminals.length;
  const isSymbol = (id: number) => id >= 0 && id < symbolCount;
  check(mode >= LexerMode.basic && mode <= LexerMode.longest, 'its lexer is of an unknown kind');
  const most = raw ? MAX_RAW_SYMBOLS : MAX_SYMBOLS;
  check(symbolCount >= terminals.length && symbolCount <= most, 'it has an impossible number of symbols');
  check(ignored.every(isTerminal), 'it ignores a terminal that does not exist');
  check(
    keywords.every(({ of, becomes }) => isTerminal(of) && isTerminal(becomes)),
    'a keyword does not exist',
  );
  if (indentation) {
    const { newline, indent, dedent, tabLength, open, close } = indentation;
    check(isTerminal(newline) && isSymbol(indent) && isSymbol(dedent), 'its indentation has no terminals');
    check(tabLength >= 1 && tabLength <= 1 << 16, 'its tabs have no length');
    check([...open, ...close].every(isTerminal), 'a bracket does not exist');
  }
  if (raw) check(isSymbol(raw.begin) && isSymbol(raw.end), 'its raw parts have no symbols');
  for (const terminal of terminals) validateTerminal(terminal, check);
}

function validateTerminal(terminal: TokenAutomaton, check: (holds: boolean, reason: string) => void): void {
  const { runCount, stateCount, classCount, classOf, next, block, endStart, ends } = terminal;
  const isShadow = (id: number) => id >= runCount && id < stateCount;
  check(
    classOf.every((cls) => cls < classCount),
    'a byte has no class',
  );
  for (let i = 0; i < next.length; i++) {
    const to = next[i];
    const isRun = i < runCount * classCount;
    check(
      to === DEAD || (isRun ? to >= 0 && to < runCount : to === BAD || isShadow(to)),
      'a terminal leads to a state that does not exist',
    );
  }
  check(
    block.every((id) => id === FREE || id === BAD || isShadow(id)) &&
      ends.every((id) => id === FREE || isShadow(id)),
    'a terminal has a condition that does not exist',
  );
  let sorted = endStart[0] === 0 && endStart[runCount] === ends.length;
  for (let i = 0; i < runCount; i++) sorted &&= endStart[i] <= endStart[i + 1];
  check(sorted, 'the ends of a terminal are not sorted');
}

function damaged(reason: string): CompileError {
  return new CompileError(
    'invalid_image',
    `this is not a usable image of a grammar: ${reason}; compile it again`,
  );
}
