// A message that is answered at once: its stream's events put together, as a client would, so that the two cannot differ.
import { closedJson } from './closed-json.js';
import type { ContentBlock, Message, MessageEvent } from './stream.js';

/** @throws what `events` throws. */
export async function wholeMessage(events: AsyncIterable<MessageEvent>): Promise<Message | undefined> {
  let message: Message | undefined;
  const blocks: { readonly block: ContentBlock; readonly pieces: string[] }[] = [];
  for await (const event of events) {
    if (event.type === 'message_start') message = event.message;
    else if (event.type === 'content_block_start') blocks.push({ block: event.content_block, pieces: [] });
    else if (event.type === 'content_block_delta') {
      const { delta } = event;
      const piece = 'text' in delta ? delta.text : 'thinking' in delta ? delta.thinking : undefined;
      blocks[event.index].pieces.push(piece ?? ('partial_json' in delta ? delta.partial_json : ''));
    } else if (event.type === 'message_delta' && message)
      message = { ...message, ...event.delta, usage: { ...message.usage, ...event.usage } };
  }
  return (
    message && { ...message, content: blocks.map(({ block, pieces }) => filled(block, pieces.join(''))) }
  );
}

function filled(block: ContentBlock, text: string): ContentBlock {
  if (block.type === 'text') return { ...block, text };
  if (block.type === 'thinking') return { ...block, thinking: text };
  return { ...block, input: closedJson(text) };
}
