// A worker thread that judges the cases it is sent, one by one; the main thread ends it when one takes too long.
import { parentPort } from 'node:worker_threads';
import { compile } from '../../src/compile/index.js';
import type { Case } from './case.js';
import { judge } from './judge.js';

if (!parentPort) throw new Error('this file runs as a worker of the conformance runner');
const port = parentPort;
port.on('message', (testCase: Case) => port.postMessage(judge(testCase, compile)));
port.postMessage('ready');
