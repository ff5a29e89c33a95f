// The server under many streaming clients, some of whom leave or err: nobody else may notice, memory stays flat, no page is
// lost; and what HTTP costs beside the engine alone. Writes docs/benchmarks/serve.json and serve.md, except with --quick.
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BenchOptions } from '../options.js';
import { percentiles, printPercentiles } from '../percentiles.js';
import { askMany } from '../serve/clients.js';
import { type Figures, writePage } from '../serve/page.js';
import { ServerProcess } from '../serve/server-process.js';

export const name = 'serve';
export const description = 'the server under streaming clients, some of whom leave or err; what HTTP costs';

const IN_PROCESS = fileURLToPath(new URL('../serve/in-process.ts', import.meta.url));
/** Seconds that memory gets to come to its height. */
const SETTLING = 5;

interface Alone {
  readonly tokensPerSecond: number;
  readonly userMicrosPerToken: number;
  readonly systemMicrosPerToken: number;
}

export async function run(options: BenchOptions): Promise<Record<string, unknown>> {
  const { quick, log, clients = 256, seconds = quick ? 8 : 60 } = options;
  const short = quick ? 4 : 15;
  const before = await alone(clients, short);
  const server = await ServerProcess.start();
  try {
    await askMany(server.url, clients, 2, false);
    const cpu = server.cpuMicros;
    const plain = await askMany(server.url, clients, short, false);
    const then = server.cpuMicros;
    const rough = await roughLoad(server, clients, seconds);
    const pages = await pagesLeft(server);
    const after = await alone(clients, short);
    const figures = {
      ...{ clients, seconds, cores: availableParallelism() },
      ...rough,
      ...pages,
      alone_tokens_per_second: (before.tokensPerSecond + after.tokensPerSecond) / 2,
      http_tokens_per_second: plain.tokens / plain.seconds,
      alone_user_micros: (before.userMicrosPerToken + after.userMicrosPerToken) / 2,
      alone_system_micros: (before.systemMicrosPerToken + after.systemMicrosPerToken) / 2,
      http_user_micros: (then.user - cpu.user) / plain.tokens,
      http_system_micros: (then.system - cpu.system) / plain.tokens,
    };
    for (const [key, value] of Object.entries(figures))
      log(`${key.padEnd(26)} ${Number(value.toPrecision(5))}`);
    if (plain.errors.length > 0) log(`errors: ${plain.errors.slice(0, 3).join('; ')}`);
    if (!quick) writePage(figures);
    return figures;
  } finally {
    await server.stop();
  }
}

async function roughLoad(server: ServerProcess, clients: number, seconds: number): Promise<Figures> {
  const memory: number[] = [];
  const watch = setInterval(() => memory.push(server.residentMegabytes), 250);
  const outcome = await askMany(server.url, clients, seconds, true);
  clearInterval(watch);
  if (outcome.errors.length > 0) console.error(outcome.errors.slice(0, 5));
  const settled = memory.slice(SETTLING * 4);
  const third = Math.max(1, Math.floor(settled.length / 3));
  const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
  const between = percentiles(outcome.betweenTokens);
  const first = percentiles(outcome.firstTokens);
  console.log(`between tokens, ms: ${printPercentiles(between)}`);
  return {
    complete: outcome.requests,
    left: outcome.left,
    refused: outcome.refused,
    errors: outcome.errors.length,
    requests_per_second: outcome.requests / outcome.seconds,
    tokens_per_second: outcome.tokens / outcome.seconds,
    between_tokens_p50: between.p50,
    between_tokens_p99: between.p99,
    first_token_p50: first.p50,
    first_token_p99: first.p99,
    rss_first_third: mean(settled.slice(0, third)),
    rss_last_third: mean(settled.slice(-third)),
  };
}

/** Once nothing runs, every page is free or holds a cached prefix; once those are dropped, all are free. */
async function pagesLeft(server: ServerProcess): Promise<Figures> {
  for (let tries = 0; tries < 100; tries++) {
    const { running, queued } = await server.stats();
    if (running + queued === 0) break;
    await sleep(50);
  }
  await fetch(`${server.url}/flush_cache`, { method: 'POST' });
  const { pagesTotal, pagesFree, running, queued } = await server.stats();
  return { pages: pagesTotal, pages_free: pagesFree, left_running: running + queued };
}

async function alone(clients: number, seconds: number): Promise<Alone> {
  const args = ['--import', 'tsx', IN_PROCESS, String(clients), String(seconds)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Alone;
}
