// How the clients' tests run programs that are not Node's: in an environment without the libraries of sanitizers, which are
// preloaded for our own code and which curl does not come to an end with.
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const { LD_PRELOAD: _, ...env } = process.env;
const runFile = promisify(execFile);

/** What a program prints, trimmed; undefined where it is not there or fails. */
export function outputOf(program: string, ...args: string[]): string | undefined {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', env });
  return status === 0 ? stdout.trim() : undefined;
}

/** What a program prints. */
export async function run(program: string, ...args: string[]): Promise<string> {
  return (await runFile(program, args, { env })).stdout;
}
