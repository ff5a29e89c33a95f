// The API key check: Authorization: Bearer, or x-api-key as Anthropic's clients send it, on every route but those of health and
// the playground's page, which asks for the key itself. Keys are compared in constant time.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { HttpError } from './errors.js';

const OPEN_ROUTES: ReadonlySet<string> = new Set([
  '/health',
  '/health_generate',
  '/',
  '/playground/assets/:name',
]);

/** Refuses requests without the key with 401 `invalid_api_key`. */
export function requireApiKey(app: FastifyInstance, apiKey: string): void {
  const expected = digest(apiKey);
  app.addHook('onRequest', async (request) => {
    if (OPEN_ROUTES.has(request.routeOptions.url ?? '')) return;
    const given = givenKey(request.headers);
    if (given === undefined || !timingSafeEqual(digest(given), expected))
      throw new HttpError(
        401,
        'invalid_api_key',
        'this server asks for its API key as Authorization: Bearer <key>, or x-api-key: <key>',
      );
  });
}

/** The key of either header; that of `authorization` where both are there. */
function givenKey(headers: IncomingHttpHeaders): string | undefined {
  const key = headers['x-api-key'];
  return (
    /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1] ?? (typeof key === 'string' ? key : undefined)
  );
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
