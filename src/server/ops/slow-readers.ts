// Cuts clients that do not read what they asked for: where an answer waits and none of it was taken for so long, the
// connection is ended, and with it the generation.
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** How often answers are looked at, as a share of the time that they get. */
const LOOKS = 4;

interface Waiting {
  /** Bytes that the system has taken. */
  taken: number;
  /** When they became more, or when nothing was waiting. */
  since: number;
}

/** `timeout` in milliseconds; 0: never. */
export function cutSlowReaders(app: FastifyInstance, timeout: number): void {
  if (timeout === 0) return;
  const answering = new Map<Socket, Waiting>();
  const look = () => {
    const now = performance.now();
    for (const [socket, waiting] of answering) {
      const taken = socket.bytesWritten - socket.writableLength;
      if (socket.writableLength === 0 || taken !== waiting.taken) {
        waiting.taken = taken;
        waiting.since = now;
      } else if (now - waiting.since >= timeout) socket.destroy();
    }
  };
  let timer: NodeJS.Timeout | undefined;
  app.addHook('onRequest', (request, reply, done) => {
    const { socket } = request.raw;
    answering.set(socket, { taken: -1, since: performance.now() });
    timer ??= setInterval(look, timeout / LOOKS).unref();
    reply.raw.once('close', () => {
      answering.delete(socket);
      if (answering.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    });
    done();
  });
}
