// Chat templates against what jinja2 renders in transformers' environment, and the errors.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Tokenizer, type TokenizerFiles } from '../../src/tokenizer/index.js';

interface Chat {
  name: string;
  template: string;
  kind: string;
  messages: Record<string, unknown>[];
  tools: object[] | null;
  options: { add_generation_prompt?: boolean } & Record<string, unknown>;
  rendered?: string;
  error?: string;
}

const folder = fileURLToPath(new URL('../fixtures/tokenizers/', import.meta.url));
const readJson = (path: string) => JSON.parse(readFileSync(folder + path, 'utf8'));
const { templates, chats } = readJson('chat.json') as { templates: Record<string, string>; chats: Chat[] };

function open(kind: string, extra: Partial<TokenizerFiles> = {}, config: object = {}): Tokenizer {
  return Tokenizer.fromFiles({
    tokenizerJson: readJson(`${kind}/tokenizer.json`),
    tokenizerConfig: { ...readJson(`${kind}/tokenizer_config.json`), ...config },
    ...extra,
  });
}

function optionsOf({ tools, options }: Chat) {
  const { add_generation_prompt: addGenerationPrompt = true, ...variables } = options;
  return { ...(tools ? { tools } : {}), addGenerationPrompt, ...variables };
}

describe.each(Object.keys(templates))('%s', (template) => {
  const own = chats.filter((chat) => chat.template === template);
  const tokenizer = open(own[0]!.kind, { chatTemplate: templates[template]! });

  it.each(own.filter((chat) => chat.rendered !== undefined))('renders $name', (chat) => {
    expect(tokenizer.applyChatTemplate(chat.messages, optionsOf(chat))).toBe(chat.rendered);
  });

  it.each(
    own.filter((chat) => chat.rendered !== undefined),
  )('renders $name with arguments as JSON text', (chat) => {
    const asText = JSON.parse(JSON.stringify(chat.messages), (key, value) =>
      key === 'arguments' ? JSON.stringify(value) : value,
    );
    expect(tokenizer.applyChatTemplate(asText, optionsOf(chat))).toBe(chat.rendered);
  });

  it.each(own.filter((chat) => chat.error !== undefined))('refuses $name', (chat) => {
    expect(() => tokenizer.applyChatTemplate(chat.messages, optionsOf(chat))).toThrow(
      expect.objectContaining({ code: 'template_error', message: expect.stringContaining(chat.error!) }),
    );
  });
});

describe('which template', () => {
  const user = [{ role: 'user', content: 'Hi' }];

  it('reads it from tokenizer_config.json, the file first', () => {
    expect(open('qwen', {}, { chat_template: 'config' }).applyChatTemplate(user)).toBe('config');
    expect(open('qwen', { chatTemplate: 'file' }, { chat_template: 'config' }).applyChatTemplate(user)).toBe(
      'file',
    );
  });

  it('uses tool_use for tools where a list has it', () => {
    const list = [
      { name: 'default', template: 'plain{{ " without" if tools is none }}' },
      { name: 'tool_use', template: 'tools {{ tools | length }}' },
    ];
    const tokenizer = open('qwen', {}, { chat_template: list });
    expect(tokenizer.applyChatTemplate(user)).toBe('plain without');
    expect(tokenizer.applyChatTemplate(user, { tools: [{}, {}] })).toBe('tools 2');
  });

  it('says so when there is none, or it is broken', () => {
    expect(open('qwen').hasChatTemplate).toBe(false);
    expect(() => open('qwen').applyChatTemplate(user)).toThrow(
      expect.objectContaining({ code: 'no_chat_template' }),
    );
    expect(() => open('qwen', { chatTemplate: '{% if %}' }).applyChatTemplate(user)).toThrow(
      expect.objectContaining({ code: 'template_error', message: expect.stringContaining('parsed') }),
    );
    expect(() => open('qwen', {}, { chat_template: [{ name: 'default' }] })).toThrow(/name, template/);
    expect(() => open('qwen', {}, { chat_template: 3 })).toThrow(
      expect.objectContaining({ code: 'invalid_tokenizer' }),
    );
  });

  it('leaves undefined fields out and keeps arguments that are no JSON object', () => {
    const template =
      '{{ messages[0].name is defined }} {% for m in messages %}{% for c in m.tool_calls or [] %}{{ c.function.arguments is string }}{% endfor %}{% endfor %}';
    const tokenizer = open('qwen', { chatTemplate: template });
    const call = { function: { name: 'f', arguments: '[1]' } };
    const rendered = tokenizer.applyChatTemplate([
      { role: 'user', content: 'Hi', name: undefined },
      { role: 'assistant', content: null, tool_calls: [call] },
    ]);
    expect(rendered.toLowerCase()).toBe('false true');
  });
});

describe('continueFinalMessage', () => {
  const tokenizer = open(chats[0]!.kind, {
    chatTemplate:
      '{% for m in messages %}<{{ m.role }}>{{ m.content | trim }}<end>{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}',
  });
  const begun = [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Once upon ' },
  ];

  it('ends where the content of the last message does, its white space kept', () => {
    const prompt = tokenizer.applyChatTemplate(begun, { continueFinalMessage: true });
    expect(prompt).toBe('<user>Hi<end><assistant>Once upon ');
  });

  it('takes the last place where a content stands twice', () => {
    const twice = [...begun, ...begun];
    const prompt = tokenizer.applyChatTemplate(twice, { continueFinalMessage: true });
    expect(prompt).toBe(
      `${tokenizer.applyChatTemplate(begun, { addGenerationPrompt: false })}<user>Hi<end><assistant>Once upon `,
    );
  });

  it('refuses a last message without text, and a template that does not show it', () => {
    const silent = open(chats[0]!.kind, { chatTemplate: '{{ messages | length }}' });
    const options = { continueFinalMessage: true };
    expect(() => silent.applyChatTemplate(begun, options)).toThrow(/does not show the last message/);
    const empty = [{ role: 'assistant', content: null }];
    expect(() => tokenizer.applyChatTemplate(empty, options)).toThrow(/has its content as text/);
  });
});
