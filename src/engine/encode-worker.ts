// A worker that encodes long texts, so that the main thread goes on serving. Started by background-encoder.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { Tokenizer, type TokenizerFiles } from '../tokenizer/index.js';

export interface EncodeJob {
  readonly id: number;
  readonly text: string;
  readonly addSpecialTokens: boolean;
}
export interface EncodeDone {
  readonly id: number;
  readonly tokens?: Int32Array;
  readonly error?: string;
}

const tokenizer = Tokenizer.fromFiles(workerData as TokenizerFiles);

parentPort?.on('message', ({ id, text, addSpecialTokens }: EncodeJob) => {
  let done: EncodeDone;
  try {
    done = { id, tokens: tokenizer.encode(text, { addSpecialTokens }) };
  } catch (error) {
    done = { id, error: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(done);
});
