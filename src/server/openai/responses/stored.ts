// What can be done with stored responses: GET, DELETE and cancel of one, and the items of its input.
import type { FastifyInstance } from 'fastify';
import { RequestError } from '../../../errors.js';
import { HttpError } from '../../errors.js';
import type { ResponseStore, StoredResponse } from './store.js';

interface ItemsQuery {
  readonly limit?: string;
  readonly order?: 'asc' | 'desc';
  readonly after?: string;
}

const DEFAULT_PAGE = 20;

const itemsQuerySchema = {
  type: 'object',
  properties: {
    limit: { type: 'string', pattern: '^(?:[1-9][0-9]?|100)$' },
    order: { enum: ['asc', 'desc'] },
    after: { type: 'string' },
  },
} as const;

export function storedResponseRoutes(app: FastifyInstance, store: ResponseStore): void {
  type ById = { Params: { id: string } };
  app.get<ById & { Querystring: { stream?: string } }>('/responses/:id', async ({ params, query }) => {
    if (query.stream !== undefined && query.stream !== 'false')
      throw new RequestError(
        'unsupported_parameter',
        'stream is not supported here: a stored response has ended',
        'stream',
      );
    return stored(store, params.id).response;
  });
  app.delete<ById>('/responses/:id', async ({ params: { id } }) => {
    if (!store.delete(id)) throw notFound(id);
    return { id, object: 'response', deleted: true };
  });
  app.post<ById>('/responses/:id/cancel', async ({ params: { id } }) => {
    stored(store, id);
    throw new HttpError(
      400,
      'not_cancellable',
      'only a background response can be cancelled, and there are none here: close the stream to end one',
    );
  });
  app.get<ById & { Querystring: ItemsQuery }>(
    '/responses/:id/input_items',
    { schema: { querystring: itemsQuerySchema } },
    async ({ params, query }) => page(stored(store, params.id), query),
  );
}

/** @throws HttpError 404 */
function stored(store: ResponseStore, id: string): StoredResponse {
  const found = store.get(id);
  if (!found) throw notFound(id);
  return found;
}

function notFound(id: string): HttpError {
  return new HttpError(404, 'response_not_found', `the response ${JSON.stringify(id)} is not stored here`);
}

function page({ input }: StoredResponse, { limit, order = 'desc', after }: ItemsQuery): object {
  const items = order === 'desc' ? input.toReversed() : input;
  const start = after === undefined ? 0 : items.findIndex(({ id }) => id === after) + 1;
  if (after !== undefined && start === 0)
    throw new RequestError('invalid_value', `after: no item has the id ${JSON.stringify(after)}`, 'after');
  const data = items.slice(start, start + (limit === undefined ? DEFAULT_PAGE : Number(limit)));
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: start + data.length < items.length,
  };
}
