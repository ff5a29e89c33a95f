// Constraints on tools, format by format: their random sentences read back as calls whose arguments ajv finds valid, and
// written calls are sentences of them.
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Machine } from '../../src/automata/index.js';
import { RequestError } from '../../src/errors.js';
import {
  bytes,
  type Grammar,
  GrammarBuilder,
  prepareGrammar,
  printGrammar,
  toPda,
} from '../../src/grammar/index.js';
import {
  type ConstraintOptions,
  collect,
  findToolFormat,
  type ToolCallFormat,
  type ToolChoice,
  type ToolDefinition,
  toolFormatNames,
} from '../../src/tools/index.js';
import { seededRandom } from '../support/random-schema.js';
import { accepts, marksOf, randomToolSentence } from '../support/tool-sentences.js';

const SEED = 1;
const formats = toolFormatNames().map((name) => findToolFormat(name) as ToolCallFormat);

const tool = (name: string, parameters: Record<string, unknown>, strict?: boolean): ToolDefinition => ({
  type: 'function',
  function: { name, parameters, ...(strict !== undefined && { strict }) },
});
const weather = tool('get_weather', {
  type: 'object',
  properties: { city: { type: 'string', minLength: 2 }, days: { type: 'integer', minimum: 1 } },
  required: ['city'],
});
const ping = tool('ping', { type: 'object', properties: {}, additionalProperties: false });

const values = fc.oneof(
  fc.constantFrom<Record<string, unknown>>(
    { type: 'string' },
    { type: 'string', minLength: 1, maxLength: 4 },
    { type: 'string', pattern: '^[a-c]{1,3}$' },
    { type: 'integer', minimum: -5, maximum: 300 },
    { type: 'number' },
    { type: 'boolean' },
    { type: 'null' },
    { enum: ['celsius', 'a b', 'true', 7, null] },
    { const: 'on' },
    { type: ['integer', 'null'] },
    { type: ['string', 'null'] },
    { type: 'array', items: { type: 'integer' }, maxItems: 3 },
    { type: 'object', properties: { k: { type: 'boolean' } }, required: ['k'], additionalProperties: false },
    { anyOf: [{ type: 'boolean' }, { type: 'array', items: { type: 'null' }, maxItems: 2 }] },
  ),
);
const randomTool = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom('a', 'b_1', 'city', 'x'), { maxLength: 4 }),
    fc.infiniteStream(values),
  )
  .chain(([names, stream]) =>
    fc.subarray(names).map((required) => ({
      type: 'object',
      properties: Object.fromEntries(names.map((name) => [name, stream.next().value])),
      required,
      additionalProperties: false,
    })),
  );

function machineOf(grammar: Grammar): Machine {
  return new Machine(toPda(prepareGrammar(grammar)));
}

function machine(
  format: ToolCallFormat,
  tools: readonly ToolDefinition[],
  choice: ToolChoice,
  options?: ConstraintOptions,
): Machine {
  return machineOf(format.constraint(tools, choice, options));
}

function read(format: ToolCallFormat, tools: readonly ToolDefinition[], text: string) {
  const parser = format.parser({ tools });
  return collect([...parser.push(text), ...parser.finish()]);
}

