// The playground's routes over the real engine: what they tell of steps is what masks say, and outputs are those of chat
// completions.
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curlOf } from '../../playground/curl.js';
import { EXAMPLES } from '../../playground/examples.js';
import { requestOf } from '../../playground/form.js';
import { compile, type GrammarSource } from '../../src/compile/index.js';
import { Engine } from '../../src/engine/index.js';
import { type RunningServer, serve } from '../../src/server/index.js';
import type { ConstraintView, EndEvent, Step } from '../../src/server/playground/protocol.js';
import { events } from './fake-engine.js';

let engine: Engine;
let server: RunningServer;

beforeAll(async () => {
  engine = new Engine({ threads: 2 });
  server = await serve(engine, { port: 0 });
});
afterAll(() => server?.close());

function post(path: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(server.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
}

interface Told {
  readonly ids: readonly number[];
  readonly steps: readonly Step[];
  readonly end: EndEvent;
}

async function generate(body: object): Promise<Told> {
  const all = await events(await post('/playground/generate', body));
  const steps = all.flatMap((event) => (event.type === 'steps' ? (event.steps as Step[]) : []));
  return { ids: all[0].ids, steps, end: all.at(-2) };
}

const messages = [{ role: 'user', content: 'Ann Smith, 31, lives in Lima. Give me the record as JSON.' }];
const schema = {
  type: 'object',
  properties: {
    name: { type: 'string', maxLength: 20 },
    age: { type: 'integer', minimum: 0, maximum: 150 },
    home: { enum: ['Lima', 'Rome', 'Oslo'] },
  },
  required: ['name', 'age'],
};
const constraints: readonly ConstraintView[] = [
  { kind: 'schema', text: JSON.stringify(schema) },
  { kind: 'regex', text: '(é|è|[a-z]){4,12}( \\d{1,3}){2}' },
  { kind: 'ebnf', text: 'root ::= ("a" | "b" [0-9]{1,4} ";"){3,6}' },
  { kind: 'lark', text: 'start: (NAME ","){3} NAME\nNAME: /[a-z]{1,8}/\n%ignore / /' },
];

describe('POST /playground/generate', () => {
  it.each(constraints)('judges alternatives as the masks of the grammar do: $kind', async (constraint) => {
    const asked = { messages, constraint, temperature: 1.5, seed: 11, max_tokens: 60, alternatives: 20 };
    const { steps } = await generate(asked);
    expect(steps.length).toBeGreaterThan(2);
    const source = { [constraint.kind]: constraint.text } as unknown as GrammarSource;
    const matcher = compile(source).matcher(await engine.tokenizer());
    const row = new Int32Array(matcher.words);
    for (const step of steps) {
      expect(step.allowed).toBe(matcher.fill(row));
      for (const { id, allowed } of step.alternatives ?? [])
        expect(allowed).toBe(((row[id >> 5] >> (id & 31)) & 1) === 1);
      expect(step.alternatives).toHaveLength(20);
      const text = matcher.forced(step.bytes.length);
      const isForced = step.bytes.every((byte, index) => byte === text[index]);
      expect(step.forced).toBe(step.allowed === 1 ? 'token' : isForced ? 'text' : null);
      expect(matcher.accept(step.id)).toBe(true);
    }
  });

  it('gives the output of chat completions, with and without probabilities', async () => {
    const constraint = constraints[0];
    const response_format = { type: 'json_schema', json_schema: { name: 'r', schema } };
    const asked = { messages, temperature: 0, max_tokens: 100 };
    const whole = await (await post('/v1/chat/completions', { ...asked, response_format })).json();
    for (const alternatives of [null, 0, 5]) {
      const { end, steps, ids } = await generate({ ...asked, constraint, alternatives });
      expect(end.text).toBe(whole.choices[0].message.content);
      expect(end.usage.prompt_tokens).toBe(whole.usage.prompt_tokens);
      expect(ids).toHaveLength(end.usage.prompt_tokens);
      expect(steps).toHaveLength(end.usage.output_tokens);
      expect(steps[0].alternatives?.length).toBe(alternatives ?? undefined);
    }
  });

  it('tells what of the prompt came from the cache, and the tree tells the same', async () => {
    const asked = { prompt: 'The quick brown fox jumps over the lazy dog, '.repeat(6), max_tokens: 4 };
    await generate(asked);
    const { ids, end } = await generate(asked);
    const { cached_tokens } = end.usage;
    expect(cached_tokens).toBe(ids.length - 1);
    const cached = await engine.detokenize(ids.slice(0, cached_tokens));
    expect(end.cached_text_length).toBe(cached.length);
    const tree = await (await post('/playground/cache', { prompt_tokens: ids, cached_tokens })).json();
    const reused = (nodes: readonly { reused: number; children: [] }[]): number =>
      nodes.reduce((sum, node) => sum + node.reused + reused(node.children), 0);
    expect(reused(tree.roots)).toBe(cached_tokens);
    expect(tree.roots[0].reused).toBeGreaterThan(0);
  });

  it.each([
    [
      { kind: 'schema', text: '{"properties": {"a": {"$ref": "#/nowhere"}}}' },
      { pointer: '/properties/a/$ref' },
    ],
    [{ kind: 'regex', text: 'a[2' }, { column: expect.any(Number) }],
    [
      { kind: 'lark', text: 'start: nobody' },
      { line: 1, column: 8 },
    ],
  ])('refuses %j with its place', async (constraint, place) => {
    const answer = await post('/playground/generate', { prompt: 'a', constraint });
    expect(answer.status).toBe(400);
    expect((await answer.json()).error.place).toMatchObject(place);
  });
});

it.each(
  EXAMPLES.map(({ name, form }) => [name, form] as const),
)('the command of an example works: %s', async (_, form) => {
  const command = curlOf(form, server.url, false);
  const read = execFileSync('sh', ['-c', command.replace('curl', 'printf "%s\\0"')], { encoding: 'utf8' });
  const [url, , , , body] = read.split('\0');
  const answer = await post(url.slice(server.url.length), JSON.parse(body));
  expect(answer.status).toBe(200);
  const [choice] = (await answer.json()).choices;
  const { constraint, ...asked } = requestOf(form);
  const { end } = await generate({ ...asked, constraint });
  expect(choice.message?.content ?? choice.text).toBe(end.text);
});

it('GET /playground/info and /stats tell of the model and its work', async () => {
  const get = async (path: string) => (await fetch(server.url + path)).json();
  expect(await get('/playground/info')).toMatchObject({
    model: 'sprout',
    vocab_size: 2048,
    has_chat_template: true,
  });
  const before = await get('/playground/stats');
  await generate({ prompt: 'One', max_tokens: 5, ignore_eos: true });
  const after = await get('/playground/stats');
  expect(after.output_tokens - before.output_tokens).toBe(5);
  expect(after.at).toBeGreaterThan(before.at);
  expect(after.pages_total).toBeGreaterThan(0);
});
