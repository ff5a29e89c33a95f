// llama.cpp's CPU build as node-llama-cpp brings it, installed under .cache when it is first asked for: it is large, and
// nothing else needs it.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CACHE } from './models.js';

export const OPPONENT_VERSION = '3.22.1';

interface Sequence {
  evaluate(tokens: readonly number[], options: object): AsyncGenerator<number>;
  clearHistory(): Promise<void>;
  dispose(): void;
}
interface Context {
  getSequence(): Sequence;
  dispose(): Promise<void>;
}
interface Model {
  isEogToken(token: number): boolean;
  createContext(options: object): Promise<Context>;
  dispose(): Promise<void>;
}
interface Llama {
  loadModel(options: object): Promise<Model>;
  createGrammarForJsonSchema(schema: object): Promise<object>;
  dispose(): Promise<void>;
}
interface Package {
  getLlama(options: object): Promise<Llama>;
  LlamaGrammarEvaluationState: new (options: object) => object;
}

export interface Run {
  /** From the start of the first request to the end of all. */
  readonly ms: number;
  readonly tokens: number;
}

async function load(): Promise<Package> {
  const folder = join(CACHE, 'node-llama-cpp');
  const manifest = join(folder, 'node_modules/node-llama-cpp/package.json');
  const isThere =
    existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === OPPONENT_VERSION;
  if (!isThere) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
    const packages = [`node-llama-cpp@${OPPONENT_VERSION}`, `@node-llama-cpp/linux-x64@${OPPONENT_VERSION}`];
    execFileSync(
      'npm',
      ['install', '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund', ...packages],
      {
        cwd: folder,
        stdio: 'inherit',
      },
    );
  }
  const entry = createRequire(join(folder, 'package.json')).resolve('node-llama-cpp');
  return import(pathToFileURL(entry).href);
}

/** One model in llama.cpp, with room for `sequences` at once. */
export class Opponent implements AsyncDisposable {
  readonly #package: Package;
  readonly #llama: Llama;
  readonly #model: Model;
  readonly #context: Context;
  readonly #sequences: Sequence[];

  private constructor(of: Package, llama: Llama, model: Model, context: Context, sequences: number) {
    this.#package = of;
    this.#llama = llama;
    this.#model = model;
    this.#context = context;
    this.#sequences = Array.from({ length: sequences }, () => context.getSequence());
  }

  static async open(path: string, options: { threads: number; sequences: number; context: number }) {
    const found = await load();
    const { threads, sequences, context: contextSize } = options;
    const llama = await found.getLlama({
      gpu: false,
      build: 'never',
      logLevel: 'error',
      maxThreads: threads,
      progressLogs: false,
    });
    const model = await llama.loadModel({ modelPath: path });
    const context = await model.createContext({ contextSize, sequences, threads, batchSize: 512 });
    return new Opponent(found, llama, model, context, sequences);
  }

  /** Runs the prompts at once, each to `maxTokens` tokens; with a schema, to the end of its grammar at most. */
  async run(prompts: readonly (readonly number[])[], maxTokens: number, schema?: object): Promise<Run> {
    const grammar = schema && (await this.#llama.createGrammarForJsonSchema(schema));
    for (const sequence of this.#sequences) await sequence.clearHistory();
    const start = performance.now();
    const counts = prompts.map(async (prompt, i) => {
      const state = grammar && new this.#package.LlamaGrammarEvaluationState({ model: this.#model, grammar });
      const options = {
        temperature: schema ? 1 : 0,
        seed: i,
        yieldEogToken: true,
        ...(state ? { grammarEvaluationState: state } : {}),
      };
      let tokens = 0;
      for await (const token of this.#sequences[i]!.evaluate(prompt, options)) {
        if (++tokens >= maxTokens || (schema && this.#model.isEogToken(token))) break;
      }
      return tokens;
    });
    const tokens = (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    return { ms: performance.now() - start, tokens };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.dispose();
    await this.#model.dispose();
    await this.#llama.dispose();
  }
}
