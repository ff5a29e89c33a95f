// The SGLang routes by plain fetch.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EngineError } from '../../src/errors.js';
import { events, info, start, stopAll } from './fake-engine.js';

afterEach(stopAll);

const signal = expect.any(AbortSignal);

describe('POST /generate', () => {
  it('asks with SGLang defaults and answers in its form', async () => {
    const { post, engine } = await start({ matchedStop: 7 });
    expect(await (await post('/generate', { text: 'Hi' })).json()).toEqual({
      text: 'Hello, world',
      output_ids: [0, 1, 2],
      meta_info: {
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        finish_reason: { type: 'stop', matched: 7 },
        prompt_tokens: 11,
        completion_tokens: 3,
        cached_tokens: 8,
        e2e_latency: 0.25,
      },
    });
    expect(engine.requests[0]).toEqual({ prompt: 'Hi', maxTokens: 128, temperature: 1, signal });
  });

  it('passes every sampling parameter on', async () => {
    const { post, engine } = await start({ finishReason: 'length' });
    const sampling_params = {
      max_new_tokens: 5,
      temperature: 0,
      top_p: 0.9,
      top_k: -1,
      min_p: 0.2,
      stop: ['a', 'b'],
      stop_token_ids: [3],
      ignore_eos: false,
      sampling_seed: 12,
      json_schema: '{"type":"object"}',
      regex: '',
      ebnf: null,
      n: 1,
      frequency_penalty: -0.5,
      repetition_penalty: 1.1,
      logit_bias: { 7: -100 },
      min_new_tokens: 2,
      skip_special_tokens: true,
    };
    const body = await (await post('/generate', { input_ids: [1, 2], rid: 'me', sampling_params })).json();
    expect(body.meta_info).toMatchObject({ id: 'me', finish_reason: { type: 'length', length: 3 } });
    expect(engine.requests[0]).toEqual({
      promptTokens: [1, 2],
      maxTokens: 5,
      temperature: 0,
      topP: 0.9,
      topK: -1,
      minP: 0.2,
      stop: ['a', 'b'],
      stopTokenIds: [3],
      skipSpecialTokens: true,
      ignoreEos: false,
      frequencyPenalty: -0.5,
      repetitionPenalty: 1.1,
      logitBias: { 7: -100 },
      minTokens: 2,
      seed: 12,
      schema: '{"type":"object"}',
      signal,
    });
  });

  it('answers a list with a list, in its order', async () => {
    const { post, engine } = await start((request) => ({
      pieces: [`<${request.prompt}>`],
      delay: request.prompt === 'a' ? 30 : 1,
    }));
    const tag = { structures: [{ begin: '<a>', schema: {}, end: '</a>' }], triggers: ['<a'] };
    const params = [{ structural_tag: tag }, { ebnf: 'root ::= "y"' }];
    const answers = await (
      await post('/generate', { text: ['a', 'b'], rid: 'r', sampling_params: params })
    ).json();
    expect(answers.map((one: { text: string }) => one.text)).toEqual(['<a>', '<b>']);
    expect(answers.map((one: { meta_info: { id: string } }) => one.meta_info.id)).toEqual(['r_0', 'r_1']);
    expect(engine.requests).toMatchObject([{ structuralTag: tag }, { ebnf: 'root ::= "y"' }]);
    const tokens = await (await post('/generate', { input_ids: [[1], [2]] })).json();
    expect(tokens).toHaveLength(2);
    expect(await (await post('/generate', { text: ['a'] })).json()).toHaveLength(1);
  });

  it('streams cumulative text, then [DONE]', async () => {
    const { post } = await start();
    const all = await events(await post('/generate', { text: 'Hi', stream: true, rid: 's' }));
    expect(all).toEqual([
      { text: 'Hello', output_ids: [0], meta_info: { id: 's', finish_reason: null, completion_tokens: 1 } },
      {
        text: 'Hello, ',
        output_ids: [0, 1],
        meta_info: { id: 's', finish_reason: null, completion_tokens: 2 },
      },
      {
        text: 'Hello, world',
        output_ids: [0, 1, 2],
        meta_info: {
          id: 's',
          finish_reason: { type: 'stop', matched: null },
          prompt_tokens: 11,
          completion_tokens: 3,
          cached_tokens: 8,
          e2e_latency: 0.25,
        },
      },
      '[DONE]',
    ]);
  });

  it('streams a batch with an index on each event', async () => {
    const { post } = await start((request) => ({ pieces: [...(request.prompt as string)] }));
    const all = await events(await post('/generate', { text: ['ab', 'cde'], stream: true }));
    const last = (index: number) => all.filter((one) => one.index === index).at(-1);
    expect(last(0)).toMatchObject({ text: 'ab', meta_info: { finish_reason: { type: 'stop' } } });
    expect(last(1)).toMatchObject({ text: 'cde', meta_info: { finish_reason: { type: 'stop' } } });
    expect(all.at(-1)).toBe('[DONE]');
  });

  it.each([false, true])('an error of one prompt ends its batch (stream: %s)', async (stream) => {
    const { post, engine } = await start((request) =>
      request.prompt === 'bad'
        ? { error: new EngineError('queue_full', 'full') }
        : { pieces: Array(50).fill('x'), delay: 5 },
    );
    const answer = await post('/generate', { text: ['good', 'bad', 'good'], stream });
    expect(answer.status).toBe(429);
    expect(await answer.json()).toEqual({ error: { message: 'full', code: 'queue_full' } });
    if (!stream) expect(engine.aborted).toBe(2);
  });

  it('reports an error in mid-stream as an event, and ends the others', async () => {
    const { post, engine } = await start((request) =>
      request.prompt === 'bad'
        ? { lateError: new EngineError('native_error', 'broke') }
        : { pieces: Array(50).fill('x'), delay: 5 },
    );
    const all = await events(await post('/generate', { text: ['good', 'bad'], stream: true }));
    expect(all.at(-2)).toEqual({ error: { message: 'broke', code: 'native_error' } });
    expect(all.at(-1)).toBe('[DONE]');
    expect(engine.aborted).toBe(1);
  });

  it.each<[object, string, string]>([
    [{}, 'text', 'exactly one of text and input_ids is required'],
    [{ text: 'a', input_ids: [1] }, 'text', 'exactly one of'],
    [{ text: [] }, 'text', 'text must NOT have fewer than 1 items'],
    [{ input_ids: [1, [2]] }, 'input_ids', 'mixes token ids and lists'],
    [{ input_ids: [-1] }, 'input_ids[0]', 'input_ids[0] must be >= 0'],
    [
      { text: 'a', sampling_params: { max_token: 3 } },
      'sampling_params.max_token',
      'sampling_params.max_token is not a known parameter',
    ],
    [{ text: ['a'], sampling_params: [{ nope: 3 }] }, 'sampling_params[0].nope', 'is not a known parameter'],
    [
      { text: ['a', 'b'], sampling_params: [{}] },
      'sampling_params',
      'sampling_params has 1 entries for 2 prompts',
    ],
    [
      { text: ['a', 'b'], sampling_params: [{ n: 2 }, {}] },
      'sampling_params',
      'sampling_params of one request must agree in n',
    ],
    [
      { text: 'a', sampling_params: { repetition_penalty: 0 } },
      'sampling_params.repetition_penalty',
      'must be >= 0.01',
    ],
    [
      { text: 'a', sampling_params: { regex: 'a', ebnf: 'b' } },
      'sampling_params.ebnf',
      'sampling_params.regex and sampling_params.ebnf cannot be combined',
    ],
    [
      { text: 'a', sampling_params: { regex: 'a', structural_tag: '{}' } },
      'sampling_params.structural_tag',
      'sampling_params.regex and sampling_params.structural_tag cannot be combined',
    ],
    [{ text: 'a', top_logprobs_num: 21 }, 'top_logprobs_num', 'must be <= 20'],
    [{ text: 'a', image_data: 'x' }, 'image_data', 'image_data is not supported'],
    [{ text: ['a', 'b', 'c'] }, 'text', '3 outputs in one request (limit maxBatch = 2)'],
  ])('refuses %j by name', async (body, param, message) => {
    const { post, engine } = await start({}, { maxBatch: 2 });
    const answer = await post('/generate', body);
    expect(answer.status).toBe(400);
    const { error } = await answer.json();
    expect(error.param).toBe(param);
    expect(error.message).toContain(message);
    expect(engine.requests).toHaveLength(0);
  });

  it('answers with log-probabilities where they are asked for', async () => {
    const alternatives = [
      { token: 5, logprob: -0.25 },
      { token: 9, logprob: -1.5 },
    ];
    const { post, engine } = await start({ logprobs: [{ token: 9, logprob: -1.5, alternatives }] });
    const answer = await post('/generate', { text: 'a', return_logprob: true, top_logprobs_num: 2 });
    expect(engine.requests[0]).toMatchObject({ logprobs: 2 });
    expect((await answer.json()).meta_info).toMatchObject({
      output_token_logprobs: [[-1.5, 9, null]],
      output_token_logprobs_length: 1,
      output_top_logprobs: [
        [
          [-0.25, 5, null],
          [-1.5, 9, null],
        ],
      ],
    });
    await post('/generate', { text: 'a', top_logprobs_num: 2 });
    expect(engine.requests[1]).not.toHaveProperty('logprobs');
  });

  it('ignores fields it does not know, as SGLang does', async () => {
    const { post } = await start();
    expect(
      (await post('/generate', { text: 'a', whatever: 1, return_logprob: false, lora_path: null })).status,
    ).toBe(200);
  });
});

