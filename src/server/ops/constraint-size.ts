// The limit on what a request's constraint may weigh as text: schemas, grammars, expressions, and definitions of tools.
import type { FastifyInstance } from 'fastify';
import { CONSTRAINT_FIELDS, type GenerateRequest } from '../../engine/index.js';
import { RequestError } from '../../errors.js';

/** @throws RequestError `schema_too_large` */
export function checkConstraint(request: GenerateRequest, maxSchemaBytes: number): void {
  for (const field of CONSTRAINT_FIELDS)
    if (field !== 'grammar') checkSize(request[field], field, maxSchemaBytes);
}

/** Checks the tools of bodies: every dialect calls them so, and a tool's schema is part of its definition. */
export function limitTools(app: FastifyInstance, maxSchemaBytes: number): void {
  app.addHook('preHandler', async ({ body }) => {
    if (typeof body === 'object' && body !== null && 'tools' in body)
      checkSize(body.tools, 'tools', maxSchemaBytes);
  });
}

function checkSize(value: unknown, field: string, maxSchemaBytes: number): void {
  if (value === undefined || value === null) return;
  const bytes = Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value));
  if (bytes > maxSchemaBytes)
    throw new RequestError(
      'schema_too_large',
      `${field}: takes ${bytes} bytes (limit maxSchemaBytes = ${maxSchemaBytes})`,
      field,
    );
}
