// Random bodies, made from the server's own OpenAPI document, sent to a server on the embedded model: never a 5xx, never an
// answer that does not come, and what is asked properly in between is answered.
import { Engine } from '../src/engine/index.js';
import { type RunningServer, serve } from '../src/server/index.js';
import { damaged, type JsonSchema, pick, type Random, randomBody } from '../test/support/random-bodies.js';
import { seededRandom } from '../test/support/random-schema.js';

/** Seconds within which an answer must be complete. */
const LIMIT_SECONDS = 30;
const SANE_EVERY = 250;

interface Route {
  readonly method: string;
  readonly path: string;
  readonly schema: JsonSchema;
}

interface Target {
  readonly server: RunningServer;
  readonly routes: readonly Route[];
}

export const bodyCounts = { byStatus: {} as Record<string, number>, byRoute: {} as Record<string, number> };
let target: Promise<Target> | undefined;
let done = 0;

export async function fuzzBodies(seed: number): Promise<void> {
  target ??= open();
  const { server, routes } = await target;
  const random = seededRandom(seed);
  await send(server.url, pick(random, routes), random);
  if (++done % SANE_EVERY === 0) await askProperly(server.url);
}

/** The last look, and the end of the server. */
export async function closeBodies(): Promise<void> {
  const { server } = (await target) ?? {};
  if (!server) return;
  await askProperly(server.url);
  await server.close();
}

async function open(): Promise<Target> {
  // So short that an output without a limit of its own ends soon.
  const contextLength = 512;
  const server = await serve(new Engine({ threads: 1, contextLength }), { port: 0 });
  const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
    paths: Record<
      string,
      Record<string, { requestBody?: { content: Record<string, { schema: JsonSchema }> } }>
    >;
  };
  const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { requestBody }]) => {
      const schema = requestBody?.content['application/json']?.schema;
      return schema ? [{ method: method.toUpperCase(), path, schema }] : [];
    }),
  );
  return { server, routes };
}

async function send(url: string, { method, path, schema }: Route, random: Random): Promise<void> {
  const body = randomBody(random, schema, pick(random, [0, 0, 0.02, 0.1, 0.3]));
  // Ending all requests is right to do, and would be an error for those of other cases.
  if (path === '/abort_request' && typeof body === 'object') Object.assign(body ?? {}, { abort_all: false });
  const text = JSON.stringify(body) ?? '';
  const sent = random() < 0.1 ? damaged(random, text) : text;
  const type =
    random() < 0.02
      ? pick(random, ['text/plain', 'application/json; charset=latin1', 'x'])
      : 'application/json';
  const told = () => `${method} ${path} ${String(sent).slice(0, 2000)}`;
  let status = 0;
  let answer = '';
  try {
    const response = await fetch(url + path.replaceAll(/\{[^}]*\}/g, 'x'), {
      method,
      headers: { 'content-type': type },
      body: sent as BodyInit,
      signal: AbortSignal.timeout(LIMIT_SECONDS * 1000),
    });
    status = response.status;
    answer = await response.text();
  } catch (error) {
    throw new Error(`no answer to ${told()}`, { cause: error });
  }
  const route = `${method} ${path}`;
  bodyCounts.byStatus[status] = (bodyCounts.byStatus[status] ?? 0) + 1;
  bodyCounts.byRoute[route] = (bodyCounts.byRoute[route] ?? 0) + (status === 200 ? 1 : 0);
  if (status >= 500 || FAULTS.test(answer))
    throw new Error(`${status} ${answer.slice(-2000)}\nfor ${told()}`);
}

/** Codes of what is the server's own fault, also where they come after a stream has begun. */
const FAULTS = /"(?:internal_error|engine_error|native_error|no_memory)"/;

async function askProperly(url: string): Promise<void> {
  const answer = await fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'Say a number: ', regex: '[0-9]{3}', max_tokens: 8, temperature: 0 }),
    signal: AbortSignal.timeout(LIMIT_SECONDS * 1000),
  });
  const { choices } = (await answer.json()) as { choices: { text: string }[] };
  if (!/^[0-9]{3}$/.test(choices[0].text)) throw new Error(`the server answers ${JSON.stringify(choices)}`);
  if (Object.hasOwn(Object.prototype, 'polluted')) throw new Error('Object.prototype was changed');
  const { stats } = (await (await fetch(`${url}/server_info`)).json()) as { stats: Record<string, number> };
  if (stats.running + stats.queued > 0) throw new Error(`requests are left: ${JSON.stringify(stats)}`);
}
