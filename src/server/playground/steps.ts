// The steps of one output for people: each token with its alternatives, which of these the mask forbade, and what was forced.
// The engine tells how many tokens a mask allowed, not which: a matcher of the same grammar follows the output here. It
// makes no masks; it only tries the alternatives, and what must come next, which costs their bytes.
import type { CompiledGrammar } from '../../compile/index.js';
import type { ChosenTokenLogprob, GenerateChunk } from '../../engine/index.js';
import { LimitError } from '../../errors.js';
import { type TokenBytes, tokenName } from '../token-names.js';
import type { Alternative, Step, TokenView } from './protocol.js';

type Matcher = ReturnType<CompiledGrammar['matcher']>;

export class StepReader {
  readonly #tokenizer: TokenBytes;
  /** Undefined without a constraint, and once it could not follow the output. */
  #matcher: Matcher | undefined;

  /** `grammar`: of a constrained output. */
  constructor(tokenizer: TokenBytes, grammar: CompiledGrammar | undefined) {
    this.#tokenizer = tokenizer;
    this.#matcher = grammar?.matcher(tokenizer);
  }

  read({ tokens, allowed, logprobs }: GenerateChunk): Step[] {
    return tokens.map((token, index) => {
      const step = this.#step(token, allowed[index], logprobs?.[index]);
      this.#advance(token);
      return step;
    });
  }

  #step(token: number, allowed: number, chosen: ChosenTokenLogprob | undefined): Step {
    const view = this.#view(token);
    const step = { ...view, allowed, forced: this.#forced(view, allowed) };
    if (!chosen) return step;
    const alternatives = chosen.alternatives.map(
      (one): Alternative => ({
        ...this.#view(one.token),
        logprob: one.logprob,
        allowed: one.token === token || this.#isAllowed(one.token, allowed),
      }),
    );
    return { ...step, logprob: chosen.logprob, alternatives };
  }

  #forced({ bytes, special }: TokenView, allowed: number): Step['forced'] {
    if (allowed === 1) return 'token';
    if (special !== undefined || bytes.length === 0) return null;
    const isForced = this.#try((matcher) => {
      const text = matcher.forced(bytes.length);
      return bytes.every((byte, at) => text[at] === byte);
    });
    return isForced ? 'text' : null;
  }

  /** Whether a token other than the chosen one was allowed. */
  #isAllowed(token: number, allowed: number): boolean | null {
    if (allowed < 0) return true;
    if (allowed === 1) return false;
    return this.#try((matcher) => matcher.fork().accept(token));
  }

  #advance(token: number): void {
    if (this.#try((matcher) => matcher.accept(token)) === false) this.#matcher = undefined;
  }

  /** Null where the matcher has given up: its limits are lower than the engine's. */
  #try(ask: (matcher: Matcher) => boolean): boolean | null {
    if (!this.#matcher) return null;
    try {
      return ask(this.#matcher);
    } catch (error) {
      if (!(error instanceof LimitError)) throw error;
      this.#matcher = undefined;
      return null;
    }
  }

  #view(id: number): TokenView {
    const { text, bytes } = tokenName(this.#tokenizer, id);
    return { id, bytes, ...(this.#tokenizer.isSpecial(id) && { special: text }) };
  }
}
