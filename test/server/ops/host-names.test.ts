// Which Host names a server answers to, by plain HTTP, as fetch sets that header itself.
import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { ServerOptions } from '../../../src/server/index.js';
import { start, stopAll } from '../fake-engine.js';

afterEach(stopAll);

async function asked(
  url: string,
  host: string,
  path = '/v1/models',
): Promise<[status: number, body: string]> {
  return new Promise((resolve, reject) => {
    const sent = request(url + path, { headers: { host, authorization: 'Bearer k' } }, async (answer) => {
      let body = '';
      for await (const piece of answer) body += piece;
      resolve([answer.statusCode ?? 0, body]);
    });
    sent.on('error', reject).end();
  });
}

const ours = [
  'localhost',
  'localhost:1',
  'LOCALHOST.',
  'a.localhost:80',
  '127.0.0.1:9',
  '[::1]:80',
  '10.0.0.7',
];
const others = [
  'evil.example',
  'evil.example:80',
  'localhost.evil.example',
  'notlocalhost',
  '127.0.0.1.evil.example',
];

describe('on this machine alone, without a key', () => {
  it.each(ours)('%s is answered', async (host) => {
    const { url } = await start();
    expect((await asked(url, host))[0]).toBe(200);
  });

  it.each(others)('%s is refused, in every dialect', async (host) => {
    const { url } = await start();
    for (const path of ['/v1/models', '/', '/api/tags', '/metrics', '/nowhere']) {
      const [status, body] = await asked(url, host, path);
      expect(status).toBe(403);
      expect(body).toContain('--allowed-hosts');
    }
    const { error } = JSON.parse((await asked(url, host))[1]);
    expect(error).toMatchObject({ code: 'host_not_allowed', type: expect.any(String) });
  });
});

describe.each<[string, ServerOptions, readonly string[], readonly string[]]>([
  ['with a key', { apiKey: 'k' }, others, []],
  [
    'with names allowed',
    { allowedHosts: ['Box.example', 'b:80'] },
    ['box.example:8', 'b', 'localhost'],
    others,
  ],
  ['with a key and names', { apiKey: 'k', allowedHosts: ['box.example'] }, ['box.example'], others],
  ['with any', { allowedHosts: ['*'] }, others, []],
])('%s', (_, options, answered, refused) => {
  it('answers and refuses', async () => {
    const { url } = await start({}, options);
    for (const host of answered) expect((await asked(url, host))[0]).toBe(200);
    for (const host of refused) expect((await asked(url, host))[0]).toBe(403);
  });
});

it('to every address, all names are answered', async () => {
  const { app } = await start();
  await app.close();
  const { createServer } = await import('../../../src/server/index.js');
  const { FakeEngine } = await import('../fake-engine.js');
  const open = createServer(new FakeEngine());
  const url = await open.listen({ port: 0, host: '0.0.0.0' });
  expect((await asked(url.replace('0.0.0.0', '127.0.0.1'), 'box.example'))[0]).toBe(200);
  await open.close();
});
