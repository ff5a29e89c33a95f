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
  /** `--order`: schemas are compiled with this `propertyOrder`, where a benchmark has the choice. */
  readonly order?: 'schema' | 'any';
  /** `--limit`: at most so many rows of a suite. */
  readonly limit?: number;
  /** `--clients`, `--seconds`: how many ask at once, and for how long. */
  readonly clients?: number;
  readonly seconds?: number;
  /** `--suites`: the folder of the suites; default ESPALIER_SUITES, else beside the repository. */
  readonly suites?: string;
}

/** A module in bench/suites/. */
export interface Bench {
  readonly name: string;
  readonly description: string;
  /** Runs and resolves to its figures, which `--json` prints. */
  run(options: BenchOptions): Promise<Record<string, unknown>>;
}
