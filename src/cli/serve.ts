// espalier serve: the HTTP server, until it is told to stop; then it drains.
import { type LogLevel, type ServeOptions, serve } from '../server/index.js';
import { type Command, readArguments, readNumber, UsageError } from './command.js';
import { engineFlags, engineHelp, engineOptions, openEngine } from './engine.js';

const LOG_LEVELS: readonly LogLevel[] = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'];

const help = `Usage: espalier serve [options]

Serves the model over HTTP in OpenAI's and SGLang's dialects. Ctrl-C lets running requests finish; twice stops at once.

  --host ADDRESS               address to listen on (default 127.0.0.1)
  --port N                     port (default 30000; 0: any free one)
  --api-key KEY                ask for this key, as Authorization: Bearer KEY
  --served-model-name NAME     the model's name in answers (default: its folder's)
  --tool-call-parser NAME      the model's function-call format (default auto: by its chat template, else hermes)
  --disable-playground         do not serve the page at /, which shows the text of cached prompts
  --log-level LEVEL            ${LOG_LEVELS.join(', ')} (default error)
  --max-body-bytes N           largest request body (default 8388608)
  --drain-seconds N            how long running requests get to finish (default 30)

${engineHelp}
`;

export const flags = {
  ...engineFlags,
  host: { type: 'string' },
  port: { type: 'string' },
  'api-key': { type: 'string' },
  'served-model-name': { type: 'string' },
  'tool-call-parser': { type: 'string' },
  'disable-playground': { type: 'boolean' },
  'log-level': { type: 'string' },
  'max-body-bytes': { type: 'string' },
  'drain-seconds': { type: 'string' },
} as const;

export const command: Command = { help, run: runServer };

type Values = ReturnType<typeof readArguments<typeof flags>>['values'];

async function runServer(args: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments(args, flags);
  if (positionals.length > 0) throw new UsageError(`serve takes no arguments, but got '${positionals[0]}'`);
  const options = serverOptions(values);
  const engine = await openEngine(engineOptions(values));
  const server = await serve(engine, options);
  const { modelId, kernels } = await engine.ready();
  process.stderr.write(`espalier: ${modelId} (${kernels}) at ${server.url}\n`);
  await interrupted();
  process.stderr.write('espalier: finishing running requests\n');
  await server.close();
}

function serverOptions(values: Values): ServeOptions {
  const port = readNumber('port', values.port, { min: 0, max: 65_535 });
  const bodyLimit = readNumber('max-body-bytes', values['max-body-bytes'], { min: 1 });
  const drain = readNumber('drain-seconds', values['drain-seconds'], { min: 0, max: 86_400, integer: false });
  const logLevel = LOG_LEVELS.find((level) => level === (values['log-level'] ?? 'error'));
  if (!logLevel)
    throw new UsageError(`--log-level must be one of ${LOG_LEVELS.join(', ')}, not '${values['log-level']}'`);
  return {
    logLevel,
    ...(values.host !== undefined && { host: values.host }),
    ...(port !== undefined && { port }),
    ...(values['api-key'] !== undefined && { apiKey: values['api-key'] }),
    ...(values['served-model-name'] !== undefined && { servedModelName: values['served-model-name'] }),
    ...(values['tool-call-parser'] !== undefined && { toolCallFormat: values['tool-call-parser'] }),
    ...(values['disable-playground'] === true && { playground: false }),
    ...(bodyLimit !== undefined && { bodyLimit }),
    ...(drain !== undefined && { drainTimeout: drain * 1000 }),
  };
}

/** Waits for SIGINT or SIGTERM; the next one ends the process, as nothing listens for it any more. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
      resolve();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}
