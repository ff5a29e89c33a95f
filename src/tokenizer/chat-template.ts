// Chat templates: which template a folder has, and rendering it with @huggingface/jinja. Parsed templates are kept per
// tokenizer, since parsing costs ten times rendering.
import { Template } from '@huggingface/jinja';
import { TokenizerError } from '../errors.js';
import { tokenContent } from './special-ids.js';

export interface ChatTemplateOptions {
  /** Tool definitions, in the form that the template expects (OpenAI's, as a rule). */
  readonly tools?: readonly object[] | undefined;
  /** End with what opens the assistant's turn; default true. */
  readonly addGenerationPrompt?: boolean;
  /** End inside the last message, so that an output goes on with it; default false. */
  readonly continueFinalMessage?: boolean;
  /** Every other field is a variable of the template, e.g. `enable_thinking`. */
  readonly [variable: string]: unknown;
}

/** Marks the end of a message's content: private characters, which no content or template should hold. */
const END_MARK = '\u{f8ff}\u{e000}end\u{e000}\u{f8ff}';

const SPECIAL_TOKEN_FIELDS = [
  'bos_token',
  'eos_token',
  'unk_token',
  'pad_token',
  'sep_token',
  'cls_token',
  'mask_token',
];

/** The chat templates of one tokenizer: `default`, and others by name. */
export class ChatTemplates {
  readonly #sources: ReadonlyMap<string, string>;
  readonly #parsed = new Map<string, Template>();
  readonly #specialTokens: Readonly<Record<string, string>>;

  /** @throws TokenizerError `invalid_tokenizer` when a template is neither a string nor a list of named strings */
  constructor(tokenizerConfig: Readonly<Record<string, unknown>>, chatTemplate: string | undefined) {
    this.#sources = readSources(tokenizerConfig.chat_template, chatTemplate);
    this.#specialTokens = Object.fromEntries(
      SPECIAL_TOKEN_FIELDS.flatMap((field) => {
        const content = tokenContent(tokenizerConfig[field], field);
        return content === undefined ? [] : [[field, content]];
      }),
    );
  }

  /** The templates' texts, the one for chats without a name first. */
  get texts(): readonly string[] {
    return [...this.#sources.values()];
  }

  get isEmpty(): boolean {
    return this.#sources.size === 0;
  }

  /**
   * Renders a chat. String arguments of tool calls that hold a JSON object are given to the template as that object,
   * which is what templates written for transformers expect.
   * @throws TokenizerError `no_chat_template`, or `template_error` with the template's own message
   */
  render(messages: readonly object[], options: ChatTemplateOptions = {}): string {
    const { tools, continueFinalMessage = false, ...given } = options;
    if (continueFinalMessage) return this.#continued(messages, { ...given, ...(tools && { tools }) });
    const { addGenerationPrompt = true, ...variables } = given;
    const template = this.#template(tools && tools.length > 0 ? 'tool_use' : 'default');
    try {
      return template.render({
        ...this.#specialTokens,
        tools: tools ? plainJson(tools) : null,
        documents: null,
        add_generation_prompt: addGenerationPrompt,
        ...variables,
        messages: (plainJson(messages) as Record<string, unknown>[]).map(withParsedArguments),
      });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new TokenizerError('template_error', `the chat template refused the messages: ${reason}`, {
        cause,
      });
    }
  }

  /** Templates put their own text behind a message; where its content ends is seen from a mark at that place. */
  #continued(messages: readonly object[], options: ChatTemplateOptions): string {
    const last = messages.at(-1) as { content?: unknown } | undefined;
    if (typeof last?.content !== 'string')
      throw new TokenizerError(
        'template_error',
        'a message can be gone on with only where the last one has its content as text',
      );
    const marked = [...messages.slice(0, -1), { ...last, content: last.content + END_MARK }];
    const prompt = this.render(marked, { ...options, addGenerationPrompt: false });
    const end = prompt.lastIndexOf(END_MARK);
    if (end === -1)
      throw new TokenizerError('template_error', 'the chat template does not show the last message as it is');
    return prompt.slice(0, end);
  }

  #template(preferred: string): Template {
    const name = this.#sources.has(preferred) ? preferred : 'default';
    const source = this.#sources.get(name);
    if (source === undefined)
      throw new TokenizerError(
        'no_chat_template',
        "the model has no chat template (chat_template.jinja, or chat_template in tokenizer_config.json): give it a 'prompt' instead of messages",
      );
    let template = this.#parsed.get(name);
    if (!template) {
      try {
        template = new Template(source);
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new TokenizerError('template_error', `the chat template cannot be parsed: ${reason}`, {
          cause,
        });
      }
      this.#parsed.set(name, template);
    }
    return template;
  }
}

function readSources(inConfig: unknown, file: string | undefined): ReadonlyMap<string, string> {
  const sources = new Map<string, string>();
  if (typeof inConfig === 'string') sources.set('default', inConfig);
  else if (Array.isArray(inConfig))
    for (const entry of inConfig as { name?: unknown; template?: unknown }[]) {
      if (typeof entry?.name !== 'string' || typeof entry.template !== 'string')
        throw new TokenizerError(
          'invalid_tokenizer',
          'tokenizer_config.json: chat_template is a list, but not of { name, template }',
        );
      sources.set(entry.name, entry.template);
    }
  else if (inConfig !== undefined && inConfig !== null)
    throw new TokenizerError(
      'invalid_tokenizer',
      'tokenizer_config.json: chat_template is not a string or a list',
    );
  if (file !== undefined) sources.set('default', file);
  return sources;
}

/** A copy as JSON would carry it: undefined fields are gone. */
function plainJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function withParsedArguments(message: Record<string, unknown>): Record<string, unknown> {
  if (!Array.isArray(message.tool_calls)) return message;
  const calls = (message.tool_calls as { function?: { arguments?: unknown } }[]).map((call) => {
    const parsed = parseObject(call?.function?.arguments);
    return parsed ? { ...call, function: { ...call.function, arguments: parsed } } : call;
  });
  return { ...message, tool_calls: calls };
}

function parseObject(text: unknown): object | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
