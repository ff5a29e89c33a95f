// GET /playground/stats: the engine's counters, which the page asks for once a second: too often for the log.
import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../context.js';
import type { EngineLike } from '../engine-like.js';
import type { StatsView } from './protocol.js';

export function statsRoute(app: FastifyInstance, { engine }: ServerContext): void {
  app.get('/playground/stats', { logLevel: 'warn' }, () => readStats(engine));
}

export async function readStats(engine: EngineLike): Promise<StatsView> {
  const stats = (await engine.stats()) as Readonly<Record<string, unknown>>;
  const count = (name: string) => (typeof stats[name] === 'number' ? stats[name] : 0);
  return {
    at: performance.now(),
    running: count('running'),
    queued: count('queued'),
    prompt_tokens: count('promptTokens'),
    cached_tokens: count('cachedTokens'),
    output_tokens: count('outputTokens'),
    pages_total: count('pagesTotal'),
    pages_free: count('pagesFree'),
    pages_cached: count('pagesCached'),
    pages_evicted: count('pagesEvicted'),
    cache_nodes: count('cacheNodes'),
    forward_steps: count('forwardSteps'),
    mask_micros: count('maskMicros'),
  };
}
