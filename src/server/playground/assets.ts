// GET / and the page's assets, as `npm run build:playground` left them in dist/playground. They are read once.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { HttpError } from '../errors.js';

/** The same place from src/ and from dist/. */
const BUILT = new URL('../../../dist/playground/', import.meta.url);

/** Nothing is loaded from elsewhere, nothing runs but the page's own script, and no other page frames it. */
const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-cache',
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** Names hold a hash of the content, so an asset never changes. */
const FOREVER = 'public, max-age=31536000, immutable';

export function assetRoutes(app: FastifyInstance): void {
  const built = readBuilt();
  app.get('/', async (_request, reply) => {
    if (!built)
      throw new HttpError(404, 'not_built', 'the playground has not been built: npm run build:playground');
    return reply.headers(PAGE_HEADERS).send(built.page);
  });
  app.get<{ Params: { name: string } }>('/playground/assets/:name', async ({ params }, reply) => {
    const content = built?.assets.get(params.name);
    if (!content) throw new HttpError(404, 'not_found', `there is no asset ${JSON.stringify(params.name)}`);
    const type = TYPES[params.name.slice(params.name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
    return reply
      .headers({ 'content-type': type, 'cache-control': FOREVER, 'x-content-type-options': 'nosniff' })
      .send(content);
  });
}

function readBuilt(): { readonly page: Buffer; readonly assets: ReadonlyMap<string, Buffer> } | undefined {
  const page = new URL('index.html', BUILT);
  if (!existsSync(page)) return undefined;
  const folder = new URL('assets/', BUILT);
  const assets = readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder))] as const);
  return { page: readFileSync(page), assets: new Map(assets) };
}
