// Chat messages as clients send them -> as the engine takes them: known fields alone, content parts joined.
import type { ChatMessage, ToolCallMessage } from '../../engine/index.js';
import { RequestError } from '../../errors.js';
import { withoutNulls } from '../sampling.js';
import type { ContentPart, MessageBody } from './chat-schema.js';
import { customArguments } from './custom-tools.js';

/** @throws RequestError naming the message and part that cannot be taken. */
export function chatMessages(messages: readonly MessageBody[]): ChatMessage[] {
  return messages.map((message, index) => chatMessage(message, `messages[${index}]`));
}

function chatMessage(message: MessageBody, where: string): ChatMessage {
  const role = message.role === 'developer' ? 'system' : message.role;
  const content = joinContent(message.content, where);
  if (content === null && role !== 'assistant')
    throw new RequestError('invalid_value', `${where}.content is required`, `${where}.content`);
  return {
    role,
    content,
    ...withoutNulls({
      name: message.name,
      tool_call_id: message.tool_call_id,
      reasoning_content: message.reasoning_content,
    }),
    ...(message.tool_calls &&
      message.tool_calls.length > 0 && {
        tool_calls: message.tool_calls.map((call, index) =>
          callMessage(call, `${where}.tool_calls[${index}]`),
        ),
      }),
  };
}

function joinContent(content: MessageBody['content'], where: string): string | null {
  if (content === undefined || content === null) return null;
  if (typeof content === 'string') return content;
  return content.map((part, index) => partText(part, `${where}.content[${index}]`)).join('');
}

function partText(part: ContentPart, where: string): string {
  const text = part.type === 'text' ? part.text : part.type === 'refusal' ? part.refusal : undefined;
  if (text !== undefined) return text;
  const known = part.type === 'text' || part.type === 'refusal';
  throw new RequestError(
    known ? 'invalid_value' : 'unsupported_content',
    known
      ? `${where}.${part.type} is required`
      : `${where}.type ${JSON.stringify(part.type)} is not supported; only "text" is`,
    known ? `${where}.${part.type}` : `${where}.type`,
  );
}

function callMessage(
  { id, function: call, custom }: NonNullable<MessageBody['tool_calls']>[number],
  where: string,
): ToolCallMessage {
  const given = call ?? (custom && { name: custom.name, arguments: customArguments(custom.input) });
  if (!given) throw new RequestError('invalid_value', `${where}.function is required`, `${where}.function`);
  return {
    type: 'function',
    function: { name: given.name, arguments: given.arguments },
    ...withoutNulls({ id }),
  };
}
