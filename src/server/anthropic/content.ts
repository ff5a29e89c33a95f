// Anthropic's messages, made of blocks -> a chat in the engine's form: results of tools become messages of their own,
// calls and thinking fields of the assistant's.
import type { ChatMessage } from '../../engine/index.js';
import { RequestError } from '../../errors.js';
import type { ContentBlock, MessageBody, PromptBody } from './messages-schema.js';

/** Between the texts of blocks that stand next to each other. */
const BETWEEN_BLOCKS = '\n';

/** @throws RequestError naming the block that cannot be taken. */
export function chatMessages({ system, messages }: Pick<PromptBody, 'system' | 'messages'>): ChatMessage[] {
  const toolNames = new Map<string, string>();
  const read = messages.flatMap((message, index) => turns(message, `messages[${index}]`, toolNames));
  if (system === undefined || system === null) return read;
  return [{ role: 'system', content: texts(system, 'system') }, ...read];
}

/** @throws RequestError for a last turn that cannot be gone on with. */
export function endsInAssistant(messages: readonly MessageBody[]): boolean {
  const index = messages.length - 1;
  const { role, content } = messages[index];
  if (role !== 'assistant') return false;
  if (typeof content !== 'string' && content.some(({ type }) => type === 'tool_use'))
    throw invalid(`messages[${index}]`, 'ends the chat with a tool_use: its tool_result must follow');
  return true;
}

function turns({ role, content }: MessageBody, where: string, toolNames: Map<string, string>): ChatMessage[] {
  if (typeof content === 'string') return [{ role, content }];
  if (role === 'system') return [{ role, content: texts(content, `${where}.content`) }];
  if (role === 'assistant') return [assistantTurn(content, `${where}.content`, toolNames)];
  return userTurns(content, `${where}.content`, toolNames);
}

function assistantTurn(
  content: readonly ContentBlock[],
  where: string,
  toolNames: Map<string, string>,
): ChatMessage {
  const said: string[] = [];
  const thought: string[] = [];
  const calls: NonNullable<ChatMessage['tool_calls']>[number][] = [];
  for (const [index, block] of content.entries()) {
    const at = `${where}[${index}]`;
    if (block.type === 'text') said.push(field(block, 'text', at));
    else if (block.type === 'thinking') thought.push(field(block, 'thinking', at));
    else if (block.type === 'tool_use') {
      const [id, name] = [field(block, 'id', at), field(block, 'name', at)];
      calls.push({ id, type: 'function', function: { name, arguments: inputOf(block, at) } });
      toolNames.set(id, name);
      // What was redacted nobody but Anthropic can read.
    } else if (block.type !== 'redacted_thinking') throw unsupported(block, at);
  }
  return {
    role: 'assistant',
    content: said.length === 0 && calls.length > 0 ? null : said.join(BETWEEN_BLOCKS),
    ...(thought.length > 0 && { reasoning_content: thought.join(BETWEEN_BLOCKS) }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

/** Results of tools and texts in their order; texts next to each other are one message. */
function userTurns(
  content: readonly ContentBlock[],
  where: string,
  toolNames: Map<string, string>,
): ChatMessage[] {
  const read: ChatMessage[] = [];
  let said: string[] = [];
  const endText = () => {
    if (said.length > 0) read.push({ role: 'user', content: said.join(BETWEEN_BLOCKS) });
    said = [];
  };
  for (const [index, block] of content.entries()) {
    const at = `${where}[${index}]`;
    if (block.type === 'text') said.push(field(block, 'text', at));
    else if (block.type === 'tool_result') {
      endText();
      read.push(toolTurn(block, at, toolNames));
    } else throw unsupported(block, at);
  }
  endText();
  return read.length > 0 ? read : [{ role: 'user', content: '' }];
}

function toolTurn(block: ContentBlock, where: string, toolNames: Map<string, string>): ChatMessage {
  const id = field(block, 'tool_use_id', where);
  const { content, is_error: isError } = block;
  const result = content === undefined || content === null ? '' : resultText(content, `${where}.content`);
  const name = toolNames.get(id);
  return {
    role: 'tool',
    tool_call_id: id,
    ...(name !== undefined && { name }),
    content: isError === true ? `Error: ${result}` : result,
  };
}

function resultText(content: unknown, where: string): string {
  if (typeof content === 'string') return content;
  if (Array.isArray(content) && content.every(isBlock)) return texts(content, where);
  throw invalid(where, 'must be string or a list of blocks');
}

function texts(content: string | readonly ContentBlock[], where: string): string {
  if (typeof content === 'string') return content;
  const read = content.map((block, index) => {
    const at = `${where}[${index}]`;
    if (block.type === 'text') return field(block, 'text', at);
    throw unsupported(block, at);
  });
  return read.join(BETWEEN_BLOCKS);
}

function isBlock(value: unknown): value is ContentBlock {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function field(block: ContentBlock, name: string, where: string): string {
  const value = block[name];
  if (typeof value === 'string') return value;
  throw invalid(`${where}.${name}`, value === undefined ? 'is required' : 'must be string');
}

function inputOf({ input }: ContentBlock, where: string): Record<string, unknown> {
  if (typeof input === 'object' && input !== null && !Array.isArray(input))
    return input as Record<string, unknown>;
  throw invalid(`${where}.input`, 'must be object');
}

function invalid(param: string, what: string): RequestError {
  return new RequestError('invalid_value', `${param} ${what}`, param);
}

function unsupported({ type }: ContentBlock, where: string): RequestError {
  const param = `${where}.type`;
  return new RequestError(
    'unsupported_content',
    `${param} ${JSON.stringify(type)} is not supported here; text, tool_use, tool_result and thinking are, each in its place`,
    param,
  );
}
