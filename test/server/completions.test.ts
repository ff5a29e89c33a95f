// POST /v1/completions, several outputs and log-probabilities of all routes, /tokenize: by plain fetch.
import { afterEach, describe, expect, it } from 'vitest';
import type { ChosenTokenLogprob } from '../../src/engine/index.js';
import { events, start, stopAll } from './fake-engine.js';

afterEach(stopAll);

const path = '/v1/completions';
const logprobs: ChosenTokenLogprob[] = [
  { token: 72, logprob: -0.5, alternatives: [{ token: 74, logprob: -0.25 }] },
  { token: 233, logprob: -1, alternatives: [] },
];

describe('/v1/completions', () => {
  it('asks the engine with its defaults, and answers', async () => {
    const { post, engine } = await start();
    const answer = await post(path, { prompt: 'Hi' });
    expect(engine.requests[0]).toEqual({
      prompt: 'Hi',
      temperature: 1,
      maxTokens: 16,
      signal: expect.any(AbortSignal),
    });
    expect(await answer.json()).toMatchObject({
      object: 'text_completion',
      choices: [{ index: 0, text: 'Hello, world', logprobs: null, finish_reason: 'stop' }],
      usage: { prompt_tokens: 11, completion_tokens: 3, total_tokens: 14 },
    });
  });

  it('takes several prompts and outputs, in the order of the prompts', async () => {
    const { post } = await start((request) => ({ pieces: [String(request.prompt)] }));
    const { choices, usage } = await (await post(path, { prompt: ['a', 'b'], n: 2 })).json();
    expect(choices.map(({ index, text }: { index: number; text: string }) => [index, text])).toEqual([
      [0, 'a'],
      [1, 'a'],
      [2, 'b'],
      [3, 'b'],
    ]);
    expect(usage).toMatchObject({ prompt_tokens: 22, completion_tokens: 4 });
  });

  it('streams each choice under its index, and the usage last', async () => {
    const { post } = await start((request) => ({ pieces: [`${request.prompt}1`, `${request.prompt}2`] }));
    const body = { prompt: ['a', 'b'], n: 2, stream: true, stream_options: { include_usage: true } };
    const sent = await events(await post(path, body));
    expect(sent.pop()).toBe('[DONE]');
    expect(sent.pop()).toMatchObject({ choices: [], usage: { prompt_tokens: 22, completion_tokens: 8 } });
    const texts = ['', '', '', ''];
    for (const { choices } of sent) texts[choices[0].index] += choices[0].text;
    expect(texts).toEqual(['a1a2', 'a1a2', 'b1b2', 'b1b2']);
    expect(sent.filter(({ choices }) => choices[0].finish_reason === 'stop')).toHaveLength(4);
  });

  it('echoes prompts given as text and as tokens, whole and streamed', async () => {
    const { post } = await start({ pieces: ['x', 'y'] });
    for (const prompt of ['Hi', [72, 105]]) {
      const whole = await (await post(path, { prompt, echo: true })).json();
      expect(whole.choices[0].text).toBe('Hixy');
      const sent = await events(await post(path, { prompt, echo: true, stream: true }));
      expect(sent.slice(0, -1).map(({ choices }) => choices[0].text)).toEqual(['Hix', 'y']);
    }
  });

  it('tells log-probabilities of prompt and output, with offsets', async () => {
    const { post, engine } = await start({
      pieces: ['Hé'],
      logprobs,
      promptLogprobs: [null, { token: 105, logprob: -2, alternatives: [] }],
    });
    const { choices } = await (await post(path, { prompt: [72, 105], echo: true, logprobs: 1 })).json();
    expect(engine.requests[0]).toMatchObject({ logprobs: 1, promptLogprobs: 1 });
    expect(choices[0]).toMatchObject({
      text: 'HiHé',
      logprobs: {
        tokens: ['H', 'i', 'H', 'é'],
        token_logprobs: [null, -2, -0.5, -1],
        top_logprobs: [null, {}, { J: -0.25 }, {}],
        text_offset: [0, 1, 2, 3],
      },
    });
  });

  it.each([
    [{}, 'prompt', 'prompt is required'],
    [{ prompt: ['a', 1] }, 'prompt', 'mixes texts and token ids'],
    [{ prompt: [1, [2]] }, 'prompt', 'mixes token ids and lists'],
    [{ prompt: 'a', suffix: 'b' }, 'suffix', 'suffix is not supported'],
    [{ prompt: 'a', best_of: 2 }, 'best_of', 'use n'],
    [{ prompt: 'a', echo: true, logprobs: 0, stream: true }, 'echo', 'not supported in a stream'],
    [{ prompt: 'a', regex: 'a', lark: 'start: "a"' }, 'lark', 'regex and lark cannot be combined'],
    [{ prompt: ['a', 'b', 'c'], n: 100 }, 'prompt', 'limit maxBatch = 128'],
  ])('refuses %j by name', async (body, param, message) => {
    const { post, engine } = await start({}, { maxBatch: 128 });
    const answer = await post(path, body);
    expect(answer.status).toBe(400);
    const { error } = await answer.json();
    expect(error).toMatchObject({ param, message: expect.stringContaining(message) });
    expect(engine.requests).toHaveLength(0);
  });
});

