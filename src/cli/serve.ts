// espalier serve: the HTTP server, until it is told to stop; then it drains.
import { readFileSync } from 'node:fs';
import { type ServeOptions, serve } from '../server/index.js';
import { type Command, readArguments, readNumber, UsageError } from './command.js';
import { readConfigFile } from './config-file.js';
import { engineFlags, engineHelp, engineOptions, openEngine } from './engine.js';
import { withoutAliases } from './flag-aliases.js';
import { LOG_LEVELS, readLogLevel } from './log-level.js';
import { exportTraces } from './otlp.js';

/** What SGLang calls its grammar engines; ours does the work of each. */
const OTHER_GRAMMAR_BACKENDS = ['xgrammar', 'llguidance', 'outlines'];

const help = `Usage: espalier serve [options]

Serves the model over HTTP in OpenAI's and SGLang's dialects. Ctrl-C lets running requests finish; twice stops at once.

  --config FILE                a YAML file of flags, as 'port: 8000'; flags on the command line go before it
  --host ADDRESS               address to listen on (default 127.0.0.1)
  --port N                     port (default 30000; 0: any free one)
  --api-key KEY                ask for this key, as Authorization: Bearer KEY; give it again for more keys
  --api-key-file FILE          more such keys, one a line
  --admin-api-key KEY          the one key that may flush the cache and abort requests of others
  --cors-origin ORIGIN         let browsers' pages from there call the server; '*': all; give it again for more
  --allowed-hosts NAME         a name that requests may be sent to beside localhost, '*': any; give it again for more (default
                               with --host of this machine and no key: none, else any)
  --served-model-name NAME     the model's name in answers (default: its folder's)
  --tool-call-parser NAME      the model's function-call format (default auto: by its chat template, else hermes)
  --disable-playground         do not serve the page at /, which shows the text of cached prompts
  --reasoning-parser NAME      how the model writes its thinking (default auto: by its chat template; none: as text)
  --grammar-backend NAME       espalier; ${OTHER_GRAMMAR_BACKENDS.join(', ')} are taken, too, and mean it
  --log-level LEVEL            ${LOG_LEVELS.join(', ')} (default info)
  --log-requests               log bodies of requests, prompts and all
  --enable-metrics             answer GET /metrics (default)
  --disable-metrics            do not
  --otlp-traces-endpoint URL   send OpenTelemetry traces to this collector, by OTLP over HTTP
  --max-body-bytes N           largest request body (default 8388608)
  --max-schema-bytes N         largest schema or grammar, or tools of one request (default 2097152)
  --max-concurrent-requests N  most requests at once, those that wait among them (default 2048)
  --request-timeout-seconds N  longest time of a request (default: no limit)
  --slow-reader-seconds N      cut clients that read nothing of an answer for so long (default 60)
  --drain-seconds N            how long running requests get to finish (default 30)

${engineHelp}
`;

export const flags = {
  ...engineFlags,
  config: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  'api-key': { type: 'string', multiple: true },
  'api-key-file': { type: 'string' },
  'admin-api-key': { type: 'string' },
  'allowed-hosts': { type: 'string', multiple: true },
  'cors-origin': { type: 'string', multiple: true },
  'served-model-name': { type: 'string' },
  'tool-call-parser': { type: 'string' },
  'disable-playground': { type: 'boolean' },
  'reasoning-parser': { type: 'string' },
  'grammar-backend': { type: 'string' },
  'log-level': { type: 'string' },
  'log-requests': { type: 'boolean' },
  'enable-metrics': { type: 'boolean' },
  'disable-metrics': { type: 'boolean' },
  'otlp-traces-endpoint': { type: 'string' },
  'max-body-bytes': { type: 'string' },
  'max-schema-bytes': { type: 'string' },
  'max-concurrent-requests': { type: 'string' },
  'request-timeout-seconds': { type: 'string' },
  'slow-reader-seconds': { type: 'string' },
  'drain-seconds': { type: 'string' },
} as const;

