// docs/benchmarks/serve.json and serve.md: the figures of the last run.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LEAVING, OUTPUT_TOKENS, WRONG } from './load.js';

export type Figures = Readonly<Record<string, number>>;

const JSON_FILE = fileURLToPath(new URL('../../docs/benchmarks/serve.json', import.meta.url));

export function writePage(figures: Figures): void {
  writeFileSync(JSON_FILE, `${JSON.stringify(figures, null, 2)}\n`);
  writeFileSync(JSON_FILE.replace(/json$/, 'md'), page(figures));
}

function page(f: Figures): string {
  const n = (value: number) =>
    value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  const alone = f.alone_user_micros + f.alone_system_micros;
  const http = f.http_user_micros + f.http_system_micros;
  return `# The server under load

\`npm run bench -- serve --clients ${f.clients} --seconds ${f.seconds}\` on the embedded model, sprout: ${f.clients} clients stream chats of
${OUTPUT_TOKENS} tokens, one after the other; ${percent(LEAVING)} of requests are left midway, ${percent(WRONG)} are wrong. The server is one process (one
compute thread beside JavaScript's), the clients another, on a machine of ${f.cores} cores.

| | |
|---|---|
| answers complete, left midway, refused | ${n(f.complete)}, ${n(f.left)}, ${n(f.refused)} |
| errors for clients that did nothing wrong | ${f.errors} |
| requests/s, output tokens/s | ${n(f.requests_per_second)}, ${n(f.tokens_per_second)} |
| time between tokens, ms: p50, p99 | ${n(f.between_tokens_p50)}, ${n(f.between_tokens_p99)} |
| time to first event, ms: p50, p99 | ${n(f.first_token_p50)}, ${n(f.first_token_p99)} |
| resident memory, MB: mean of the first third, of the last | ${n(f.rss_first_third)}, ${n(f.rss_last_third)} |
| KV pages: all, free once the cache is flushed | ${n(f.pages)}, ${n(f.pages_free)} |

HTTP against the engine alone, in the same run: the same chats streamed through the server, none left and none wrong, between two
runs of a process that streams them from the engine.

| | in the process | over HTTP | |
|---|---|---|---|
| output tokens/s | ${n(f.alone_tokens_per_second)} | ${n(f.http_tokens_per_second)} | ${percent(f.http_tokens_per_second / f.alone_tokens_per_second - 1)} |
| processor time a token, µs | ${n(alone)} | ${n(http)} | ${percent(http / alone - 1)} |
| … of it the process's own | ${n(f.alone_user_micros)} | ${n(f.http_user_micros)} | ${percent((f.http_user_micros - f.alone_user_micros) / alone)} of all |
| … the system's for it | ${n(f.alone_system_micros)} | ${n(f.http_system_micros)} | ${percent((f.http_system_micros - f.alone_system_micros) / alone)} of all |

Over HTTP each token of each client is a write to a socket, which the system charges to the server, the waking of the client included.
The clients' own processor time is not in these, but it is spent on the same cores.
`;
}
