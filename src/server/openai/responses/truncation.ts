// `truncation: auto`: a conversation that the context has no room for loses its oldest turns, whole ones.
import type { ChatMessage } from '../../../engine/index.js';
import type { ServerContext } from '../../context.js';
import { type ChatInput, countPromptTokens } from '../../conversation/index.js';

/**
 * The same chat as far as its prompt fits. System messages that open the conversation stay. Where not even the last turn
 * fits, nothing is left out, and the engine refuses the prompt.
 */
export async function fittingChat(chat: ChatInput, context: ServerContext): Promise<ChatInput> {
  const { contextLength } = context.model.info;
  const room = contextLength - Math.min(chat.maxTokens ?? 1, Math.floor(contextLength / 2));
  const fits = async (one: ChatInput) => (await countPromptTokens(one, context)) <= room;
  if (await fits(chat)) return chat;

  const starts = turnStarts(chat.messages);
  let found = chat;
  for (let low = 0, high = starts.length - 1; low <= high; ) {
    const middle = (low + high) >> 1;
    const shorter = { ...chat, messages: from(chat.messages, starts[middle]) };
    if (await fits(shorter)) {
      found = shorter;
      high = middle - 1;
    } else low = middle + 1;
  }
  return found;
}

/** Where a user begins to speak, but for the conversation's beginning: a turn's calls and their results stay together. */
function turnStarts(messages: readonly ChatMessage[]): number[] {
  const starts = messages.flatMap(({ role }, index) =>
    role === 'user' && messages[index - 1]?.role !== 'user' ? [index] : [],
  );
  return starts.slice(1);
}

function from(messages: readonly ChatMessage[], start: number): ChatMessage[] {
  const opening = messages.findIndex(({ role }) => role !== 'system');
  return [...messages.slice(0, opening), ...messages.slice(start)];
}
