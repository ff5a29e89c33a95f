// Sends traces to a collector by OTLP over HTTP. The packages that do so are optional: they are asked for when needed.
import { propagation, trace } from '@opentelemetry/api';
import { UsageError } from './command.js';

const PACKAGES = [
  '@opentelemetry/sdk-trace-base',
  '@opentelemetry/core',
  '@opentelemetry/exporter-trace-otlp-http',
];

/**
 * Spans of this process go to `endpoint` from now on; the returned function sends what is left.
 * @throws UsageError when the endpoint is no URL or the packages are not installed
 */
export async function exportTraces(endpoint: string): Promise<() => Promise<void>> {
  const url = tracesUrl(endpoint);
  const { BasicTracerProvider, BatchSpanProcessor, OTLPTraceExporter, W3CTraceContextPropagator } =
    await loadPackages();
  const provider = new BasicTracerProvider({
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url }))],
  });
  trace.setGlobalTracerProvider(provider);
  // Contexts are handed on as values, so there is no context manager, which would cost every promise.
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  return () => provider.shutdown();
}

/** The collector's address, or the whole URL. */
export function tracesUrl(endpoint: string): string {
  const text = /^https?:\/\//.test(endpoint) ? endpoint : `http://${endpoint}`;
  if (!URL.canParse(text)) throw new UsageError(`--otlp-traces-endpoint must be a URL, not '${endpoint}'`);
  const url = new URL(text);
  if (url.pathname === '/') url.pathname = '/v1/traces';
  return url.href;
}

async function loadPackages() {
  try {
    const [sdk, core, exporter] = await Promise.all([
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/core'),
      import('@opentelemetry/exporter-trace-otlp-http'),
    ]);
    return { ...sdk, ...core, ...exporter };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new UsageError(`--otlp-traces-endpoint needs packages: npm install ${PACKAGES.join(' ')}`);
  }
}
