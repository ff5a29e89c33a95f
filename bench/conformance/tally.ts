// Counts verdicts by kind, and prints them.
import type { Failure, Outcome, Verdicts } from './case.js';

export type Counts = Record<Outcome | 'unjudged', number>;

export class Tally {
  readonly total: Counts = none();
  readonly kinds = new Map<string, Counts>();
  readonly failures: Failure[] = [];
  /** How often each reason was given for a refusal, tests counted. */
  readonly refusals = new Map<string, number>();
  /** Rows by the worst of their judgements. */
  readonly rows = { passing: 0, refused: 0, wrong: 0, crashed: 0 };
  readonly #compileMillis: number[] = [];
  readonly #keepFailures: number;

  /** Keeps the first `keepFailures` failures. */
  constructor(keepFailures: number) {
    this.#keepFailures = keepFailures;
  }

  add({ kind, counts, unjudged, failures, refusal, compileMillis }: Verdicts): void {
    let ofKind = this.kinds.get(kind);
    if (!ofKind) this.kinds.set(kind, (ofKind = none()));
    for (const sum of [this.total, ofKind]) {
      for (const outcome of ['right', 'wrong', 'refused', 'crashed'] as const)
        sum[outcome] += counts[outcome];
      sum.unjudged += unjudged;
    }
    for (const failure of failures)
      if (this.failures.length < this.#keepFailures) this.failures.push(failure);
    if (refusal !== undefined && counts.refused > 0)
      this.refusals.set(refusal, (this.refusals.get(refusal) ?? 0) + counts.refused);
    const worst = (['crashed', 'wrong', 'refused'] as const).find((outcome) => counts[outcome] > 0);
    this.rows[worst ?? 'passing']++;
    this.#compileMillis.push(compileMillis);
  }

  /** Whether nothing is wrong or crashed. */
  get passed(): boolean {
    return this.total.wrong === 0 && this.total.crashed === 0;
  }

  /** One line a kind, the total, and how long compiling took. */
  report(): string {
    const rows = [...this.kinds].sort(([left], [right]) => (left < right ? -1 : 1));
    const width = Math.max(5, ...rows.map(([kind]) => kind.length));
    const line = (name: string, cells: readonly (string | number)[]) =>
      name.padEnd(width) + cells.map((cell) => String(cell).padStart(10)).join('');
    const numbers = (counts: Counts) => columns.map((column) => counts[column]);
    return [
      line('kind', columns),
      ...rows.map(([kind, counts]) => line(kind, numbers(counts))),
      line('total', numbers(this.total)),
      this.#timing(),
    ].join('\n');
  }

  toJSON(): Counts & { kinds: Record<string, Counts>; rows: Tally['rows'] } {
    return { ...this.total, kinds: Object.fromEntries(this.kinds), rows: this.rows };
  }

  #timing(): string {
    const sorted = this.#compileMillis.toSorted((a, b) => a - b);
    const at = (share: number) =>
      (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(1);
    const { passing, refused, wrong, crashed } = this.rows;
    const rows = `rows ${sorted.length}: ${passing} passing, ${refused} refused, ${wrong} wrong, ${crashed} crashed`;
    return `${rows}; compile ms: p50 ${at(0.5)}, p90 ${at(0.9)}, p99 ${at(0.99)}, max ${at(1)}`;
  }
}

const columns = ['right', 'wrong', 'refused', 'crashed', 'unjudged'] as const;

function none(): Counts {
  return { right: 0, wrong: 0, refused: 0, crashed: 0, unjudged: 0 };
}
