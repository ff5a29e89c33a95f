// What the bench runner gives to each benchmark, and what it asks of one.

export interface BenchOptions {
  /** End within 45 s on two cores. */
  readonly quick: boolean;
  /** Prints a line for people. */
  readonly log: (line: string) => void;
  /** `--tokenizer`: a tokenizer.json, for benchmarks that need only a vocabulary. */
  readonly tokenizer?: string;
  /** `--only`: parts to run, for benchmarks that have parts. */
  readonly only?: readonly string[];
}

/** A module in bench/suites/. */
export interface Bench {
  readonly name: string;
  readonly description: string;
  /** Runs and resolves to its figures, which `--json` prints. */
  run(options: BenchOptions): Promise<Record<string, unknown>>;
}
