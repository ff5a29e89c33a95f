// An output as the page shows it: its steps with the text that each adds, and what they come to.
import type { EndEvent, Step } from '../src/server/playground/protocol.js';

/**
 * Forced: the mask allowed one token. Dictated: one text, in several tokens' spelling. Steered: it forbade the model's
 * favourite. Free: it stood in nobody's way.
 */
export type StepKind = 'forced' | 'dictated' | 'steered' | 'free';

export interface ShownStep extends Step {
  /** The characters that this token completes; empty amid a character, and of special tokens. */
  readonly piece: string;
  readonly kind: StepKind;
}

/** Gives each token the text that it completes: tokens may end within a character. */
export class StepWriter {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  write(step: Step): ShownStep {
    const piece =
      step.special === undefined ? this.#decoder.decode(Uint8Array.from(step.bytes), { stream: true }) : '';
    return { ...step, piece, kind: kindOf(step) };
  }
}

function kindOf({ forced, alternatives }: Step): StepKind {
  if (forced !== null) return forced === 'token' ? 'forced' : 'dictated';
  return alternatives?.[0]?.allowed === false ? 'steered' : 'free';
}

export interface Totals {
  readonly tokens: number;
  readonly forced: number;
  readonly dictated: number;
  readonly steered: number;
  /** Tokens a second after the first; undefined until the end is known. */
  readonly rate: number | undefined;
  /** Microseconds of mask time a token. */
  readonly maskMicros: number | undefined;
}

export function totalsOf(steps: readonly ShownStep[], end: EndEvent | undefined): Totals {
  const count = (kind: StepKind) => steps.filter((step) => step.kind === kind).length;
  const usage = end?.usage;
  const tokens = steps.length;
  return {
    tokens,
    forced: count('forced'),
    dictated: count('dictated'),
    steered: count('steered'),
    rate: usage && rateOf(usage),
    maskMicros: usage && tokens > 0 ? (1000 * usage.mask_ms) / tokens : undefined,
  };
}

/** Of the tokens after the first, where there are some: the first one's time is the prompt's. */
function rateOf({ output_tokens, first_token_ms, total_ms }: EndEvent['usage']): number | undefined {
  const after = total_ms - first_token_ms;
  if (output_tokens > 1 && after > 0) return (1000 * (output_tokens - 1)) / after;
  return total_ms > 0 ? (1000 * output_tokens) / total_ms : undefined;
}

/** How much of the model's probability the mask took away, as far as the alternatives tell: at least this. */
export function forbiddenProbability({ alternatives = [] }: Step): number {
  const forbidden = alternatives.filter(({ allowed }) => allowed === false);
  return Math.min(
    1,
    forbidden.reduce((sum, { logprob }) => sum + Math.exp(logprob), 0),
  );
}