describe.each(formats.map((format) => [format.name, format] as const))('%s', (_, format) => {
  it('has sentences that are valid calls, for random tools', () => {
    const random = seededRandom(SEED);
    let judged = 0;
    for (const parameters of fc.sample(randomTool, { seed: SEED, numRuns: 5 })) {
      const tools = [tool('f', parameters), ping];
      const validate = new Ajv2020({ strict: false }).compile(parameters);
      const of = machine(format, tools, 'required', { parallel: true });
      for (let run = 0; run < 3; run++) {
        const text = randomToolSentence(of, random, marksOf(format, 'f', 'v', []));
        if (text === undefined) continue;
        judged++;
        const { content, calls } = read(format, tools, text);
        expect([content, calls.length > 0], text).toEqual(['', true]);
        for (const call of calls) {
          const value: unknown = JSON.parse(call.arguments);
          if (call.name === 'f') expect(validate(value), `seed ${SEED}: ${text}`).toBe(true);
          else expect([call.name, value]).toEqual(['ping', {}]);
        }
      }
    }
    expect(judged).toBeGreaterThan(4);
  });

  it('takes its own writing of calls, one or several', () => {
    const call = { name: 'get_weather', arguments: { city: 'Oslo', days: 2 } };
    const tools = [weather, ping];
    const one = format.write([call], tools) as string;
    expect(accepts(machine(format, tools, 'required'), one)).toBe(true);
    expect(accepts(machine(format, tools, { name: 'ping' }), one)).toBe(false);
    expect(accepts(machine(format, tools, 'auto'), `Well.\n${one}`)).toBe(true);
    const short = format.write([{ ...call, arguments: { city: 'O' } }], tools) as string;
    expect(accepts(machine(format, tools, 'required'), short)).toBe(false);
    expect(accepts(machine(format, tools, 'auto'), short)).toBe(false);
    const open = [tool('get_weather', weather.function.parameters ?? {}, false)];
    // Where names stand behind values too, any object cannot be written: the schema counts.
    expect(accepts(machine(format, open, 'auto'), short)).toBe(format.name !== 'minimax-m3');
    expect(accepts(machine(format, open, 'required'), short)).toBe(false);
    const two = format.write([call, { name: 'ping', arguments: {} }], tools) as string;
    expect(read(format, tools, two).calls.map(({ name }) => name)).toEqual(['get_weather', 'ping']);
    expect(accepts(machine(format, tools, 'required'), two)).toBe(false);
    expect(accepts(machine(format, tools, 'auto'), two)).toBe(false);
  });

  it('leaves text free until a call begins, and constrains it from there', () => {
    const random = seededRandom(SEED);
    const tools = [weather, ping];
    const validate = new Ajv2020({ strict: false }).compile(weather.function.parameters as object);
    const of = machine(format, tools, 'auto', { parallel: true });
    const calls = [
      { name: 'ping', arguments: {} },
      { name: 'get_weather', arguments: { city: 'Oslo' } },
    ];
    const hints = [
      format.write(calls, tools),
      format.write([calls[1]], tools),
      'Some { [ < text. ',
      ...marksOf(format, 'f', 'v', []),
    ];
    for (let run = 0; run < 12; run++) {
      const text = randomToolSentence(of, random, hints);
      if (text === undefined) continue;
      for (const { name, arguments: given } of read(format, tools, text).calls)
        if (name === 'get_weather') expect(validate(JSON.parse(given)), text).toBe(true);
        else expect([name, JSON.parse(given)]).toEqual(['ping', {}]);
    }
    expect(accepts(of, 'Plain text, { [ < > ] }.')).toBe(true);
    expect(accepts(of, `${format.write(calls, tools)}\nSo.`)).toBe(true);
  });

  it('writes marks that are special tokens as these', () => {
    const mark = format.write([{ name: 'ping', arguments: {} }], [ping]).slice(0, 4);
    const text = printGrammar(format.constraint([ping], 'required', { specialTokens: [mark] }));
    expect(text).toContain(JSON.stringify(mark).slice(1, -1));
    const auto = machine(format, [ping], 'auto', { specialTokens: [mark] });
    expect(accepts(auto, `Any text. ${mark.slice(0, 3)}`)).toBe(true);
  });

  it('is a choice between an answer and calls, where an answer is given', () => {
    const builder = new GrammarBuilder();
    const answer = builder.build(bytes('{"ok": true}'));
    const of = machine(format, [ping], 'auto', { answer });
    expect(accepts(of, '{"ok": true}')).toBe(true);
    expect(accepts(of, format.write([{ name: 'ping', arguments: {} }], [ping]) as string)).toBe(true);
    expect(accepts(of, 'Well.')).toBe(false);
  });
});

describe('refused by name', () => {
  it.each([
    'qwen3_coder',
    'pythonic',
    'gemma4',
    'minimax-m3',
  ])('%s: a schema that the notation cannot carry', (name) => {
    const bad = tool('f', { type: 'object', properties: { a: {} }, minProperties: 1 });
    const format = findToolFormat(name) as ToolCallFormat;
    expect(() => format.constraint([ping, bad], 'required')).toThrow(RequestError);
    expect(() => format.constraint([ping, bad], 'required')).toThrow(/tools\[1\]\.function\.parameters/);
  });

  it('minimax-m3: members under names that no schema lists', () => {
    const open = tool('f', { type: 'object', properties: { a: { type: 'object' } } });
    const format = findToolFormat('minimax-m3') as ToolCallFormat;
    expect(() => format.constraint([open], 'required')).toThrow(/names that are not listed/);
  });

  it('a choice of a tool that is not there', () => {
    expect(() => formats[0].constraint([ping], { name: 'pong' })).toThrow(RequestError);
  });
});
