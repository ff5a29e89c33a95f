// The server as a process of its own: started from dist/, watched through /proc, stopped with SIGTERM.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ENGINE } from './load.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const MICROS_PER_TICK = 1e6 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

export class ServerProcess {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start(): Promise<ServerProcess> {
    const { threads, maxRunning } = ENGINE;
    const args = ['--port', '0', '--threads', String(threads), '--max-running-requests', String(maxRunning)];
    const child = spawn(process.execPath, [MAIN, 'serve', ...args, '--log-level', 'error'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let text = '';
    const url = await new Promise<string>((resolve, reject) => {
      child.stderr.on('data', (data: Buffer) => {
        text += data.toString();
        const found = / at (http:\S+)\n/.exec(text)?.[1];
        if (found) resolve(found);
      });
      child.once('exit', () => reject(new Error(`the server ended: ${text}`)));
    });
    return new ServerProcess(child, url);
  }

  /** Processor time so far, of all its threads: their own, and the system's for them. */
  get cpuMicros(): { readonly user: number; readonly system: number } {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [user, system] = [fields[11], fields[12]].map((ticks) => Number(ticks) * MICROS_PER_TICK);
    return { user, system };
  }

  get residentMegabytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
  }

  async stats(): Promise<Readonly<Record<string, number>>> {
    const answer = await fetch(`${this.url}/server_info`);
    return ((await answer.json()) as { stats: Record<string, number> }).stats;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    await ended;
  }
}
