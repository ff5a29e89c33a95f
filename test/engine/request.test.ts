// Requests and engine options: defaults, and every fault by its field.
import { describe, expect, it } from 'vitest';
import { EMBEDDED_MODEL, resolveOptions } from '../../src/engine/options.js';
import { checkRequest, MAX_STOP_LENGTH, MAX_STOP_STRINGS } from '../../src/engine/request.js';
import { MAX_STOP_REGEXES } from '../../src/engine/stop-regex.js';
import { RequestError } from '../../src/errors.js';
import { faultOf } from './made-model.js';

const check = (fields: object) => checkRequest({ prompt: 'x', ...fields } as never, 100);

describe('checkRequest', () => {
  it('fills in the defaults', () => {
    const { sampling, ...rest } = check({});
    expect(rest).toEqual({
      maxTokens: 256,
      stop: [],
      stopRegex: [],
      keepStop: false,
      stopTokenIds: [],
      skipSpecialTokens: true,
      ignoreEos: false,
      extras: {},
    });
    expect(sampling).toMatchObject({ temperature: 0, topK: 0, topP: 1, minP: 0 });
    expect(Number.isSafeInteger(sampling.seed)).toBe(true);
    expect(check({}).sampling.seed).not.toBe(sampling.seed);
  });

  it('takes what is given', () => {
    const given = check({
      temperature: 0.7,
      topK: -1,
      topP: 0.9,
      minP: 0.1,
      seed: 7,
      maxTokens: 1,
      stop: ['x'],
    });
    expect(given.sampling).toEqual({ temperature: 0.7, topK: 0, topP: 0.9, minP: 0.1, seed: 7 });
    expect(given).toMatchObject({ maxTokens: 1, stop: ['x'] });
    expect(checkRequest({ promptTokens: Int32Array.of(0, 99) }, 100).maxTokens).toBe(256);
    expect(checkRequest({ messages: [{ role: 'user', content: 'x' }] }, 100).stop).toEqual([]);
  });

  it('takes penalties, biases, minTokens and logprobs', () => {
    const { sampling, extras } = check({
      repetitionPenalty: 1.2,
      frequencyPenalty: -2,
      presencePenalty: 2,
      logitBias: { 0: 100, 99: -0.5 },
      minTokens: 256,
      logprobs: 20,
    });
    expect(sampling).toMatchObject({ repetitionPenalty: 1.2, frequencyPenalty: -2, presencePenalty: 2 });
    expect(extras).toEqual({
      logitBias: { tokens: Int32Array.of(0, 99), biases: Float32Array.of(100, -0.5) },
      minTokens: 256,
      logprobs: 20,
    });
  });

  it.each<[string, object, string]>([
    ['a penalty of nothing', { repetitionPenalty: 0 }, 'repetitionPenalty'],
    ['a penalty out of range', { frequencyPenalty: 2.1 }, 'frequencyPenalty'],
    ['a penalty that is no number', { presencePenalty: '1' }, 'presencePenalty'],
    ['a bias of a token that is none', { logitBias: { 100: 1 } }, 'logitBias'],
    ['a bias of no token', { logitBias: { '-1': 1 } }, 'logitBias'],
    ['a bias that is no number', { logitBias: { 1: Number.NaN } }, 'logitBias'],
    ['biases in a list', { logitBias: [1] }, 'logitBias'],
    ['minTokens above maxTokens', { minTokens: 257 }, 'minTokens'],
    ['too many alternatives', { logprobs: 21 }, 'logprobs'],
    ['no prompt', { prompt: undefined }, 'prompt'],
    ['two prompts', { promptTokens: [1] }, 'prompt'],
    ['a prompt that is no text', { prompt: 3 }, 'prompt'],
    ['an unknown field', { max_tokens: 3 }, 'max_tokens'],
    ['two constraints', { regex: 'a', gbnf: 'root ::= "a"' }, 'gbnf'],
    ['a token outside the vocabulary', { prompt: undefined, promptTokens: [1, 100] }, 'promptTokens'],
    ['a token that is no integer', { prompt: undefined, promptTokens: [0.5] }, 'promptTokens'],
    ['tokens that are no list', { prompt: undefined, promptTokens: 'ab' }, 'promptTokens'],
    ['a stop token outside the vocabulary', { stopTokenIds: [-1] }, 'stopTokenIds'],
    ['no output', { maxTokens: 0 }, 'maxTokens'],
    ['half a token', { maxTokens: 1.5 }, 'maxTokens'],
    ['a temperature below 0', { temperature: -0.1 }, 'temperature'],
    ['a temperature that is no number', { temperature: Number.NaN }, 'temperature'],
    ['topK below -1', { topK: -2 }, 'topK'],
    ['topP of 0', { topP: 0 }, 'topP'],
    ['topP above 1', { topP: 1.1 }, 'topP'],
    ['minP above 1', { minP: 2 }, 'minP'],
    ['a seed beyond 2^53', { seed: 2 ** 53 }, 'seed'],
    ['a seed as text', { seed: '1' }, 'seed'],
    ['a stop that is no list', { stop: 'x' }, 'stop'],
    ['a stop expression that is none', { stopRegex: ['('] }, 'stopRegex'],
    ['a stop expression that matches the empty text', { stopRegex: ['a*'] }, 'stopRegex'],
    ['a stop expression with an anchor', { stopRegex: ['a$'] }, 'stopRegex'],
    ['a stop expression that is too large', { stopRegex: ['(a|b)*a(a|b){12}'] }, 'stopRegex'],
    ['too many stop expressions', { stopRegex: Array(MAX_STOP_REGEXES + 1).fill('x') }, 'stopRegex'],
    ['a stop expression that is too long', { stopRegex: ['x'.repeat(2000)] }, 'stopRegex'],
    ['a priority with a fraction', { priority: 0.5 }, 'priority'],
    ['a salt that is no text', { cacheSalt: 7 }, 'cacheSalt'],
    ['a salt that is too long', { cacheSalt: 'x'.repeat(300) }, 'cacheSalt'],
    ['too many alternatives of the prompt', { promptLogprobs: 21 }, 'promptLogprobs'],
    ['an empty stop string', { stop: ['a', ''] }, 'stop'],
    ['too many stop strings', { stop: Array(MAX_STOP_STRINGS + 1).fill('x') }, 'stop'],
    ['a stop string that is too long', { stop: ['x'.repeat(MAX_STOP_LENGTH + 1)] }, 'stop'],
  ])('refuses %s', async (_, fields, param) => {
    const error = await faultOf(() => check(fields));
    expect(error).toBeInstanceOf(RequestError);
    expect(error).toMatchObject({ code: 'invalid_request', param });
    expect(error.message).toContain(param);
  });
});

