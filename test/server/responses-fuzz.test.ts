// Bodies of /v1/responses that went wrong anywhere: each is answered or refused by name, and none is the server's fault.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createServer } from '../../src/server/index.js';
import { FakeEngine } from './fake-engine.js';

const whole = {
  model: 'm',
  instructions: 'Be brief.',
  input: [
    { role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
    { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm' }] },
    { type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text: 'A' }] },
    { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
    { type: 'function_call_output', call_id: 'c', output: [{ type: 'input_text', text: 'x' }] },
    { type: 'item_reference', id: 'msg_1' },
  ],
  tools: [
    { type: 'function', name: 'f', parameters: { type: 'object', properties: { a: { enum: [1, 2] } } } },
    { type: 'custom', name: 'g', format: { type: 'grammar', syntax: 'lark', definition: 'start: "a"' } },
  ],
  tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'f' }] },
  text: { format: { type: 'json_schema', name: 'n', schema: { type: 'object' } }, verbosity: 'medium' },
  reasoning: { effort: 'low', summary: 'auto' },
  include: ['message.output_text.logprobs'],
  top_logprobs: 2,
  metadata: { a: 'b' },
  truncation: 'auto',
  previous_response_id: null,
  max_output_tokens: 5,
};

/** Ways to each value inside. */
function paths(value: unknown, way: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [way];
  return [way, ...Object.entries(value).flatMap(([key, inner]) => paths(inner, [...way, key]))];
}

function changed(value: unknown, [key, ...rest]: readonly string[], to: unknown): unknown {
  if (key === undefined) return to;
  const copy = structuredClone(value) as Record<string, unknown>;
  if (rest.length === 0 && to === undefined) delete copy[key];
  else copy[key] = changed(copy[key], rest, to);
  return copy;
}

const strange = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, true, 0, -1, 1.5, 1e30, '', 'x', 'auto', [], {}, [null], [{}], {
    type: 'x',
  }),
  fc.jsonValue({ maxDepth: 2 }),
);

it('is never a fault', async () => {
  const app = createServer(new FakeEngine());
  const seed = Date.now() & 0x7fffffff;
  const ways = paths(whole).filter((way) => way.length > 0);
  const change = fc.tuple(fc.constantFrom(...ways), strange);
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { minLength: 1, maxLength: 2 }),
      fc.boolean(),
      async (changes, isShort) => {
        let body: unknown = isShort
          ? { input: 'Hi', tools: whole.tools, text: whole.text }
          : { ...whole, input: whole.input.slice(0, 5) };
        for (const [way, to] of changes)
          try {
            body = changed(body, way, to);
          } catch {
            // The other change took away what this one is inside of.
          }
        const { statusCode, body: answer } = await app.inject({
          method: 'POST',
          url: '/v1/responses',
          payload: body as object,
        });
        seen.add(statusCode);
        expect(statusCode, answer).toBeLessThan(500);
        if (statusCode >= 400) expect(JSON.parse(answer).error.message).toBeTypeOf('string');
      },
    ),
    { seed, numRuns: 1500 },
  );
  expect([...seen].sort()).toEqual([200, 400]);
  await app.close();
});
