// The events of a chat whose dialect knows no choices: there is one.
import type { ChatEvent } from './conversation/index.js';

export async function* onlyChoice(
  stream: AsyncIterable<readonly [choice: number, event: ChatEvent]>,
): AsyncGenerator<ChatEvent> {
  for await (const [, event] of stream) yield event;
}
