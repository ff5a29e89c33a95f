// Random answers of the chat layer: thinking, texts and calls in any order, cut into pieces, perhaps in the middle of a call.
import fc from 'fast-check';
import type { ChatEnd, ChatEvent } from '../../src/server/conversation/index.js';

/** The parts of a text, which together are it. */
function pieces(text: fc.Arbitrary<string>): fc.Arbitrary<string[]> {
  return fc.tuple(text, fc.array(fc.nat(), { maxLength: 5 })).map(([whole, at]) => {
    const cuts = [...at.map((n) => n % (whole.length + 1)), 0, whole.length].sort((a, b) => a - b);
    return cuts
      .slice(1)
      .map((end, index) => whole.slice(cuts[index], end))
      .filter((piece) => piece !== '');
  });
}

const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const said = (type: 'text' | 'reasoning') =>
  pieces(words).map((parts) => parts.map((text): ChatEvent => ({ type, text })));
/** What JSON text can carry, so that a reader of it finds the same. */
const input = fc
  .dictionary(words, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 })
  .map((value) => JSON.stringify(value));
const call = fc.tuple(fc.constantFrom('look', 'add'), pieces(input));

type Part = ChatEvent[] | [name: string, parts: string[]];
const isCall = (part: Part): part is [string, string[]] => typeof part[0] === 'string';

function listed(parts: readonly Part[]): ChatEvent[] {
  let index = -1;
  return parts.flatMap((part): ChatEvent[] => {
    if (!isCall(part)) return part;
    index++;
    const begun: ChatEvent = { type: 'call', index, id: `call_${index}`, name: part[0] };
    return [begun, ...part[1].map((text): ChatEvent => ({ type: 'arguments', index, text }))];
  });
}

const count = fc.nat(1000);
const usage = fc
  .record({ promptTokens: count, outputTokens: count, reasoningTokens: count })
  .chain((known) => fc.nat(known.promptTokens).map((cachedTokens) => ({ ...known, cachedTokens })));

/** A list of events with its end. */
export const answers: fc.Arbitrary<ChatEvent[]> = fc
  .record({
    parts: fc.array(fc.oneof(said('text'), said('reasoning'), call), { maxLength: 6 }),
    cutAt: fc.option(fc.nat(), { freq: 3 }),
    matchedStop: fc.constantFrom(null, 7, '###'),
    usage,
  })
  .map(({ parts, cutAt, matchedStop, usage }) => {
    const events = listed(parts);
    const kept = cutAt === null ? events : events.slice(0, cutAt % (events.length + 1));
    const calls = kept.some(({ type }) => type === 'call');
    const reason: ChatEnd['reason'] = cutAt !== null ? 'length' : calls ? 'tool_calls' : 'stop';
    return [...kept, { type: 'end', end: { reason, matchedStop, usage } }];
  });

export async function* streamed<T>(list: readonly T[]): AsyncGenerator<T> {
  yield* list;
}

export async function gathered<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of source) found.push(one);
  return found;
}
