// Conversation items -> chat messages: what the assistant thought, said and called in one turn is one message.
import type { ChatMessage, ToolCallMessage } from '../../../engine/index.js';
import { customArguments } from '../custom-tools.js';
import type { ConversationItem, MessageItem, ReasoningItem } from './items.js';

interface AssistantTurn {
  role: 'assistant';
  content: string | null;
  reasoning_content?: string;
  tool_calls?: ToolCallMessage[];
}

/** Instructions and system messages that open the conversation become one, as many chat templates take only one. */
export function toMessages(
  items: readonly ConversationItem[],
  instructions: string | null | undefined,
): ChatMessage[] {
  const messages: ChatMessage[] = instructions ? [{ role: 'system', content: instructions }] : [];
  let turn: AssistantTurn | undefined;
  for (const item of items) {
    if (isAssistants(item)) {
      if (!turn || !continues(turn, item)) {
        turn = { role: 'assistant', content: null };
        messages.push(turn);
      }
      extend(turn, item);
      continue;
    }
    turn = undefined;
    const message = inputMessage(item);
    const [only] = messages;
    if (message.role === 'system' && messages.length === 1 && only.role === 'system')
      messages[0] = { role: 'system', content: `${only.content}\n\n${message.content}` };
    else messages.push(message);
  }
  return messages;
}

type AssistantItem = Exclude<ConversationItem, { readonly output: unknown }>;

function isAssistants(item: ConversationItem): item is AssistantItem {
  return !('output' in item) && (item.type !== 'message' || item.role === 'assistant');
}

/** Whether an item belongs to the turn: a message ends one that has spoken, thinking one that has done anything. */
function continues(turn: AssistantTurn, item: AssistantItem): boolean {
  const hasActed = turn.content !== null || turn.tool_calls !== undefined;
  return (item.type !== 'message' && item.type !== 'reasoning') || !hasActed;
}

function extend(turn: AssistantTurn, item: AssistantItem): void {
  if (item.type === 'message') turn.content = messageText(item);
  else if (item.type === 'reasoning')
    turn.reasoning_content = (turn.reasoning_content ?? '') + thinking(item);
  else {
    const given = item.type === 'function_call' ? item.arguments : customArguments(item.input);
    const call = { name: item.name, arguments: given };
    turn.tool_calls = [...(turn.tool_calls ?? []), { id: item.call_id, type: 'function', function: call }];
  }
}

function inputMessage(item: Exclude<ConversationItem, ReasoningItem>): ChatMessage {
  if (item.type === 'message')
    return { role: item.role === 'developer' ? 'system' : item.role, content: messageText(item) };
  if (!('output' in item)) throw new Error(`a ${item.type} is the assistant's`);
  const content =
    typeof item.output === 'string' ? item.output : item.output.map(({ text }) => text).join('');
  return { role: 'tool', content, tool_call_id: item.call_id };
}

function messageText({ content }: MessageItem): string {
  return content.map((part) => (part.type === 'refusal' ? part.refusal : part.text)).join('');
}

/** The thinking itself where it is there, else its summary. */
function thinking({ content, summary }: ReasoningItem): string {
  return (content ?? summary).map(({ text }) => text).join('\n\n');
}
