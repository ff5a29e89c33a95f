// What is kept of responses: bounds of number, bytes and time, conversations over several responses, items by id.
import { describe, expect, it } from 'vitest';
import { beginResponse } from '../../src/server/openai/responses/response.js';
import { ResponseStore, type StoredResponse } from '../../src/server/openai/responses/store.js';

const limits = { maxStoredResponses: 3, maxStoredBytes: 100_000, storedResponseTtl: 1000 };

function response(id: string, previous: string | null = null, text = id): StoredResponse {
  const message = { type: 'message' as const, status: 'completed' as const };
  return {
    response: {
      ...beginResponse({}, 'm'),
      id,
      previous_response_id: previous,
      output: [
        {
          ...message,
          id: `out_${id}`,
          role: 'assistant',
          content: [{ type: 'output_text', text, annotations: [] }],
        },
      ],
    },
    input: [{ ...message, id: `in_${id}`, role: 'user', content: [{ type: 'input_text', text }] }],
  };
}

describe('bounds', () => {
  it('of number: the least recently used goes', () => {
    const store = new ResponseStore(limits);
    for (const id of ['a', 'b', 'c']) store.put(response(id));
    store.get('a');
    store.put(response('d'));
    expect(['a', 'b', 'c', 'd'].map((id) => store.get(id) !== undefined)).toEqual([true, false, true, true]);
    expect(store.item('out_b')).toBeUndefined();
  });

  it('of bytes, which are counted down to none', () => {
    const store = new ResponseStore({ ...limits, maxStoredBytes: 5000 });
    store.put(response('a', null, 'x'.repeat(1500)));
    const { bytes } = store;
    store.put(response('b', null, 'x'.repeat(1500)));
    expect(store.size).toBe(1);
    expect(store.bytes).toBe(bytes);
    store.put(response('c', null, 'x'.repeat(6000)));
    expect(store.get('c')).toBeUndefined();
    expect(store.get('b')).toBeDefined();
    store.delete('b');
    expect(store.bytes).toBe(0);
  });

  it('of time since the last use', () => {
    let now = 0;
    const store = new ResponseStore(limits, () => now);
    store.put(response('a'));
    store.put(response('b'));
    now = 900;
    store.get('a');
    now = 1800;
    expect(store.get('b')).toBeUndefined();
    expect(store.get('a')).toBeDefined();
  });

  it('none are kept with maxStoredResponses 0', () => {
    const store = new ResponseStore({ ...limits, maxStoredResponses: 0 });
    store.put(response('a'));
    expect(store.get('a')).toBeUndefined();
    expect(store.bytes).toBe(0);
  });
});

describe('conversations', () => {
  it('are what was asked and answered, in order', () => {
    const store = new ResponseStore(limits);
    store.put(response('a'));
    store.put(response('b', 'a'));
    store.put(response('c', 'b'));
    expect(store.history('c').map(({ id }) => id)).toEqual([
      'in_a',
      'out_a',
      'in_b',
      'out_b',
      'in_c',
      'out_c',
    ]);
  });

  it('keep the responses before alive while they are gone on from', () => {
    const store = new ResponseStore(limits);
    store.put(response('a'));
    store.put(response('b', 'a'));
    for (const id of ['x', 'y', 'z']) {
      store.history('b');
      store.put(response(id));
      expect(store.history('b')).toHaveLength(4);
    }
  });

  it('that lost a response are refused, and the one that is gone is named', () => {
    const store = new ResponseStore(limits);
    store.put(response('a'));
    store.put(response('b', 'a'));
    store.delete('a');
    expect(() => store.history('b')).toThrow('the response "a" before it is gone');
    expect(() => store.history('none')).toThrow('"none" is not stored');
  });
});
