// Random bodies, made from the server's own OpenAPI document, sent to a server on the embedded model: never a 5xx, never an
// answer that does not come, and what is asked properly in between is answered.
import { setTimeout as sleep } from 'node:timers/promises';
import { Engine } from '../src/engine/index.js';
import { type RunningServer, serve } from '../src/server/index.js';
import {
  damaged,
  type JsonSchema,
  mutated,
  pick,
  type Random,
  randomBody,
} from '../test/support/random-bodies.js';
import { routeForm } from '../test/support/random-body-fields.js';
import { seededRandom } from '../test/support/random-schema.js';

/** Seconds within which an answer must be complete. */
const LIMIT_SECONDS = 30;
const SANE_EVERY = 250;
/** Least share of bodies that a route answers, and of those that it refuses, once it had so many. */
const LEAST_SHARE = 0.2;
const ENOUGH_BODIES = 200;

interface Route {
  readonly method: string;
  readonly path: string;
  readonly schema: JsonSchema;
}

interface Target {
  readonly server: RunningServer;
  readonly model: string;
  readonly routes: readonly Route[];
}

/** Answers by route and status. */
const counts = new Map<string, Map<number, number>>();
let target: Promise<Target> | undefined;
let done = 0;

export async function fuzzBodies(seed: number): Promise<void> {
  target ??= open();
  const { server, model, routes } = await target;
  const random = seededRandom(seed);
  await send(server.url, pick(random, routes), model, random);
  if (++done % SANE_EVERY === 0) await askProperly(server.url);
}

/** The last look, and the end of the server. */
export async function closeBodies(): Promise<void> {
  const { server } = (await target) ?? {};
  if (!server) return;
  await askProperly(server.url);
  await server.close();
  checkShares();
}

/** Bodies that are all refused, or none, try little of a route. */
function checkShares(): void {
  for (const [route, byStatus] of counts) {
    const all = sum(byStatus.values());
    const good = byStatus.get(200) ?? 0;
    const isOneSided = Math.min(good, all - good) < LEAST_SHARE * all;
    if (all >= ENOUGH_BODIES && isOneSided)
      throw new Error(`${route}: ${good} of ${all} bodies were answered with 200\n${bodyTable()}`);
  }
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, number) => total + number, 0);
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
  const models = (await (await fetch(`${server.url}/v1/models`)).json()) as { data: { id: string }[] };
  return { server, model: models.data[0].id, routes };
}

/** Two of five bodies are as they should be; of the others some are no JSON. */
function bodyText(random: Random, { path, schema }: Route, model: string): string | Uint8Array {
  const body = randomBody(random, path, schema, routeForm(path, model));
  // Ending all requests is right to do, and would be an error for those of other cases.
  if (path === '/abort_request' && typeof body === 'object') Object.assign(body ?? {}, { abort_all: false });
  const sent = random() < 0.4 ? body : mutated(random, body);
  const text = JSON.stringify(sent) ?? '';
  return random() < 0.08 ? damaged(random, text) : text;
}

async function send(url: string, route: Route, model: string, random: Random): Promise<void> {
  const { method, path } = route;
  const sent = bodyText(random, route, model);
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
  count(`${method} ${path}`, status);
  if (status >= 500 || FAULTS.test(answer))
    throw new Error(`${status} ${answer.slice(-2000)}\nfor ${told()}`);
}

function count(route: string, status: number): void {
  const byStatus = counts.get(route) ?? new Map<number, number>();
  counts.set(route, byStatus.set(status, (byStatus.get(status) ?? 0) + 1));
}

/** A line a route: how many bodies it had, and how they were answered. */
export function bodyTable(): string {
  const statuses = [...new Set([...counts.values()].flatMap((byStatus) => [...byStatus.keys()]))].sort();
  const lines = [...counts].sort().map(([route, byStatus]) => {
    const all = sum(byStatus.values());
    const cells = statuses.map((status) => `${Math.round((100 * (byStatus.get(status) ?? 0)) / all)} %`);
    return [route.padEnd(32), String(all).padStart(6), ...cells.map((cell) => cell.padStart(6))].join(' ');
  });
  const head = ['route'.padEnd(32), 'bodies', ...statuses.map((status) => String(status).padStart(6))];
  return [head.join(' '), ...lines].join('\n');
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
  for (let waited = 0; ; waited += 50) {
    const { stats } = (await (await fetch(`${url}/server_info`)).json()) as { stats: Record<string, number> };
    if (stats.running + stats.queued === 0) return;
    // Responses in the background end a little later.
    if (waited > 5000) throw new Error(`requests are left: ${JSON.stringify(stats)}`);
    await sleep(50);
  }
}
