// A chat -> what the engine is asked, and how its outputs are read: the prompt, where thinking stands in it, the grammar.
import type { GenerateRequest } from '../../engine/index.js';
import { RequestError } from '../../errors.js';
import { type ReasoningFormat, shownTools } from '../../tools/index.js';
import type { ServerContext } from '../context.js';
import type { Formats } from './formats.js';
import type { OutputShape } from './grammars.js';
import type { Reading } from './reader.js';
import type { ThinkingSteps } from './thinking.js';
import type { ChatInput } from './types.js';

export interface ChatPlan {
  readonly request: GenerateRequest;
  readonly choices: number;
  readonly reading: Reading;
  readonly steps?: ThinkingSteps;
}

/**
 * The output begins inside the thinking, may begin with it, comes behind it, where answers are opened by marks, or holds
 * none.
 */
type Thinking = 'open' | 'may' | 'over' | 'none';

/** Thinking without a limit of its own. */
const NO_BUDGET = 2 ** 31 - 1;

/**
 * Without a limit of its own an output may fill the context, as in OpenAI's API; the engine cuts to the room there is.
 * @throws RequestError for what contradicts itself or cannot become a constraint
 */
export async function planChat(input: ChatInput, context: ServerContext): Promise<ChatPlan> {
  const { contextLength } = context.model.info;
  const formats = await context.formats.get();
  const { reasoning } = formats;
  const needsPrompt = reasoning !== undefined || input.continueFinalMessage || input.countsPrompt;
  const prompt = needsPrompt ? await renderPrompt(input, context) : undefined;
  const asked = reasoning && prompt !== undefined ? thinkingOf(reasoning, prompt, input) : 'none';
  const isOff = input.reasoning?.budget === 0 && asked !== 'none';
  const over: Thinking = reasoning?.answerOpen ? 'over' : 'none';
  const thinking = isOff ? over : asked;
  const steps = reasoning && asked !== 'none' && !isOff ? stepsOf(reasoning, input) : undefined;
  const added = reasoning && (isOff || steps) ? addedToPrompt(reasoning, asked, isOff) : '';
  const skipSpecialTokens = readsMarks(input, formats, thinking) ? false : input.sampling.skipSpecialTokens;
  const request: GenerateRequest = {
    ...(prompt === undefined
      ? { messages: input.messages, ...templateFields(input) }
      : { promptTokens: await context.engine.tokenize(prompt + added, { addSpecialTokens: false }) }),
    ...input.sampling,
    ...(skipSpecialTokens !== undefined && { skipSpecialTokens }),
    maxTokens: Math.min(input.maxTokens ?? contextLength, contextLength),
    ...input.place,
    ...(input.logprobs !== undefined && { logprobs: input.logprobs }),
    ...(await constraintOf(input, context, steps ? stepped(input, over) : thinking)),
  };
  return {
    request,
    choices: input.choices ?? 1,
    reading: readingOf(input, formats, thinking, steps !== undefined, skipSpecialTokens !== false),
    ...(steps && { steps }),
  };
}

function hasTools({ tools, choice }: ChatInput): boolean {
  return tools.length > 0 && choice !== 'none';
}

function templateFields(input: ChatInput): Pick<GenerateRequest, 'tools' | 'chatTemplateOptions'> {
  const { tools, chatTemplateOptions } = input;
  return {
    ...(chatTemplateOptions && { chatTemplateOptions }),
    ...(hasTools(input) && { tools: shownTools(tools) }),
  };
}

/** The prompt's text. @throws TokenizerError `template_error` for a chat that the template refuses */
export function renderPrompt(input: ChatInput, { engine }: ServerContext): Promise<string> {
  const { tools, chatTemplateOptions } = templateFields(input);
  return engine.applyChatTemplate(input.messages, {
    ...chatTemplateOptions,
    ...(tools && { tools }),
    ...(input.continueFinalMessage && { continueFinalMessage: true }),
  });
}

