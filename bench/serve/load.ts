// The load: what is asked, how often a client leaves or errs, and what is counted. The same for HTTP and in the process.
import { seededRandom } from '../../test/support/random-schema.js';

export const OUTPUT_TOKENS = 64;
/** Shares of requests that are left midway, and that are wrong. */
export const LEAVING = 0.1;
export const WRONG = 0.1;

export const ENGINE = { threads: 1, maxRunning: 256 } as const;

const TOPICS = ['rivers', 'bread', 'a lighthouse', 'trains', 'chess', 'the moon', 'tea', 'a violin'];

/** A chat, as body and as request of the engine; sampled, so that no two outputs are alike. */
export function chatAbout(number: number) {
  return [{ role: 'user', content: `Tell me about ${TOPICS[number % TOPICS.length]}, number ${number}.` }];
}

export interface Counts {
  requests: number;
  tokens: number;
  /** Milliseconds between two events of one answer, and to the first one. */
  readonly betweenTokens: number[];
  readonly firstTokens: number[];
}

export const noCounts = (): Counts => ({ requests: 0, tokens: 0, betweenTokens: [], firstTokens: [] });

/** Runs `one` on so many clients, each again and again, until the time is over; what it throws ends all. */
export async function keepBusy(
  clients: number,
  seconds: number,
  one: (number: number, random: () => number) => Promise<void>,
): Promise<number> {
  const start = performance.now();
  const end = start + 1000 * seconds;
  let next = 0;
  const client = async (seed: number) => {
    const random = seededRandom(seed);
    while (performance.now() < end) await one(next++, random);
  };
  await Promise.all(Array.from({ length: clients }, (_, index) => client(index + 1)));
  return (performance.now() - start) / 1000;
}
