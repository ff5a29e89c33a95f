// GET /openapi.json: a document of the routes that are there, with the schemas that they validate by.
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, expect, it } from 'vitest';
import { chatSchema } from '../../../src/server/openai/chat-schema.js';
import { generateSchema } from '../../../src/server/sglang/generate-schema.js';
import { start, stopAll } from '../fake-engine.js';

afterEach(stopAll);

interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: object } } };
  readonly responses: object;
}

it('documents every route by the schema that requests are validated by', async () => {
  const { url, app } = await start();
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as {
    openapi: string;
    paths: Record<string, Record<string, Operation>>;
  };
  expect(document.openapi).toBe('3.1.0');
  const bodyOf = (path: string) => document.paths[path].post.requestBody?.content['application/json'].schema;
  expect(bodyOf('/v1/chat/completions')).toEqual(JSON.parse(JSON.stringify(chatSchema)));
  expect(bodyOf('/generate')).toEqual(JSON.parse(JSON.stringify(generateSchema)));
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictTypes: false, strictRequired: false });
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(methods)) {
      expect(operation.tags, `${method} ${path}`).toHaveLength(1);
      expect(Object.keys(operation.responses).length, `${method} ${path}`).toBeGreaterThan(0);
      const schema = operation.requestBody?.content['application/json'].schema;
      if (schema) expect(() => ajv.compile(schema), `${method} ${path}`).not.toThrow();
      if (!path.includes('{'))
        expect(app.hasRoute({ method: method.toUpperCase() as 'GET', url: path })).toBe(true);
    }
  expect(document.paths['/v1/chat/completions'].post.summary).toBe('Answers a chat');
  expect(Object.keys(document.paths)).toContain('/metrics');
  expect(document.paths).not.toHaveProperty('/openapi.json');
});
