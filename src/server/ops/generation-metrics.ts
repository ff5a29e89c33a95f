// The figures of generations, under SGLang's names: counters and times, as outputs come.
import { Counter, Gauge, type Registry } from 'prom-client';
import type { GenerateResult } from '../../engine/index.js';
import { RateWindow } from './rate-window.js';
import { WeightedHistogram } from './weighted-histogram.js';

/** Seconds over which throughput and cache hits are told. */
export const THROUGHPUT_SECONDS = 10;
export const HIT_RATE_SECONDS = 60;

/** Upper bounds in seconds. */
const TOKEN_TIMES = [
  0.0005, 0.001, 0.002, 0.004, 0.006, 0.008, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.06, 0.08, 0.1, 0.2, 0.4,
  0.8, 1, 2, 4,
];
const FIRST_TOKEN_TIMES = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 100,
];
const REQUEST_TIMES = [0.005, 0.01, 0.05, 0.1, 0.2, 0.4, 0.8, 1, 2, 4, 8, 10, 20, 40, 60, 100, 200, 400, 800];

export class GenerationMetrics {
  readonly #throughput = new RateWindow(THROUGHPUT_SECONDS);
  readonly #prompted = new RateWindow(HIT_RATE_SECONDS);
  readonly #hit = new RateWindow(HIT_RATE_SECONDS);
  readonly #counters: ReturnType<typeof counters>;
  readonly #firstToken: WeightedHistogram;
  readonly #betweenTokens: WeightedHistogram;
  readonly #wholeRequest: WeightedHistogram;

  constructor(registry: Registry) {
    const times = (name: string, help: string, bounds: readonly number[]) =>
      new WeightedHistogram(registry, `sglang:${name}`, help, bounds);
    this.#counters = counters(registry);
    this.#firstToken = times('time_to_first_token_seconds', 'Time to the first token', FIRST_TOKEN_TIMES);
    this.#betweenTokens = times('inter_token_latency_seconds', 'Time between two tokens', TOKEN_TIMES);
    this.#wholeRequest = times('e2e_request_latency_seconds', 'Time of a whole generation', REQUEST_TIMES);
    rateGauge(registry, 'gen_throughput', `Output tokens a second, over ${THROUGHPUT_SECONDS} s`, (now) => {
      return this.#throughput.sum(now) / THROUGHPUT_SECONDS;
    });
    rateGauge(
      registry,
      'cache_hit_rate',
      `Share of prompt tokens cached, over ${HIT_RATE_SECONDS} s`,
      (now) => {
        return this.#hit.sum(now) / (this.#prompted.sum(now) || 1);
      },
    );
  }

  /** All times in milliseconds of performance.now(). */
  began(isConstrained: boolean): void {
    if (isConstrained) this.#counters.constrained.inc();
  }

  firstToken(milliseconds: number): void {
    this.#firstToken.observe(milliseconds / 1000);
  }

  /** `count` tokens, each `milliseconds` after the one before it. */
  tokens(count: number, milliseconds: number): void {
    this.#betweenTokens.observe(milliseconds / 1000, count);
  }

  /** Output tokens that came at `now`. */
  came(count: number, now: number): void {
    this.#throughput.add(now, count);
    this.#counters.generation.inc(count);
  }

  finished({ usage, finishReason }: GenerateResult, milliseconds: number, now: number): void {
    this.#wholeRequest.observe(milliseconds / 1000);
    this.#prompted.add(now, usage.promptTokens);
    this.#hit.add(now, usage.cachedTokens);
    this.#counters.requests.inc();
    this.#counters.prompt.inc(usage.promptTokens);
    this.#counters.cached.inc(usage.cachedTokens);
    if (finishReason === 'abort') this.#counters.aborted.inc();
  }

  /** One whose client went away before its end. */
  left(): void {
    this.#counters.requests.inc();
    this.#counters.aborted.inc();
  }

  failed(): void {
    this.#counters.requests.inc();
    this.#counters.failed.inc();
  }
}

function counters(registry: Registry) {
  const counter = (name: string, help: string) => new Counter({ name, help, registers: [registry] });
  return {
    prompt: counter('sglang:prompt_tokens_total', 'Prompt tokens of finished generations'),
    generation: counter('sglang:generation_tokens_total', 'Output tokens'),
    cached: counter('sglang:cached_tokens_total', 'Prompt tokens that came from the prefix cache'),
    requests: counter('sglang:num_requests_total', 'Generations that ended'),
    constrained: counter('sglang:num_so_requests_total', 'Generations under a constraint'),
    aborted: counter(
      'sglang:num_aborted_requests_total',
      'Generations that were ended before they were done',
    ),
    failed: counter('espalier:num_failed_requests_total', 'Generations that ended with an error'),
  };
}

function rateGauge(registry: Registry, name: string, help: string, read: (now: number) => number): void {
  new Gauge({
    name: `sglang:${name}`,
    help,
    registers: [registry],
    collect() {
      this.set(read(performance.now()));
    },
  });
}
