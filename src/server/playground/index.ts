// The playground: a page at /, and the private routes below /playground that feed it. docs/playground.md describes both.
import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../context.js';
import { assetRoutes } from './assets.js';
import { cacheRoute } from './cache.js';
import { checkRoute } from './check.js';
import { answerPlaygroundErrors } from './errors.js';
import { generateRoute } from './generate.js';
import { infoRoute } from './info.js';
import { statsRoute } from './stats.js';

/** A fastify plugin, so that its error handler is its own. */
export function playgroundRoutes(context: ServerContext) {
  return async (app: FastifyInstance): Promise<void> => {
    answerPlaygroundErrors(app);
    assetRoutes(app);
    infoRoute(app, context);
    statsRoute(app, context);
    cacheRoute(app, context);
    checkRoute(app, context);
    generateRoute(app, context);
  };
}
