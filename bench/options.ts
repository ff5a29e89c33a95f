// What the bench runner gives to each benchmark.

export interface BenchOptions {
  /** End within 45 s on two cores. */
  readonly quick: boolean;
  /** Prints a line for people. */
  readonly log: (line: string) => void;
}