describe('resolveOptions', () => {
  it('fills in the defaults', () => {
    const { model, native } = resolveOptions({});
    expect(model).toBe(EMBEDDED_MODEL);
    expect(native).toMatchObject({
      kvTokens: 0,
      hostKvTokens: 0,
      pageSize: 16,
      maxRunning: 64,
      maxQueued: 1024,
      radixCache: true,
      radixEviction: 'lru',
      schedulePolicy: 'lpm',
      overlap: false,
      jumpForward: true,
      maskRows: 4096,
    });
    expect(native.threads).toBeGreaterThanOrEqual(1);
    expect(native.threads).toBeLessThanOrEqual(16);
    expect(resolveOptions({ threads: 2, radixCache: false }).native).toMatchObject({
      threads: 2,
      radixCache: false,
    });
  });

  it.each<[object, string]>([
    [{ device: 'gpu' }, 'device'],
    [{ dtype: 'fp8' }, 'dtype'],
    [{ loadFormat: 'gguf' }, 'loadFormat'],
    [{ device: 'cuda', kvTokens: 0 }, 'kvTokens'],
    [{ threads: 0 }, 'threads'],
    [{ threads: 1.5 }, 'threads'],
    [{ kvTokens: '9' }, 'kvTokens'],
    [{ hostKvTokens: -1 }, 'hostKvTokens'],
    [{ hostKvTokens: 0.5 }, 'hostKvTokens'],
    [{ hostKvTokens: 64, radixCache: false }, 'hostKvTokens'],
    [{ pageSize: 5000 }, 'pageSize'],
    [{ maxQueued: -1 }, 'maxQueued'],
    [{ radixCache: 1 }, 'radixCache'],
    [{ radixEviction: 'fifo' }, 'radixEviction'],
    [{ schedulePolicy: 'lof' }, 'schedulePolicy'],
    [{ onProgress: 1 }, 'onProgress'],
    [{ overlap: 'yes' }, 'overlap'],
    [{ jumpForward: 0 }, 'jumpForward'],
    [{ jumpForward: 'words' }, 'jumpForward'],
    [{ maskRows: 0 }, 'maskRows'],
    [{ model: 7 }, 'model'],
    [{ kvToken: 1 }, 'kvToken'],
  ])('refuses %j', async (options, param) => {
    const error = await faultOf(() => resolveOptions(options as never));
    expect(error).toMatchObject({ code: 'invalid_option', param });
  });
});
