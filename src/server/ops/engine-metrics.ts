// The engine's own counters as metrics, under SGLang's names; they are brought up to date when someone asks.
import { Counter, Gauge, type Registry } from 'prom-client';
import type { EngineStats } from '../engine-like.js';

/** A counter of the engine by its name, 0 where it has none of it; `pageSize` is the engine's option. */
type Figures = (name: keyof EngineStats | 'pageSize') => number;

type Entry = readonly [name: string, help: string, read: (figures: Figures) => number];

const used: Entry[2] = (f) => (f('pagesTotal') - f('pagesFree') - f('pagesCached')) * f('pageSize');
const all: Entry[2] = (f) => f('pagesTotal') * f('pageSize');

const GAUGES: readonly Entry[] = [
  ['sglang:num_running_reqs', 'Requests in the running batch', (f) => f('running')],
  ['sglang:num_queue_reqs', 'Requests that wait', (f) => f('queued')],
  ['sglang:num_retracted_reqs', 'Requests that gave up their pages, ever', (f) => f('retractions')],
  ['sglang:max_total_num_tokens', 'Tokens that the KV cache holds', all],
  ['sglang:num_used_tokens', 'Tokens in pages that live requests hold', used],
  ['sglang:kv_used_tokens', 'Tokens in pages that live requests hold', used],
  ['sglang:kv_available_tokens', 'Tokens that free pages hold', (f) => f('pagesFree') * f('pageSize')],
  [
    'sglang:kv_evictable_tokens',
    'Tokens in pages of prefixes that nobody uses',
    (f) => f('pagesCached') * f('pageSize'),
  ],
  ['sglang:token_usage', 'Share of the KV cache that live requests hold', (f) => used(f) / (all(f) || 1)],
  [
    'sglang:spec_accept_rate',
    'Share of drafted tokens that were kept, ever',
    (f) => f('acceptedTokens') / (f('draftTokens') || 1),
  ],
];

const COUNTERS: readonly Entry[] = [
  ['sglang:evicted_tokens_total', 'Cached tokens that made room', (f) => f('pagesEvicted') * f('pageSize')],
  ['espalier:forward_steps_total', 'Forward passes', (f) => f('forwardSteps')],
  ['espalier:forward_seconds_total', 'Time in forward passes', (f) => f('forwardMicros') / 1e6],
  ['espalier:mask_seconds_total', 'Time advancing grammars and filling masks', (f) => f('maskMicros') / 1e6],
];

export class EngineMetrics {
  readonly #set: readonly ((figures: Figures) => void)[];

  constructor(registry: Registry) {
    const registers = [registry];
    this.#set = [
      ...GAUGES.map(([name, help, read]) => {
        const gauge = new Gauge({ name, help, registers });
        return (figures: Figures) => gauge.set(read(figures));
      }),
      ...COUNTERS.map(([name, help, read]) => {
        const counter = new Counter({ name, help, registers });
        return (figures: Figures) => {
          counter.reset();
          counter.inc(read(figures));
        };
      }),
    ];
  }

  update(stats: EngineStats, pageSize: number): void {
    const figures: Figures = (name) => (name === 'pageSize' ? pageSize : Number(stats[name] ?? 0));
    for (const set of this.#set) set(figures);
  }
}