describe('chat', () => {
  const chat = { messages: [{ role: 'user', content: 'Hi' }] };

  it('gives several choices, whole and streamed', async () => {
    const { post } = await start();
    const { choices, usage } = await (await post('/v1/chat/completions', { ...chat, n: 3 })).json();
    expect(choices.map(({ index }: { index: number }) => index)).toEqual([0, 1, 2]);
    expect(usage).toMatchObject({ prompt_tokens: 11, completion_tokens: 9 });
    const sent = await events(await post('/v1/chat/completions', { ...chat, n: 3, stream: true }));
    const texts = ['', '', ''];
    for (const { choices } of sent.slice(0, -1)) texts[choices[0].index] += choices[0].delta.content ?? '';
    expect(texts).toEqual(['Hello, world', 'Hello, world', 'Hello, world']);
  });

  it('tells log-probabilities once, whole and streamed', async () => {
    const { post, engine } = await start({ pieces: ['Hé'], logprobs });
    const body = { ...chat, logprobs: true, top_logprobs: 1 };
    const whole = await (await post('/v1/chat/completions', body)).json();
    const content = [
      { token: 'H', logprob: -0.5, bytes: [72], top_logprobs: [{ token: 'J', logprob: -0.25, bytes: [74] }] },
      { token: 'é', logprob: -1, bytes: [195, 169], top_logprobs: [] },
    ];
    expect(whole.choices[0].logprobs).toEqual({ content, refusal: null });
    expect(engine.requests[0].logprobs).toBe(1);
    const sent = await events(await post('/v1/chat/completions', { ...body, stream: true }));
    const told = sent.slice(0, -1).flatMap(({ choices }) => choices[0].logprobs?.content ?? []);
    expect(told).toEqual(content);
  });

  it('passes on what places a request among others, and how it stops', async () => {
    const { post, engine } = await start();
    await post('/v1/chat/completions', {
      ...chat,
      cache_salt: 'a',
      extra_key: 'b',
      priority: 3,
      stop_regex: '[0-9]+',
      no_stop_trim: true,
      lark: 'start: "a"',
    });
    expect(engine.requests[0]).toMatchObject({
      cacheSalt: '["a","b"]',
      priority: 3,
      stopRegex: ['[0-9]+'],
      keepStop: true,
      lark: 'start: "a"',
    });
  });
});

describe('/generate', () => {
  it('gives a list for several outputs, each with an id of its own', async () => {
    const { post } = await start();
    const answer = await (await post('/generate', { text: 'a', rid: 'r', sampling_params: { n: 2 } })).json();
    expect(answer.map(({ meta_info }: { meta_info: { id: string } }) => meta_info.id)).toEqual([
      'r_0',
      'r_1',
    ]);
  });

  it("tells the prompt's log-probabilities, with texts where asked", async () => {
    const { post, engine } = await start({ logprobs, promptLogprobs: [null, logprobs[0]] });
    const body = { text: 'a', return_logprob: true, logprob_start_len: 0, top_logprobs_num: 1 };
    const { meta_info } = await (await post('/generate', { ...body, return_text_in_logprobs: true })).json();
    expect(engine.requests[0]).toMatchObject({ logprobs: 1, promptLogprobs: 1, promptLogprobsFrom: 0 });
    expect(meta_info).toMatchObject({
      input_token_logprobs: [
        [null, 97, 'a'],
        [-0.5, 72, 'H'],
      ],
      input_top_logprobs: [null, [[-0.25, 74, 'J']]],
      output_token_logprobs: [
        [-0.5, 72, 'H'],
        [-1, 233, 'é'],
      ],
    });
  });
});

