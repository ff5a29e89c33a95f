// Chat events -> Ollama's answer, streamed a line a piece or whole. Calls are told once their arguments are complete:
// one that an output's limit cut is left out, and `done_reason` says that something was.
import type { ChosenTokenLogprob } from '../../engine/index.js';
import type { ChatEnd, ChatEvent } from '../conversation/index.js';
import { chatLogprobs } from '../openai/logprobs.js';
import type { TokenBytes } from '../token-names.js';

interface Call {
  readonly id: string;
  readonly function: { readonly index: number; readonly name: string; readonly arguments: object };
}

/** Something said: in a stream a part, in a whole answer all of it. */
export interface Piece {
  readonly content: string;
  readonly thinking?: string;
  readonly tool_calls?: readonly Call[];
}

/** What an answer tells beside its events. */
export interface Telling {
  readonly model: string;
  /** The route's form of a piece. */
  readonly say: (piece: Piece) => object;
  readonly clock: Clock;
  /** Names the tokens of log-probabilities. */
  readonly tokenizer?: TokenBytes;
}

/** When a request began, when its first output was there, and how long ago that is: in nanoseconds. */
export class Clock {
  readonly #start = process.hrtime.bigint();
  #first: bigint | undefined;

  /** The prompt is computed. */
  markFirst(): void {
    this.#first ??= process.hrtime.bigint();
  }

  durations() {
    const now = process.hrtime.bigint();
    const first = this.#first ?? now;
    return {
      total_duration: Number(now - this.#start),
      load_duration: 0,
      prompt_eval_duration: Number(first - this.#start),
      eval_duration: Number(now - first),
    };
  }
}

export async function* answerLines(
  events: AsyncIterable<ChatEvent>,
  telling: Telling,
): AsyncGenerator<object> {
  const reader = new Reader(telling.tokenizer);
  for await (const event of events) {
    for (const { piece, ...rest } of reader.read(event))
      yield { ...head(telling), ...telling.say(piece), ...rest, done: false };
    if (event.type !== 'end') continue;
    yield {
      ...head(telling),
      ...telling.say({ content: '' }),
      ...reader.logprobs(),
      ...tail(event.end, telling),
    };
  }
}

export async function wholeAnswer(events: AsyncIterable<ChatEvent>, telling: Telling): Promise<object> {
  const reader = new Reader(telling.tokenizer);
  const said: Said[] = [];
  let end: object = {};
  for await (const event of events) {
    said.push(...reader.read(event));
    if (event.type === 'end') end = tail(event.end, telling);
  }
  const thinking = said.map(({ piece }) => piece.thinking ?? '').join('');
  const calls = said.flatMap(({ piece }) => piece.tool_calls ?? []);
  const logprobs = [...said, reader.logprobs()].flatMap((one) => one.logprobs ?? []);
  const piece: Piece = {
    content: said.map((one) => one.piece.content).join(''),
    ...(thinking && { thinking }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
  return { ...head(telling), ...telling.say(piece), ...(logprobs.length > 0 && { logprobs }), ...end };
}

function head({ model }: Telling) {
  return { model, created_at: new Date().toISOString() };
}

function tail({ reason, usage }: ChatEnd, { clock }: Telling) {
  return {
    done: true,
    done_reason: reason === 'length' ? 'length' : 'stop',
    ...clock.durations(),
    prompt_eval_count: usage.promptTokens,
    eval_count: usage.outputTokens,
  };
}

interface Said {
  readonly piece: Piece;
  readonly logprobs?: readonly object[];
}

/** Pieces of events: of a call one, when what follows shows that it is complete. */
class Reader {
  #call:
    | { readonly index: number; readonly id: string; readonly name: string; arguments: string[] }
    | undefined;
  #found: ChosenTokenLogprob[] = [];
  readonly #tokenizer: TokenBytes | undefined;

  constructor(tokenizer: TokenBytes | undefined) {
    this.#tokenizer = tokenizer;
  }

  read(event: ChatEvent): Said[] {
    if (event.type === 'arguments') this.#call?.arguments.push(event.text);
    else if (event.type === 'logprobs') this.#found.push(...event.found);
    else {
      const call = this.#completeCall();
      const said: Piece[] = call ? [{ content: '', tool_calls: [call] }] : [];
      if (event.type === 'text') said.push({ content: event.text });
      else if (event.type === 'reasoning') said.push({ content: '', thinking: event.text });
      else if (event.type === 'call') this.#call = { ...event, arguments: [] };
      return said.map((piece) => ({ piece, ...this.logprobs() }));
    }
    return [];
  }

  /** Those of tokens that no piece has told of yet. */
  logprobs(): Pick<Said, 'logprobs'> {
    const tokenizer = this.#tokenizer;
    const found = this.#found.splice(0);
    if (!tokenizer || found.length === 0) return {};
    return { logprobs: chatLogprobs(found, tokenizer).content };
  }

  #completeCall(): Call | undefined {
    const call = this.#call;
    this.#call = undefined;
    if (!call) return undefined;
    const { index, id, name } = call;
    try {
      return { id, function: { index, name, arguments: JSON.parse(call.arguments.join('')) as object } };
    } catch {
      return undefined;
    }
  }
}
