// Encodes texts: short ones at once, long ones in a worker thread that starts with the first of them.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { TokenizerError } from '../errors.js';
import type { Tokenizer, TokenizerFiles } from '../tokenizer/index.js';
import type { EncodeDone, EncodeJob } from './encode-worker.js';

/** Texts of more UTF-16 units than this are encoded in the worker. */
export const LONG_TEXT = 50_000;

/** The compiled worker; run from sources, the one that the last build left in dist/. */
const workerFile = fileURLToPath(new URL('../../dist/engine/encode-worker.js', import.meta.url));

interface Waiting {
  readonly resolve: (tokens: Int32Array) => void;
  readonly reject: (error: Error) => void;
}

export class BackgroundEncoder {
  readonly #tokenizer: Tokenizer;
  readonly #files: () => TokenizerFiles;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #nextId = 1;

  constructor(tokenizer: Tokenizer, files: () => TokenizerFiles) {
    this.#tokenizer = tokenizer;
    this.#files = files;
  }

  /** The text's token ids. */
  async encode(text: string, addSpecialTokens: boolean): Promise<Int32Array> {
    if (text.length <= LONG_TEXT || !existsSync(workerFile))
      return this.#tokenizer.encode(text, { addSpecialTokens });
    const worker = this.#start();
    const job: EncodeJob = { id: this.#nextId++, text, addSpecialTokens };
    return new Promise((resolve, reject) => {
      this.#waiting.set(job.id, { resolve, reject });
      worker.ref();
      worker.postMessage(job);
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(workerFile, { workerData: this.#files() });
    worker.on('message', ({ id, tokens, error }: EncodeDone) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) worker.unref(); // an idle worker does not keep the process alive
      if (tokens) waiting?.resolve(tokens);
      else waiting?.reject(new TokenizerError('encode_failed', `cannot encode the text: ${error}`));
    });
    const fail = (reason: string) => {
      this.#worker = undefined;
      for (const { reject } of this.#waiting.values())
        reject(new TokenizerError('encode_failed', `the encoder thread ended: ${reason}`));
      this.#waiting.clear();
    };
    worker.on('error', (error) => fail(error.message));
    worker.on('exit', (code) => fail(`exit code ${code}`));
    this.#worker = worker;
    return worker;
  }
}
