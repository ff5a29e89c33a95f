// A thread that compiles, a source at a time. Started and ended by pool.ts.
import { parentPort } from 'node:worker_threads';
import { compileJob } from '../compile/index.js';
import { type CompileReply, type CompileRequest, sendError } from './messages.js';

parentPort?.on('message', (job: CompileRequest) => {
  try {
    const parts = compileJob(job);
    const reply: CompileReply = { parts };
    parentPort?.postMessage(reply, [parts.image.buffer as ArrayBuffer]);
  } catch (thrown) {
    const reply: CompileReply = { error: sendError(thrown) };
    parentPort?.postMessage(reply);
  }
});
