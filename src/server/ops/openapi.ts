// GET /openapi.json: the OpenAPI document, made of the schemas that requests are validated by, so that it is never behind them.
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { packageVersion } from '../../package/index.js';
import { describeRoute } from './route-descriptions.js';

/** Call before the routes are registered, in plugins: those that a server has of its own are not seen. */
export function documentRoutes(app: FastifyInstance): void {
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Espalier',
        version: packageVersion(),
        description: 'Structured generation: routes of OpenAI, SGLang and others over one engine.',
      },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'Where the server has an API key.' },
        },
      },
      security: [{ bearer: [] }, {}],
    },
    transform: ({ schema, url, route }) => ({
      schema: { ...schema, ...describeRoute(String(route.method), url) },
      url,
    }),
  });
}

export function openapiRoute(app: FastifyInstance): void {
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}