describe('/parse_function_call and /separate_reasoning', () => {
  const tools = [
    {
      type: 'function',
      function: { name: 'f', parameters: { type: 'object', properties: { a: { type: 'string' } } } },
    },
  ];

  it('read a text in the format that is named', async () => {
    const { post } = await start();
    const text = 'Yes. <tool_call>\n<function=f>\n<parameter=a>\n5\n</parameter>\n</function>\n</tool_call>';
    const body = { text, tools, tool_call_parser: 'qwen3_coder' };
    const { normal_text, calls } = await (await post('/parse_function_call', body)).json();
    expect(normal_text).toBe('Yes.');
    expect(calls).toEqual([{ tool_index: 0, name: 'f', parameters: expect.any(String) }]);
    expect(JSON.parse(calls[0].parameters)).toEqual({ a: '5' });
    const thought = { text: '<think>Hm.</think>Hi', reasoning_parser: 'qwen3' };
    expect(await (await post('/separate_reasoning', thought)).json()).toEqual({
      reasoning_text: 'Hm.',
      text: 'Hi',
    });
  });

  it('the format of calls is the one that the chat template asks for', async () => {
    const { engine, url, post } = await start();
    engine.chatTemplates = ['{{ "<tool_call><function=" }}<parameter='];
    const info = await (await fetch(`${url}/server_info`)).json();
    expect(info.tool_call_parser).toBe('qwen3_coder');
    const text = '<tool_call><function=f><parameter=a>x</parameter></function></tool_call>';
    const { calls } = await (await post('/parse_function_call', { text, tools })).json();
    expect(calls).toMatchObject([{ name: 'f', parameters: '{"a": "x"}' }]);
  });

  it.each([
    ['/parse_function_call', { text: '', tool_call_parser: 'x' }, 'tool_call_parser'],
    ['/separate_reasoning', { text: '', reasoning_parser: 'x' }, 'reasoning_parser'],
  ])('%s refuses %j', async (path, body, param) => {
    const { post } = await start();
    const answer = await post(path, body);
    expect(answer.status).toBe(400);
    expect((await answer.json()).error.param).toBe(param);
  });
});

describe('/abort_request', () => {
  it('ends the requests of its id alone, by rid or request id', async () => {
    const { post, engine } = await start({ pieces: Array(200).fill('x'), delay: 10 });
    const chat = { messages: [{ role: 'user', content: 'Hi' }] };
    const named = post('/generate', { text: 'a', rid: 'one' });
    const other = post('/v1/completions', { prompt: 'b', max_tokens: 200 }, { 'x-request-id': 'two' });
    const kept = post('/v1/chat/completions', { ...chat, rid: 'three' });
    while (engine.requests.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await post('/abort_request', { rid: 'nobody' })).status).toBe(200);
    await post('/abort_request', { rid: 'one' });
    expect((await (await named).json()).meta_info.finish_reason.type).toBe('abort');
    expect(engine.aborted).toBe(1);
    await post('/abort_request', { rid: 'two' });
    expect((await other).status).toBe(503);
    await post('/abort_request', { abort_all: true });
    expect((await kept).status).toBe(503);
    expect((await post('/abort_request', {})).status).toBe(400);
  });
});

describe('/health_generate', () => {
  it('tells of an engine that makes tokens, and of one that does not', async () => {
    const well = await start({}, { apiKey: 'k' });
    expect((await fetch(`${well.url}/health_generate`)).status).toBe(200);
    const stuck = await start({ pieces: ['a', 'b'], delay: 60 }, { healthTimeout: 20 });
    const answer = await fetch(`${stuck.url}/health_generate`);
    expect(answer.status).toBe(503);
    expect((await answer.json()).error.code).toBe('unhealthy');
  });
});

describe('/tokenize and /detokenize', () => {
  it.each(['', '/v1'])('below %j', async (prefix) => {
    const { post } = await start();
    const one = await (await post(`${prefix}/tokenize`, { prompt: 'Hi' })).json();
    expect(one).toEqual({ tokens: [72, 105], count: 2, max_model_len: 512 });
    const several = await (await post(`${prefix}/tokenize`, { prompt: ['H', 'Hi'] })).json();
    expect(several).toEqual({ tokens: [[72], [72, 105]], count: [1, 2], max_model_len: 512 });
    expect(await (await post(`${prefix}/detokenize`, { tokens: [72, 105] })).json()).toEqual({ text: 'Hi' });
    expect(await (await post(`${prefix}/detokenize`, { tokens: [[72], [105]] })).json()).toEqual({
      text: ['H', 'i'],
    });
    expect((await post(`${prefix}/detokenize`, { tokens: ['a'] })).status).toBe(400);
  });
});
