// Closing, environments that end under an open engine, slow readers, idle threads.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { harness } from './harness.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Runs a script in a Node process of its own; fails on a crash, a timeout or a non-zero exit. */
function node(script: string): string {
  const args = ['--import', 'tsx', '--input-type=module', '-e', script];
  return execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', timeout: 30_000 });
}
const setup = `
  import { harness } from './test/native/engine/harness.ts';
  const { engine, run } = await harness();
`;

describe('close', () => {
  it('aborts live requests, delivers their last events, then resolves; afterwards nothing works', async () => {
    const { run, engine } = await harness({ maxRunning: 2 });
    const live = [1, 2, 3, 4].map(() => run({ maxTokens: 240 }));
    let ended = 0;
    for (const outcome of live) void outcome.then(() => ++ended);
    await engine.close();
    const reasons = (await Promise.all(live)).map(({ finish }) => finish.reason);
    expect(ended).toBe(4);
    expect(reasons).toContain('abort');
    expect(() => run()).toThrow(expect.objectContaining({ code: 'engine_closed' }));
    await expect(engine.flushCache()).rejects.toMatchObject({ code: 'engine_closed' });
    engine.abort(1);
    expect(engine.stats()).toMatchObject({ running: 0, queued: 0 });
    await Promise.all([engine.close(), engine.close()]);
  });

  it('may come at any moment', async () => {
    for (let i = 0; i < 20; ++i) {
      const { run, engine } = await harness();
      const live = [run({ maxTokens: 200 }), run({ maxTokens: 1 })];
      if (i % 2) await new Promise((next) => setTimeout(next, i % 5));
      await engine.close();
      await Promise.all(live);
    }
  });
});

describe('an environment that ends', () => {
  it('with an idle open engine is not kept alive by it', () => {
    expect(node(`${setup} console.log((await run()).tokens.length);`).trim()).toBe('8');
  });

  it('is kept alive while requests run', () => {
    const script = `${setup} run({ maxTokens: 200 }).then(({ tokens }) => console.log(tokens.length));`;
    expect(node(script).trim()).toBe('200');
  });

  it('by process.exit amid requests ends cleanly', () => {
    node(
      `${setup} for (let i = 0; i < 20; ++i) run({ maxTokens: 240 }); setTimeout(() => process.exit(0), 5);`,
    );
  });

  it('as a worker thread, terminated amid requests, ends cleanly beside other engines', () => {
    const out = node(`
      import { Worker } from 'node:worker_threads';
      ${setup}
      const code = ${JSON.stringify(`
        import { parentPort } from 'node:worker_threads';
        import { register } from 'tsx/esm/api';
        register();
        const { harness } = await import('./test/native/engine/harness.ts');
        const { run } = await harness();
        const first = (await run()).tokens;
        for (let i = 0; i < 20; ++i) run({ maxTokens: 240 });
        parentPort.postMessage(first);
      `)};
      const here = (await run()).tokens;
      for (let i = 0; i < 3; ++i) {
        const worker = new Worker(code, { eval: true });
        const there = await new Promise((done, failed) => worker.on('message', done).on('error', failed));
        await worker.terminate();
        if (there.join() !== here.join()) throw new Error('the worker computed something else');
      }
      console.log((await run()).tokens.length);
      await engine.close();`);
    expect(out.trim()).toBe('8');
  });
});

describe('events', () => {
  it('grow together while JavaScript is busy', async () => {
    const { run, engine, eventBatches } = await harness();
    const outcomes = [1, 2, 3].map(() => run({ maxTokens: 200 }));
    const until = performance.now() + 400;
    while (performance.now() < until) Math.sqrt(until);
    const done = await Promise.all(outcomes);
    expect(done.every(({ tokens }) => tokens.length === 200)).toBe(true);
    expect(eventBatches.length).toBeLessThan(100);
    await engine.close();
  });

  it('leave the processor alone when there is nothing to do', async () => {
    const { run, engine } = await harness();
    await run();
    await new Promise((next) => setTimeout(next, 50));
    const before = process.cpuUsage();
    await new Promise((next) => setTimeout(next, 400));
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(100);
    await engine.close();
  });
});
