// A thread that compiles, a source at a time, and warms its compiler up after the first. Started and ended by pool.ts.
import { parentPort } from 'node:worker_threads';
import { compileJob, warmCompiler } from '../compile/index.js';
import { type CompileReply, type CompileRequest, sendError } from './messages.js';

/** Ends the warming: work that comes waits for one sample at most. */
let warming: AbortController | undefined;
let isWarm = false;

parentPort?.on('message', (job: CompileRequest) => {
  warming?.abort();
  try {
    const parts = compileJob(job);
    const reply: CompileReply = { parts };
    parentPort?.postMessage(reply, [parts.image.buffer as ArrayBuffer]);
  } catch (thrown) {
    const reply: CompileReply = { error: sendError(thrown) };
    parentPort?.postMessage(reply);
  }
  if (!isWarm) void warm();
});

/** A thread's code is its own: what the main thread's engine has optimised is of no use here. */
async function warm(): Promise<void> {
  const stop = new AbortController();
  warming = stop;
  await warmCompiler({ signal: stop.signal }).catch(() => {});
  isWarm ||= !stop.signal.aborted;
}
