// Puts the HTTP server together: JSON bodies, request ids, the key check, the dialects, unknown routes, draining on close.
import { randomUUID } from 'node:crypto';
import fastify, { type FastifyInstance, LogController } from 'fastify';
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
import { limitConcurrency } from './ops/admission.js';
import { checkConstraint, limitTools } from './ops/constraint-size.js';
import { allowOrigins } from './ops/cors.js';
import { checkHostNames } from './ops/host-names.js';
import { Metrics } from './ops/metrics.js';
import { documentRoutes, openapiRoute } from './ops/openapi.js';
import { logRequests } from './ops/request-log.js';
import { ServedEngine } from './ops/served-engine.js';
import { cutSlowReaders } from './ops/slow-readers.js';
import { traceRequests } from './ops/tracing.js';
import { fillOptions, type ServerOptions, type ServerSettings } from './options.js';
import { playgroundRoutes } from './playground/index.js';
import { sglangErrorBody } from './sglang/errors.js';
import { sglangRoutes } from './sglang/index.js';
import { ajvOptions } from './validation.js';

/**
 * The HTTP server over an engine, not yet listening. Closing it waits for requests in flight; the engine stays open.
 * @throws RequestError `invalid_option` for an option that has no such value.
 */
export function createServer(given: EngineLike, options: ServerOptions = {}): FastifyInstance {
  const settings = fillOptions(options);
  const metrics = settings.metrics ? new Metrics() : undefined;
  const engine = new ServedEngine(given, metrics?.generations, (request) =>
    checkConstraint(request, settings.maxSchemaBytes),
  );
  const formats = new ModelFormats(settings, engine);
  const context: ServerContext = {
    engine,
    settings,
    model: new ModelState(engine),
    inFlight: new InFlight(settings.answerTimeout),
    formats,
    grammars: new OutputGrammars(formats),
  };
  const app = fastify({
    logger: settings.logLevel === 'silent' ? false : { level: settings.logLevel, stream: process.stderr },
    logController: new LogController({ disableRequestLogging: true }), // `logRequests` writes one line a request
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
  });
  traceRequests(app);
  logRequests(app, settings.logLevel, settings.logRequests);
  metrics?.countRequests(app);
  admit(app, settings, context.inFlight);
  app.addHook('preClose', () => context.inFlight.drain(settings.drainTimeout));

  answerErrors(app, dialectErrorBody);
  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, notFound(request.method, request.url), dialectErrorBody),
  );
  documentRoutes(app);
  app.register(async (open) => {
    answerErrors(open, sglangErrorBody);
    healthRoute(open, context);
    metrics?.route(open, context);
    openapiRoute(open);
  });
  app.register(openaiRoutes(context), { prefix: '/v1' });
  app.register(anthropicRoutes(context), { prefix: '/v1' });
  app.register(ollamaRoutes(context), { prefix: '/api' });
  app.register(sglangRoutes(context));
  if (settings.playground) app.register(playgroundRoutes(context));
  return app;
}

/** What a request meets before its route, in this order: the name it asks for, whether a page may ask, whether the server closes, keys, limits. */
function admit(app: FastifyInstance, settings: ServerSettings, inFlight: InFlight): void {
  checkHostNames(app, settings);
  allowOrigins(app, settings.corsOrigins);
  app.addHook('onRequest', async () => {
    if (inFlight.draining) throw new HttpError(503, 'closing', 'the server is closing');
  });
  requireApiKey(app, settings);
  limitConcurrency(app, settings.maxConcurrentRequests);
  cutSlowReaders(app, settings.slowReaderTimeout);
  limitTools(app, settings.maxSchemaBytes);
}

function notFound(method: string, url: string): Problem {
  const path = url.split('?')[0];
  return { status: 404, code: 'not_found', message: `there is no ${method} ${path}`, param: null };
}