it("encodes a text once where the first token's log-probability is told", async () => {
  const { post, engine } = await start({ promptLogprobs: [null], logprobs: [] });
  const encodings = vi.spyOn(engine, 'tokenize');
  await post('/generate', { text: ['ab', 'c'], return_logprob: true, logprob_start_len: 0 });
  expect(encodings).toHaveBeenCalledTimes(2);
  expect(engine.requests.map(({ prompt, promptTokens }) => [prompt, Array.from(promptTokens ?? [])])).toEqual(
    [
      [undefined, [97, 98]],
      [undefined, [99]],
    ],
  );
});

describe('max_new_tokens 0', () => {
  const promptLogprobs = [null, { token: 98, logprob: -0.5, alternatives: [] }];

  it('computes the prompt and tells of nothing else', async () => {
    const { post, engine } = await start({ promptLogprobs, logprobs: [] });
    const ask = { text: 'ab', sampling_params: { max_new_tokens: 0 }, return_logprob: true };
    const answer = await (await post('/generate', { ...ask, return_text_in_logprobs: true })).json();
    expect(answer).toMatchObject({ text: '', output_ids: [] });
    expect(answer.meta_info).toMatchObject({
      finish_reason: { type: 'length', length: 0 },
      completion_tokens: 0,
      input_token_logprobs: [
        [null, 97, 'a'],
        [-0.5, 98, 'b'],
      ],
      output_token_logprobs: [],
    });
    expect(engine.requests[0]).toMatchObject({ maxTokens: 1, promptLogprobsFrom: 0 });
  });

  it('streamed: one event', async () => {
    const { post } = await start();
    const ask = { text: ['ab', 'c'], sampling_params: [{ max_new_tokens: 0 }, {}], stream: true };
    const told = (await events(await post('/generate', ask))).slice(0, -1);
    expect(told.filter(({ index }) => index === 0)).toHaveLength(1);
    expect(told.filter(({ index }) => index === 1).at(-1).text).toBe('Hello, world');
  });
});

describe('the other routes', () => {
  it('/flush_cache', async () => {
    const { url, engine } = await start();
    for (const method of ['GET', 'POST']) {
      const answer = await fetch(`${url}/flush_cache`, { method });
      expect(answer.status).toBe(200);
      expect(await answer.text()).toBe('Cache flushed.\n');
    }
    expect(engine.flushes).toBe(2);
  });

  it('/get_model_info and /get_server_info', async () => {
    const { url } = await start();
    expect(await (await fetch(`${url}/get_model_info`)).json()).toEqual({
      model_path: '/models/fake',
      served_model_name: 'fake-1',
      is_generation: true,
      context_length: 512,
      vocab_size: 100,
      eos_token_ids: [7],
    });
    expect(await (await fetch(`${url}/get_server_info`)).json()).toEqual({
      server: 'espalier',
      model_path: '/models/fake',
      served_model_name: 'fake-1',
      kernels: 'none',
      engine_options: info.options,
      tool_call_parser: 'hermes',
      reasoning_parser: null,
      stats: { running: 0 },
    });
  });
});
