// The API key check: `Authorization: Bearer`, or `x-api-key`, on every route but those of health and metrics, and the
// playground's page, which asks for the key itself. Keys are compared in constant time.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HttpError } from './errors.js';

const OPEN_ROUTES: ReadonlySet<string> = new Set([
  '/health',
  '/health_generate',
  '/metrics',
  '/',
  '/playground/assets/:name',
]);
/** Routes that act on everybody's requests, or show their prompts. */
const ADMIN_ROUTES: ReadonlySet<string> = new Set(['/flush_cache', '/abort_request', '/playground/cache']);

export interface Keys {
  /** Any of them opens the routes; none: they are open. */
  readonly apiKeys: readonly string[];
  /** Opens all routes; where there is one, only it opens those that act on everybody's requests. */
  readonly adminApiKey: string | undefined;
}

/** Refuses requests without a key with 401 `invalid_api_key`, and users' keys on admin routes with 403 `admin_only`. */
export function requireApiKey(app: FastifyInstance, { apiKeys, adminApiKey }: Keys): void {
  const user = apiKeys.map(digest);
  const admin = adminApiKey === undefined ? [] : [digest(adminApiKey)];
  if (user.length === 0 && admin.length === 0) return;
  app.addHook('onRequest', async (request) => {
    const route = request.routeOptions.url ?? '';
    const forAdmin = admin.length > 0 && ADMIN_ROUTES.has(route);
    if (OPEN_ROUTES.has(route) || (user.length === 0 && !forAdmin)) return;
    const given = givenKey(request);
    const isAdmin = given !== undefined && isAmong(given, admin);
    if (isAdmin) return;
    if (given === undefined || !isAmong(given, user))
      throw new HttpError(
        401,
        'invalid_api_key',
        'this server asks for its API key as Authorization: Bearer <key>, or x-api-key: <key>',
      );
    if (forAdmin) throw new HttpError(403, 'admin_only', 'this route asks for the admin API key');
  });
}

function givenKey({ headers }: FastifyRequest): string | undefined {
  const bearer = /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1];
  const plain = headers['x-api-key'];
  return bearer ?? (typeof plain === 'string' ? plain : undefined);
}

/** Looks at all of them, so that the time does not tell which it is. */
function isAmong(key: string, digests: readonly Buffer[]): boolean {
  const given = digest(key);
  return digests.filter((one) => timingSafeEqual(given, one)).length > 0;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
