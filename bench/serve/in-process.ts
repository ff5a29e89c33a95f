// The load without HTTP: a process of its own that streams from the engine, and prints what came and what it took.
import { Engine } from '../../src/engine/index.js';
import { chatAbout, ENGINE, keepBusy, noCounts, OUTPUT_TOKENS } from './load.js';

const [clients, seconds] = process.argv.slice(2).map(Number);
const engine = new Engine(ENGINE);
await engine.ready();
const counts = noCounts();
const before = process.cpuUsage();
const elapsed = await keepBusy(clients, seconds, async (number) => {
  const request = { messages: chatAbout(number), maxTokens: OUTPUT_TOKENS, ignoreEos: true, temperature: 1 };
  for await (const { tokens } of engine.stream(request)) counts.tokens += tokens.length;
  counts.requests++;
});
const { user, system } = process.cpuUsage(before);
console.log(
  JSON.stringify({
    tokensPerSecond: counts.tokens / elapsed,
    requestsPerSecond: counts.requests / elapsed,
    userMicrosPerToken: user / counts.tokens,
    systemMicrosPerToken: system / counts.tokens,
  }),
);
await engine.close();
