// POST /playground/cache: the radix tree of cached prefixes, with the path of one prompt marked in it.
import type { FastifyInstance } from 'fastify';
import type { CachedPrefix } from '../../engine/index.js';
import type { ServerContext } from '../context.js';
import type { CacheBody, CacheNode, CacheView } from './protocol.js';
import { readStats } from './stats.js';

/** Most nodes that are shown, the nearest to the beginnings first. */
export const MAX_CACHE_NODES = 256;
/** Most UTF-16 units that are shown of a node's text. */
export const MAX_NODE_TEXT = 240;

const cacheSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    prompt_tokens: { type: 'array', items: { type: 'integer', minimum: 0 } },
    cached_tokens: { type: 'integer', minimum: 0 },
  },
};

export function cacheRoute(app: FastifyInstance, { engine }: ServerContext): void {
  app.post<{ Body: CacheBody }>(
    '/playground/cache',
    { schema: { body: cacheSchema }, logLevel: 'warn' },
    async ({ body }): Promise<CacheView> => {
      const prefixes = await engine.cachedPrefixes(MAX_CACHE_NODES);
      const shown = prefixes.reduce((sum, node) => sum + nodesOf(node), 0);
      const { cache_nodes } = await readStats(engine);
      const marked = { prompt: body.prompt_tokens ?? [], cached: body.cached_tokens ?? 0 };
      return { roots: viewAll(prefixes, marked, 0), shown, total: Math.max(shown, cache_nodes) };
    },
  );
}

interface Marked {
  readonly prompt: readonly number[];
  /** How many of its tokens came from the cache. */
  readonly cached: number;
}

function nodesOf({ children }: CachedPrefix): number {
  return children.reduce((sum, child) => sum + nodesOf(child), 1);
}

/** When a node, or what goes on from it, was used last. */
function lastUse({ used, children }: CachedPrefix): number {
  return children.reduce((last, child) => Math.max(last, lastUse(child)), used);
}

/**
 * Siblings, the one used last first, of which the prompt's path goes through at most one: that which agrees with most of the prompt from token
 * `offset` on; below 0, the path does not come here. Siblings may begin alike, because edges are whole pages.
 */
function viewAll(siblings: readonly CachedPrefix[], marked: Marked, offset: number): CacheNode[] {
  const recent = [...siblings].sort((one, other) => lastUse(other) - lastUse(one));
  const common = recent.map((node) =>
    offset < 0 || node.salt !== '' ? 0 : commonTokens(node.tokens, marked.prompt, offset),
  );
  const onPath = common.indexOf(Math.max(0, ...common));
  return recent.map((node, index) => view(node, marked, offset, index === onPath ? common[index] : 0));
}

function view(node: CachedPrefix, marked: Marked, offset: number, matched: number): CacheNode {
  const isWhole = matched > 0 && matched === node.tokens.length;
  return {
    text: node.salt === '' ? node.text.slice(0, MAX_NODE_TEXT) : null,
    tokens: node.tokens.length,
    pages: node.pages,
    locked_pages: node.lockedPages,
    host_pages: node.hostPages,
    hits: node.hits,
    matched,
    reused: Math.min(matched, Math.max(0, marked.cached - offset)),
    children: viewAll(node.children, marked, isWhole ? offset + matched : -1),
  };
}

function commonTokens(tokens: readonly number[], prompt: readonly number[], offset: number): number {
  let length = 0;
  while (length < tokens.length && tokens[length] === prompt[offset + length]) length++;
  return length;
}
