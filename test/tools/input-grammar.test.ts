// Tools whose one argument is a text under a Lark grammar: calls hold its sentences, spelled as JSON, and nothing else.
import { describe, expect, it } from 'vitest';
import { Machine } from '../../src/automata/index.js';
import { prepareGrammar, toPda } from '../../src/grammar/index.js';
import { collect, findToolFormat, hermes, type ToolDefinition } from '../../src/tools/index.js';
import { accepts } from '../support/tool-sentences.js';

const run = (lark: string): ToolDefinition => ({
  type: 'function',
  function: { name: 'run', inputGrammar: { argument: 'code', lark } },
});
const lines = run('start: line ("\\n" line)*\nline: "say " /"[a-z]+"/');

function machine(format = hermes) {
  return new Machine(toPda(prepareGrammar(format.constraint([lines], 'required'))));
}
const call = (json: string) => `<tool_call>\n{"name": "run", "arguments": ${json}}\n</tool_call>`;

describe('a tool with an input grammar', () => {
  it('is called with sentences of it', () => {
    const code = 'say "hi"\nsay "you"';
    const written = call(JSON.stringify({ code }));
    expect(accepts(machine(), written)).toBe(true);
    expect(accepts(machine(), call(`{"code": ${JSON.stringify(code)}}`))).toBe(true);
    const parser = hermes.parser({ tools: [lines] });
    const { calls } = collect([...parser.push(written), ...parser.finish()]);
    expect(JSON.parse(calls[0].arguments)).toEqual({ code });
  });

  it.each([
    '{"code": "say hi"}',
    '{"code": "say \\"hi\\"\\n"}',
    '{"code": ""}',
    '{}',
    '{"other": "say \\"hi\\""}',
    '{"code": "say \\"hi\\"", "more": 1}',
  ])('and not with %s', (json) => {
    expect(accepts(machine(), call(json))).toBe(false);
  });

  it('is refused by name where it cannot be kept', () => {
    const where = 'tools[0].function.inputGrammar';
    const refusal = (make: () => unknown) => {
      try {
        return make();
      } catch (error) {
        return error;
      }
    };
    const spaced = run('start: "a"+\n%ignore " "');
    expect(refusal(() => hermes.constraint([spaced], 'required'))).toMatchObject({ param: where });
    const tags = findToolFormat('qwen3_coder')!;
    expect(refusal(() => tags.constraint([lines], 'required'))).toMatchObject({ param: where });
    expect(refusal(() => hermes.constraint([run('start: (')], 'required'))).toMatchObject({ param: where });
  });
});
