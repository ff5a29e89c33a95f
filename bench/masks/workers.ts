// Mask engines as processes that speak MaskBench's worker protocol: a case a line in, a result a line out. A worker that takes
// too long or dies is told of as such, and a fresh one takes its place. Lines end where split2 ends them: node:readline also
// ends one at U+2028 since Node 24, which may stand in JSON.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import split2 from 'split2';

/** What a worker answers to a case; `fill` and `acc` are in tenths of a microsecond a token. */
export interface WorkerResult {
  readonly id: string;
  readonly compile_ns?: number;
  readonly matcher_ns?: number;
  readonly first_ns?: number;
  readonly compile_error?: string;
  readonly timeout?: boolean;
  readonly crash?: boolean;
  readonly tests?: readonly {
    readonly valid: boolean;
    readonly rejected_at: number | null;
    readonly eos?: boolean;
    readonly error?: string;
    readonly fill: readonly number[];
    readonly acc: readonly number[];
  }[];
}

export interface WorkerOptions {
  readonly command: readonly string[];
  readonly engine: string;
  readonly tokenizer: string;
  /** The processors that every worker is pinned to; undefined: any. */
  readonly cores?: readonly number[] | undefined;
  /** Seconds of wall time for one case. */
  readonly limitSeconds: number;
  /** Cases that one process answers before a fresh one takes over. */
  readonly casesPerProcess: number;
}

const MEMORY_GIB = '8';

export class Worker {
  readonly #options: WorkerOptions;
  #process: ChildProcess | undefined;
  #lines: AsyncIterator<string> | undefined;
  #answered = 0;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /** Answers one case, given as its line. */
  async ask(line: string): Promise<WorkerResult> {
    const { id } = JSON.parse(line) as { id: string };
    if (this.#answered >= this.#options.casesPerProcess) this.close();
    if (!this.#process) await this.#start();
    this.#answered++;
    this.#process?.stdin?.write(line.endsWith('\n') ? line : `${line}\n`);
    const answer = await this.#next(this.#options.limitSeconds);
    if (typeof answer === 'string') return JSON.parse(answer) as WorkerResult;
    this.close();
    return { id, [answer.kind]: true };
  }

  close(): void {
    this.#process?.kill('SIGKILL');
    this.#process = undefined;
    this.#lines = undefined;
    this.#answered = 0;
  }

  async #start(): Promise<void> {
    const { command, engine, tokenizer, cores } = this.#options;
    const phases = join(mkdtempSync(join(tmpdir(), 'espalier-masks-')), 'phase');
    writeFileSync(phases, '');
    const pinned = cores === undefined ? command : ['taskset', '-c', cores.join(','), ...command];
    const [program, ...rest] = [...pinned, engine, phases, MEMORY_GIB];
    this.#process = spawn(program, rest, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, MASKBENCH_TOKENIZER: tokenizer },
    });
    this.#process.stdin?.on('error', () => undefined); // told by the missing answer
    this.#lines = this.#process.stdout!.pipe(split2())[Symbol.asyncIterator]();
    const ready = await this.#next(120);
    if (typeof ready !== 'string' || !ready.includes('"ready"'))
      throw new Error(`the worker of ${engine} did not start: ${command.join(' ')}`);
  }

  async #next(seconds: number): Promise<string | { readonly kind: 'timeout' | 'crash' }> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<{ kind: 'timeout' }>((resolve) => {
      timer = setTimeout(() => resolve({ kind: 'timeout' }), seconds * 1000);
    });
    const line = this.#lines!.next().then(({ value, done }) => (done ? { kind: 'crash' as const } : value));
    try {
      return await Promise.race([line, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