export const command: Command = { help, run: runServer };

type Values = ReturnType<typeof readArguments<typeof flags>>['values'];

async function runServer(args: readonly string[]): Promise<void> {
  const values = readFlags(args);
  const options = serverOptions(values);
  const endpoint = values['otlp-traces-endpoint'];
  const flushTraces = endpoint === undefined ? async () => {} : await exportTraces(endpoint);
  const engine = await openEngine(engineOptions(values));
  const server = await serve(engine, options);
  const { modelId, kernels } = await engine.ready();
  process.stderr.write(`espalier: ${modelId} (${kernels}) at ${server.url}\n`);
  await interrupted();
  process.stderr.write('espalier: finishing running requests\n');
  await server.close();
  await flushTraces();
}

/** Flags of the command line, and behind them those of the file that `--config` names. */
export function readFlags(args: readonly string[]): Values {
  const { values, positionals } = readArguments(args, flags);
  if (positionals.length > 0) throw new UsageError(`serve takes no arguments, but got '${positionals[0]}'`);
  const { config: _, ...fileFlags } = flags;
  const inFile = values.config === undefined ? {} : readConfigFile(values.config, fileFlags);
  return { ...withoutAliases(inFile), ...withoutAliases(values) };
}

export function serverOptions(values: Values): ServeOptions {
  checkGrammarBackend(values['grammar-backend']);
  const apiKey = readKeys(values);
  return {
    logLevel: readLogLevel(values['log-level']),
    ...(apiKey.length > 0 && { apiKey }),
    ...defined({
      host: values.host,
      port: readNumber('port', values.port, { min: 0, max: 65_535 }),
      adminApiKey: values['admin-api-key'],
      allowedHosts: values['allowed-hosts'],
      corsOrigins: values['cors-origin'],
      servedModelName: values['served-model-name'],
      toolCallFormat: values['tool-call-parser'],
      reasoningFormat: values['reasoning-parser'],
      logRequests: values['log-requests'],
      bodyLimit: readNumber('max-body-bytes', values['max-body-bytes'], { min: 1 }),
      maxSchemaBytes: readNumber('max-schema-bytes', values['max-schema-bytes'], { min: 1 }),
      maxConcurrentRequests: readNumber('max-concurrent-requests', values['max-concurrent-requests'], {
        min: 1,
      }),
      answerTimeout: readSeconds('request-timeout-seconds', values['request-timeout-seconds']),
      slowReaderTimeout: readSeconds('slow-reader-seconds', values['slow-reader-seconds']),
      drainTimeout: readSeconds('drain-seconds', values['drain-seconds']),
    }),
    ...(values['disable-metrics'] === true && { metrics: false }),
    ...(values['disable-playground'] === true && { playground: false }),
  };
}

function readKeys(values: Values): string[] {
  const file = values['api-key-file'];
  const lines = file === undefined ? [] : readFileSync(file, 'utf8').split('\n');
  const inFile = lines.map((line) => line.trim()).filter((line) => line !== '');
  if (file !== undefined && inFile.length === 0)
    throw new UsageError(`--api-key-file: there is no key in ${file}`);
  return [...(values['api-key'] ?? []), ...inFile];
}

/** In milliseconds. */
function readSeconds(flag: string, given: string | undefined): number | undefined {
  const seconds = readNumber(flag, given, { min: 0, max: 86_400, integer: false });
  return seconds === undefined ? undefined : Math.round(seconds * 1000);
}

function checkGrammarBackend(name = 'espalier'): void {
  if (name === 'espalier') return;
  if (!OTHER_GRAMMAR_BACKENDS.includes(name))
    throw new UsageError(
      `--grammar-backend must be one of espalier, ${OTHER_GRAMMAR_BACKENDS.join(', ')}, not '${name}'`,
    );
  process.stderr.write(`espalier: constraints are held by espalier, not by ${name}\n`);
}

/** The entries that are not undefined. */
function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
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