/** Where a prompt leaves the model: templates open the thinking, or close it where none is wanted. */
function thinkingOf(format: ReasoningFormat, prompt: string, input: ChatInput): Thinking {
  const last = (marks: readonly string[]) => Math.max(...marks.map((mark) => prompt.lastIndexOf(mark)));
  if (input.continueFinalMessage) return last(format.starts) > last(format.ends) ? 'open' : 'none';
  const text = prompt.trimEnd();
  if (format.starts.some((mark) => text.endsWith(mark.trimEnd()))) return 'open';
  if (format.ends.some((mark) => text.endsWith(mark.trimEnd()))) return 'none';
  return format.isOpen ? 'open' : 'may';
}

/** What opens thinking that is to come first, or closes thinking that is not to come. */
function addedToPrompt({ start, end, between }: ReasoningFormat, asked: Thinking, isOff: boolean): string {
  const open = asked === 'may' ? `${start}\n` : '';
  return isOff ? `${open}\n${end}${between || '\n\n'}` : open;
}

/** Where thinking is a request of its own: an answer without calls is opened for the model. */
function stepped(input: ChatInput, over: Thinking): Thinking {
  return hasTools(input) ? over : 'none';
}

/** A Lark grammar may have a lexer of its own, which no other grammar can hold. */
function stepsOf(format: ReasoningFormat, input: ChatInput): ThinkingSteps | undefined {
  const budget = input.reasoning?.budget;
  const isApart = input.constraint?.option.lark !== undefined;
  if (budget === undefined && !isApart) return undefined;
  const { end, ends, between, answerOpen } = format;
  const behind = between + (hasTools(input) ? '' : answerOpen);
  return { budget: budget ?? NO_BUDGET, ends, behind, close: end + (behind || '\n\n') };
}

/** Whether marks are read in the text that are special tokens, or may be. */
function readsMarks(input: ChatInput, { reasoning, specialTokens }: Formats, thinking: Thinking): boolean {
  if (hasTools(input)) return true;
  if (thinking === 'none' || !reasoning) return false;
  const marks = [...reasoning.starts, ...reasoning.ends];
  return marks.some((mark) => specialTokens.some((special) => mark.includes(special)));
}

function readingOf(
  input: ChatInput,
  { tools: format, reasoning, tokenizer }: Formats,
  thinking: Thinking,
  isStepped: boolean,
  skipsSpecialTokens: boolean,
): Reading {
  const { tools } = input;
  const isSplit = reasoning && thinking !== 'none' && input.reasoning?.separate !== false;
  const isOpen = thinking === 'open' || isStepped;
  return {
    ...(isSplit && { splitter: () => reasoning.splitter({ isOpen }) }),
    ...(hasTools(input) && { parser: () => format.parser({ tools }) }),
    tokenizer,
    skipsSpecialTokens,
  };
}

async function constraintOf(
  input: ChatInput,
  context: ServerContext,
  thinking: Thinking,
): Promise<Partial<GenerateRequest>> {
  const { constraint, choice, parallel } = input;
  const isCalling = hasTools(input) && choice !== 'none';
  if (!isCalling && (!constraint || thinking === 'none')) return constraint?.option ?? {};
  if (isCalling && constraint && choice !== 'auto')
    throw new RequestError(
      'conflicting_constraints',
      `${constraint.field} says what an answer is, but ${input.choiceField} asks for a call: leave one of them out`,
      constraint.field,
    );
  const shape: OutputShape = {
    ...(isCalling && {
      calls: {
        tools: callableTools(input),
        choice,
        parallel: parallel && typeof choice === 'string',
      },
    }),
    ...(constraint && { answer: constraint }),
    ...(thinking !== 'none' && { thinking }),
  };
  return { grammar: await context.grammars.get(shape) };
}

function callableTools({ tools, callable }: ChatInput) {
  return callable ? tools.filter((tool) => callable.includes(tool.function.name)) : tools;
}
