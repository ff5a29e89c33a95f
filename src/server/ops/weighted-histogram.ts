// A Prometheus histogram that takes many equal observations at once, as the tokens of a chunk are, and costs a few
// nanoseconds on the way of a token.
import type { Histogram, Registry } from 'prom-client';

export class WeightedHistogram {
  readonly name: string;
  readonly help: string;
  readonly type = 'histogram';
  readonly #bounds: readonly number[];
  /** Observations between two bounds; the last is for those above all. */
  readonly #counts: Float64Array;
  #sum = 0;

  /** `bounds`: the upper bounds of the buckets, ascending; one without a bound is added. */
  constructor(registry: Registry, name: string, help: string, bounds: readonly number[]) {
    this.name = name;
    this.help = help;
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
    // The registry asks a metric for its name, help, type and `get()`, whatever class it is of.
    registry.registerMetric(this as unknown as Histogram);
  }

  observe(value: number, weight = 1): void {
    let bucket = 0;
    while (bucket < this.#bounds.length && value > this.#bounds[bucket]) bucket++;
    this.#counts[bucket] += weight;
    this.#sum += value * weight;
  }

  async get(): Promise<object> {
    const values: object[] = [];
    let count = 0;
    for (const [bucket, value] of this.#counts.entries()) {
      count += value;
      const le = this.#bounds[bucket] ?? '+Inf';
      values.push({ metricName: `${this.name}_bucket`, labels: { le }, value: count });
    }
    values.push({ metricName: `${this.name}_sum`, labels: {}, value: this.#sum });
    values.push({ metricName: `${this.name}_count`, labels: {}, value: count });
    return { name: this.name, help: this.help, type: this.type, values };
  }
}
