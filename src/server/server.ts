// Puts the HTTP server together: JSON bodies, request ids, the key check, the dialects, unknown routes, draining on close.
import { randomUUID } from 'node:crypto';
import fastify, { type FastifyInstance } from 'fastify';
import { anthropicRoutes } from './anthropic/index.js';
import { requireApiKey } from './auth.js';
import { ModelState, type ServerContext } from './context.js';
import { ModelFormats, OutputGrammars } from './conversation/index.js';
import { dialectConstraint, dialectErrorBody } from './dialect.js';
import type { EngineLike } from './engine-like.js';
import { answerErrors, sendProblem } from './error-handler.js';
import { describeError, HttpError, type Problem } from './errors.js';
import { healthRoute } from './health.js';
import { InFlight } from './in-flight.js';
import { useJsonBodies } from './json-body.js';
import { ollamaRoutes } from './ollama/index.js';
import { openaiRoutes } from './openai/index.js';
import { fillOptions, type ServerOptions } from './options.js';
import { playgroundRoutes } from './playground/index.js';
import { sglangRoutes } from './sglang/index.js';
import { ajvOptions } from './validation.js';

/**
 * The HTTP server over an engine, not yet listening. Closing it waits for requests in flight; the engine stays open.
 * @throws RequestError `invalid_option` for an option that has no such value.
 */
export function createServer(engine: EngineLike, options: ServerOptions = {}): FastifyInstance {
  const settings = fillOptions(options);
  const formats = new ModelFormats(settings, engine);
  const context: ServerContext = {
    engine,
    settings,
    model: new ModelState(engine),
    inFlight: new InFlight(),
    formats,
    grammars: new OutputGrammars(formats),
  };
  const app = fastify({
    logger: settings.logLevel === 'silent' ? false : { level: settings.logLevel, stream: process.stderr },
    bodyLimit: settings.bodyLimit,
    requestIdHeader: 'x-request-id',
    genReqId: () => `req_${randomUUID().replaceAll('-', '')}`,
    ajv: { customOptions: ajvOptions },
    // Once drained, what is still open are connections without a request, which Node would wait for.
    forceCloseConnections: true,
    return503OnClosing: false,
    requestTimeout: settings.requestTimeout,
    frameworkErrors: (error, _request, reply) => {
      sendProblem(reply, describeError(error), dialectErrorBody);
    },
  });
  app.addConstraintStrategy(dialectConstraint);
  useJsonBodies(app, settings.maxBodyDepth);
  app.addHook('onRequest', async (request, reply) => {
    // Anthropic's clients look for it without the x.
    reply.headers({ 'x-request-id': request.id, 'request-id': request.id });
    context.inFlight.track(reply);
    if (context.inFlight.draining) throw new HttpError(503, 'closing', 'the server is closing');
  });
  app.addHook('preClose', () => context.inFlight.drain(settings.drainTimeout));
  if (settings.apiKey !== undefined) requireApiKey(app, settings.apiKey);

  answerErrors(app, dialectErrorBody);
  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, notFound(request.method, request.url), dialectErrorBody),
  );
  healthRoute(app, context);
  app.register(openaiRoutes(context), { prefix: '/v1' });
  app.register(anthropicRoutes(context), { prefix: '/v1' });
  app.register(ollamaRoutes(context), { prefix: '/api' });
  app.register(sglangRoutes(context));
  if (settings.playground) app.register(playgroundRoutes(context));
  return app;
}

function notFound(method: string, url: string): Problem {
  const path = url.split('?')[0];
  return { status: 404, code: 'not_found', message: `there is no ${method} ${path}`, param: null };
}
