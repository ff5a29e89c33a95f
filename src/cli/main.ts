#!/usr/bin/env node
// The command line: finds the command, runs it, and turns errors into one line and an exit code.
import { EspalierError } from '../errors.js';
import { packageVersion } from '../package/index.js';
import { type Command, UsageError } from './command.js';

interface Entry {
  /** One line for the list of commands. */
  readonly summary: string;
  /** A command's code is loaded when it is asked for. */
  load(): Promise<{ readonly command: Command }>;
}

const commands: ReadonlyMap<string, Entry> = new Map([
  ['quickstart', { summary: 'see it work on the embedded model', load: () => import('./quickstart.js') }],
  [
    'explain',
    { summary: 'say what a constraint is and why it refuses a text', load: () => import('./explain.js') },
  ],
  ['generate', { summary: 'answer one prompt', load: () => import('./generate.js') }],
  [
    'serve',
    { summary: 'serve a model over HTTP, as OpenAI and SGLang do', load: () => import('./serve.js') },
  ],
]);

function help(): string {
  return `espalier: structured generation and serving for Node

Usage: espalier <command> [options]

Commands:
${[...commands].map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`).join('\n')}

Options:
  --help       this text, or that of a command
  --version    the version

'espalier <command> --help' tells more of a command.
`;
}

async function main([first, ...rest]: readonly string[]): Promise<void> {
  if (first === undefined || first === '--help' || first === '-h') {
    process.stdout.write(help());
    if (first === undefined) process.exitCode = 2;
    return;
  }
  if (first === '--version' || first === '-v') {
    process.stdout.write(`${packageVersion()}\n`);
    return;
  }
  const entry = commands.get(first);
  if (!entry) throw new UsageError(`there is no command '${first}'`);
  const { command } = await entry.load();
  if (rest.includes('--help') || rest.includes('-h')) process.stdout.write(command.help);
  else await command.run(rest);
}

/** Prints an error that people can act on as one line; anything else is a bug and shows its stack. */
function report(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`espalier: ${error.message}; see espalier --help\n`);
    return 2;
  }
  if (error instanceof EspalierError) {
    process.stderr.write(`espalier: [${error.code}] ${error.message.replaceAll('\n', ' ')}\n`);
    return 1;
  }
  if (isSystemError(error)) {
    process.stderr.write(`espalier: [${error.code}] ${error.message}\n`);
    return 1;
  }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return 1;
}

/** A file that is not there, a port that is taken: node's own errors, which name what they are about. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

/** Whoever read our output has read enough. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = report(error);
}
