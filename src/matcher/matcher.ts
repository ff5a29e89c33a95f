// The portable matcher: where one output stands in a grammar, token by token. Pure TypeScript; also the oracle for the
// native matcher (native/grammar/matcher.cc), which has the same verbs.
import type { ByteMachine, ByteState } from '../automata/index.js';
import { RequestError } from '../errors.js';
import { type LexemeTable, Masks, maskWords } from '../masks/index.js';
import { TOKEN_TEXT, type TokenizerImage } from '../tokenizer/index.js';
import { History } from './history.js';
import { type NamedVocabulary, resolveTokenSets } from './token-sets.js';

/** A position after the end-of-sequence token: nothing is allowed any more. */
const FINISHED = null;

/** How a grammar's masks are remembered. */
export interface MatcherOptions {
  /** Bound on remembered masks, default 64 MiB; 0 remembers none. */
  readonly maxMaskBytes?: number;
  /**
   * Where the vocabulary's lexemes are remembered; by default where all grammars of the process have theirs.
   * @internal
   */
  readonly lexemes?: LexemeTable;
}

/** A grammar bound to a vocabulary: what matchers of the same output format share. */
export class MatcherFactory {
  readonly machine: ByteMachine;
  readonly image: TokenizerImage;
  /** The ids of the grammar's token sets. */
  readonly tokenSets: readonly Int32Array[];
  /** @internal */
  readonly masks: Masks;

  /** @throws CompileError `unknown_token` when the grammar names a token that the vocabulary does not have */
  constructor(
    machine: ByteMachine,
    vocabulary: TokenizerImage | NamedVocabulary,
    options: MatcherOptions = {},
  ) {
    this.machine = machine;
    this.image = 'image' in vocabulary ? vocabulary.image : vocabulary;
    this.tokenSets = resolveTokenSets(machine.pda.tokenSets, vocabulary);
    this.masks = new Masks(machine, this.image, this.tokenSets, options.maxMaskBytes, options.lexemes);
  }

  open(): Matcher {
    return new Matcher(this);
  }
}

/** One output in one grammar. */
export class Matcher {
  readonly #shared: MatcherFactory;
  /** The set after each accepted token; the first is the start. */
  #history: History<ByteState | typeof FINISHED>;

  constructor(shared: MatcherFactory) {
    this.#shared = shared;
    this.#history = new History<ByteState | typeof FINISHED>(shared.machine.start);
  }

  get #here(): ByteState | typeof FINISHED {
    return this.#history.value;
  }

  #move(to: ByteState | typeof FINISHED): void {
    this.#history = new History(to, this.#history);
  }

  /** Int32 words of a mask row of this vocabulary. */
  get words(): number {
    return maskWords(this.#shared.image.vocabSize);
  }

  /**
   * Writes the mask of the tokens allowed next into `row`, from word `offset` on: one bit per token id, least
   * significant bit first. Returns how many are allowed.
   * @throws LimitError `maxConfigurations`
   */
  fill(row: Int32Array, offset = 0): number {
    // A view costs more than many a mask.
    const isWhole = offset === 0 && row.length === this.words;
    const target = isWhole ? row : row.subarray(offset, offset + this.words);
    if (target.length !== this.words)
      throw new RequestError(
        'row_too_short',
        `a mask row needs ${this.words} words from offset ${offset}`,
        'row',
      );
    const here = this.#here;
    if (here !== FINISHED) return this.#shared.masks.fill(here, target);
    target.fill(0);
    return 0;
  }

  /** Advances by one token. False when it is not allowed here; the matcher is then unchanged. */
  accept(token: number): boolean {
    const here = this.#here;
    const { image, machine } = this.#shared;
    if (here === FINISHED || !Number.isInteger(token) || token < 0 || token >= image.vocabSize) return false;
    const asToken = this.#readAsToken(here, token);
    if (!asToken && image.eos.includes(token)) {
      if (here.accepting) this.#move(FINISHED);
      return here.accepting;
    }
    const from = image.tokenByteStart[token];
    const to = image.tokenByteStart[token + 1];
    const isText = image.tokenFlags[token] === TOKEN_TEXT && from < to;
    let set: ByteState | null = isText ? here : null;
    for (let at = from; at < to && set; at++) set = machine.step(set, image.tokenBytes[at]);
    const reached = set && asToken ? machine.union(set, asToken) : (set ?? asToken);
    if (reached) this.#move(reached);
    return reached !== null;
  }

  /**
   * Accepts a token and fills the row of what may follow, as `accept` and then `fill` do. Returns how many tokens are
   * allowed next; -1 when the token is refused: matcher and row are then unchanged.
   * @throws LimitError `maxConfigurations`
   */
  advance(token: number, row: Int32Array, offset = 0): number {
    const before = this.#history;
    if (!this.accept(token)) return -1;
    try {
      return this.fill(row, offset);
    } catch (error) {
      this.#history = before;
      throw error;
    }
  }

  #readAsToken(here: ByteState, token: number): ByteState | null {
    const { machine, tokenSets } = this.#shared;
    if (tokenSets.length === 0) return null;
    return machine.stepToken(here, (set) => tokenSets[set].includes(token));
  }

  /**
   * Takes back the last `count` tokens, in a time that grows with its logarithm.
   * @throws RequestError `rollback_past_start`
   */
  rollback(count: number): void {
    if (!Number.isInteger(count) || count < 0 || count > this.#history.depth)
      throw new RequestError(
        'rollback_past_start',
        `cannot take back ${count} of ${this.#history.depth} tokens`,
        'count',
      );
    this.#history = this.#history.back(count);
  }

  /** An independent matcher at the same position, with the same history, which it shares: it takes constant time. */
  fork(): Matcher {
    const fork = new Matcher(this.#shared);
    fork.#history = this.#history;
    return fork;
  }

  /** Whether the output so far is a whole sentence of the grammar. */
  get isAccepting(): boolean {
    return this.#here?.accepting ?? true;
  }

  /** Whether an end-of-sequence token was accepted. */
  get isFinished(): boolean {
    return this.#here === FINISHED;
  }

  /** The bytes that must come next whatever is chosen, at most `limit` (default 256). */
  forced(limit = 256): Uint8Array {
    const { machine } = this.#shared;
    const bytes: number[] = [];
    let set = this.#here;
    while (set && bytes.length < limit) {
      const byte = machine.forcedByte(set);
      if (byte < 0) break;
      bytes.push(byte);
      set = machine.step(set, byte);
    }
    return Uint8Array.from(bytes);
  }
}
