// The events of a chat whose dialect knows no choices: there is one.
import type { ChatEvent, ChoiceEvents } from './conversation/index.js';

export async function* onlyChoice(stream: AsyncIterable<ChoiceEvents>): AsyncGenerator<ChatEvent> {
  for await (const [, events] of stream) for (const event of events) yield event;
}
