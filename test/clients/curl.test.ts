// curl against the running server: bodies as they are written by hand, streams as they come. Skipped where there is no curl.
import { describe, expect, it } from 'vitest';
import { outputOf, run } from './programs.js';
import { question, served } from './served.js';

const server = served();
const isThere = outputOf('curl', '--version') !== undefined;

async function curl(path: string, body: string, ...more: string[]): Promise<string> {
  const sent = ['-H', 'content-type: application/json', '-d', body];
  return run('curl', '-sS', `${server.baseURL}${path}`, ...sent, ...more);
}

describe.skipIf(!isThere)('curl', () => {
  it('a chat completion', async () => {
    const messages = [{ role: 'user', content: question }];
    const answer = JSON.parse(await curl('/chat/completions', JSON.stringify({ messages, temperature: 0 })));
    expect(answer.choices[0].message.content).toBe('The capital of France is Paris.');
  });

  it('a chat completion, streamed', async () => {
    const messages = [{ role: 'user', content: question }];
    const text = await curl('/chat/completions', JSON.stringify({ messages, stream: true }), '-N');
    expect(text).toMatch(/^data: \{.*\}\n\n/);
    expect(text).toMatch(/\n\ndata: \[DONE\]\n\n$/);
  });

  it('a response, streamed', async () => {
    const text = await curl('/responses', JSON.stringify({ input: question, stream: true }), '-N');
    expect(text).toMatch(/^event: response\.created\ndata: \{.*\}\n\n/);
    expect(text).toMatch(/event: response\.completed\ndata: \{[^\n]*\}\n\n$/);
  });

  it('a body that is no JSON', async () => {
    const text = await curl('/responses', '{"input": ', '-w', '\n%{http_code}');
    const [answer, status] = text.split('\n');
    expect(status).toBe('400');
    expect(JSON.parse(answer).error.type).toBe('invalid_request_error');
  });
});
