// Listens: a server over an engine on a port, until it is closed, which drains it and then closes the engine.
import type { AddressInfo } from 'node:net';
import type { EngineLike } from './engine-like.js';
import type { ServerOptions } from './options.js';
import { createServer } from './server.js';

export interface ServeOptions extends ServerOptions {
  /** Address to listen on; default 127.0.0.1. */
  readonly host?: string;
  /** Port; default 30000, 0 for any free one. */
  readonly port?: number;
}

export interface RunningServer {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Takes no more requests, lets those in flight finish (for at most `drainTimeout`), then closes the engine. */
  close(): Promise<void>;
}

/**
 * Listens at once, so that /health can tell of loading, and returns when the model is loaded.
 * @throws what loading the model throws, or the system's error when the port cannot be had; nothing is left open then.
 */
export async function serve(engine: EngineLike, options: ServeOptions = {}): Promise<RunningServer> {
  const app = createServer(engine, options);
  const close = async () => {
    await app.close();
    await engine.close();
  };
  try {
    await app.listen({
      host: options.host ?? '127.0.0.1',
      port: options.port ?? 30_000,
      listenTextResolver: (address) => `listening on ${address}, loading the model`,
    });
    await engine.ready();
  } catch (error) {
    await close();
    throw error;
  }
  const { address, family, port } = app.server.address() as AddressInfo;
  return { url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`, port, close };
}
