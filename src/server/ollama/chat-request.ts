// The body of POST /api/chat: its JSON Schema, its type, and what the chat layer is asked for it.
import type { ChatMessage } from '../../engine/index.js';
import { checkTools } from '../../tools/index.js';
import type { ServerContext } from '../context.js';
import type { ChatInput } from '../conversation/index.js';
import { withoutNulls } from '../sampling.js';
import { isEmpty, refuseUnsupported } from '../unsupported.js';
import { type CommonFields, commonInput, commonProperties, unsupportedFields } from './common-fields.js';

interface ToolCallBody {
  readonly id?: string | null;
  readonly function: { readonly name: string; readonly arguments: Record<string, unknown> };
}

export interface MessageBody {
  readonly [field: string]: unknown;
  readonly role: string;
  readonly content?: string | null;
  readonly thinking?: string | null;
  readonly tool_calls?: readonly ToolCallBody[] | null;
  readonly tool_name?: string | null;
  readonly tool_call_id?: string | null;
}

export interface ChatBody extends CommonFields {
  readonly messages?: readonly MessageBody[] | null;
  readonly tools?: readonly unknown[] | null;
}

const messageSchema = {
  type: 'object',
  required: ['role'],
  properties: {
    role: { enum: ['system', 'user', 'assistant', 'tool'] },
    content: { type: ['string', 'null'] },
    thinking: { type: ['string', 'null'] },
    tool_name: { type: ['string', 'null'] },
    tool_call_id: { type: ['string', 'null'] },
    tool_calls: {
      type: ['array', 'null'],
      items: {
        type: 'object',
        required: ['function'],
        properties: {
          id: { type: ['string', 'null'] },
          function: {
            type: 'object',
            required: ['name', 'arguments'],
            properties: { name: { type: 'string' }, arguments: { type: 'object' } },
          },
        },
      },
    },
  },
};

export const chatSchema = {
  type: 'object',
  properties: {
    messages: { type: ['array', 'null'], items: messageSchema },
    tools: { type: ['array', 'null'] },
    ...commonProperties,
  },
};

/** @throws RequestError for what is refused by name or contradicts itself. */
export function chatInput(
  body: ChatBody,
  messages: readonly MessageBody[],
  { settings, model }: ServerContext,
): ChatInput {
  refuseUnsupported(body, unsupportedFields);
  return {
    messages: chatMessages(messages),
    tools: checkTools(body.tools ?? [], { maxTools: settings.maxTools }),
    choice: 'auto',
    ...commonInput(body, model.info.contextLength),
    ...(messages.at(-1)?.role === 'assistant' && { continueFinalMessage: true }),
  };
}

/** Calls without ids get some, and results that name no call belong to the first one of their tool that has none yet. */
function chatMessages(messages: readonly MessageBody[]): ChatMessage[] {
  const unanswered: { id: string; name: string }[] = [];
  let calls = 0;
  return messages.map((message, index) => {
    refuseUnsupported(message, [{ name: 'images', inert: isEmpty }], `messages[${index}].`);
    const { role, tool_name: name, thinking } = message;
    const told = message.tool_calls?.map(({ id, function: call }) => {
      const known = { id: id || `call_${calls++}`, name: call.name };
      unanswered.push(known);
      return {
        id: known.id,
        type: 'function' as const,
        function: { name: call.name, arguments: call.arguments },
      };
    });
    const id = role === 'tool' ? answeredCall(unanswered, message) : undefined;
    return {
      role,
      content: message.content ?? (told && told.length > 0 ? null : ''),
      ...withoutNulls({ name, tool_call_id: id, reasoning_content: thinking || null }),
      ...(told && told.length > 0 && { tool_calls: told }),
    };
  });
}

function answeredCall(
  unanswered: { id: string; name: string }[],
  { tool_call_id: id, tool_name: name }: MessageBody,
): string | undefined {
  const fits = (call: { id: string; name: string }) => (id ? call.id === id : !name || call.name === name);
  const at = unanswered.findIndex(fits);
  return at < 0 ? (id ?? undefined) : unanswered.splice(at, 1)[0].id;
}
