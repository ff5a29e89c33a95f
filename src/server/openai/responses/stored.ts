// What can be done with stored responses: GET, DELETE and cancel of one, and the items of its input.
import type { FastifyInstance } from 'fastify';
import { RequestError } from '../../../errors.js';
import { HttpError } from '../../errors.js';
import { namedEvents, sendEvents } from '../../sse.js';
import { openaiErrorBody } from '../errors.js';
import type { ResponsePlaces } from './create.js';
import type { StoredResponse } from './store.js';
import type { ResponseEvent } from './writer.js';

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

const getQuerySchema = {
  type: 'object',
  properties: {
    stream: { enum: ['true', 'false'] },
    starting_after: { type: 'string', pattern: '^[0-9]{1,9}$' },
  },
} as const;

interface GetQuery {
  readonly stream?: 'true' | 'false';
  /** The number of the last event that the client has. */
  readonly starting_after?: string;
}

export function storedResponseRoutes(app: FastifyInstance, { store, background }: ResponsePlaces): void {
  type ById = { Params: { id: string } };
  /** @throws HttpError 404 */
  const found = (id: string): StoredResponse => {
    const one = background.get(id) ?? store.get(id);
    if (!one) throw notFound(id);
    return one;
  };
  app.get<ById & { Querystring: GetQuery }>(
    '/responses/:id',
    { schema: { querystring: getQuerySchema } },
    async ({ params: { id }, query }, reply) => {
      const { response, events } = found(id);
      if (query.stream !== 'true') return response;
      const after = query.starting_after === undefined ? -1 : Number(query.starting_after);
      const run = background.get(id);
      if (!(run ? run.keepsEvents : events)) throw notFollowed();
      const told = run ? run.follow(after) : replay(events ?? [], after);
      return sendEvents(reply, told, openaiErrorBody, namedEvents);
    },
  );
  app.delete<ById>('/responses/:id', async ({ params: { id } }) => {
    const run = background.get(id);
    if (run) {
      run.isForgotten = true;
      await run.cancel();
    } else if (!store.delete(id)) throw notFound(id);
    return { id, object: 'response', deleted: true };
  });
  app.post<ById>('/responses/:id/cancel', async ({ params: { id } }) => {
    const { response } = found(id);
    if (response.background) return background.get(id)?.cancel() ?? response;
    throw new HttpError(
      400,
      'not_cancellable',
      'only a background response can be cancelled: close the stream of another to end it',
    );
  });
  app.get<ById & { Querystring: ItemsQuery }>(
    '/responses/:id/input_items',
    { schema: { querystring: itemsQuerySchema } },
    async ({ params, query }) => page(found(params.id), query),
  );
}

async function* replay(events: readonly ResponseEvent[], after: number): AsyncGenerator<ResponseEvent> {
  yield* events.slice(after + 1);
}

function notFollowed(): RequestError {
  return new RequestError(
    'unsupported_parameter',
    'stream is supported here for background responses that were created with stream alone',
    'stream',
  );
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
