// POST /playground/check: whether a constraint compiles, before anything is generated, and else why not and where.
import type { FastifyInstance } from 'fastify';
import { CompileError } from '../../errors.js';
import type { ServerContext } from '../context.js';
import { compileErrorView } from './errors.js';
import { constraintOptions, constraintSchema } from './generate-request.js';
import type { CheckBody, CheckView } from './protocol.js';

const checkSchema = {
  type: 'object',
  required: ['constraint'],
  additionalProperties: false,
  properties: { constraint: { ...constraintSchema, type: 'object' } },
};

export function checkRoute(app: FastifyInstance, { engine, inFlight }: ServerContext): void {
  app.post<{ Body: CheckBody }>(
    '/playground/check',
    { schema: { body: checkSchema } },
    async ({ body }, reply): Promise<CheckView> => {
      const start = performance.now();
      try {
        const grammar = await engine.compile(constraintOptions(body.constraint), inFlight.signal(reply));
        return {
          compile_ms: performance.now() - start,
          image_bytes: grammar?.image.byteLength ?? 0,
          annotations: (grammar?.annotations ?? []).map(({ pointer, keyword }) => ({ pointer, keyword })),
        };
      } catch (error) {
        if (error instanceof CompileError) return { error: compileErrorView(error) };
        throw error;
      }
    },
  );
}
