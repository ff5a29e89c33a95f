// Clients of the server: they read streams event by event, and some leave midway or send what is wrong.
import { Agent, request } from 'node:http';
import { type Counts, chatAbout, keepBusy, LEAVING, noCounts, OUTPUT_TOKENS, WRONG } from './load.js';

export interface Outcome extends Counts {
  readonly seconds: number;
  left: number;
  refused: number;
  /** What went wrong for clients that did nothing wrong. */
  readonly errors: string[];
}

type Way = 'stay' | 'leave' | 'wrong';

const EVENT = Buffer.from('data: ');

/** With `isRough` some leave or are wrong, as load.ts says. */
export async function askMany(
  url: string,
  clients: number,
  seconds: number,
  isRough: boolean,
): Promise<Outcome> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const outcome = { ...noCounts(), left: 0, refused: 0, errors: [] as string[] };
  const elapsed = await keepBusy(clients, seconds, (number, random) => {
    const draw = isRough ? random() : 1;
    const way: Way = draw < LEAVING ? 'leave' : draw < LEAVING + WRONG ? 'wrong' : 'stay';
    return askOne(url, agent, number, way, outcome);
  });
  agent.destroy();
  return { ...outcome, seconds: elapsed };
}

function askOne(
  url: string,
  agent: Agent,
  number: number,
  way: Way,
  outcome: Omit<Outcome, 'seconds'>,
): Promise<void> {
  const body = JSON.stringify({
    messages: way === 'wrong' ? [{ role: 'nobody' }] : chatAbout(number),
    max_tokens: OUTPUT_TOKENS,
    ignore_eos: true,
    stream: true,
  });
  const leaveAt = way === 'leave' ? 1 + (number % (OUTPUT_TOKENS / 2)) : Number.POSITIVE_INFINITY;
  return new Promise((resolve) => {
    const start = performance.now();
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const fail = (what: string) => {
      if (way === 'stay') outcome.errors.push(what);
      resolve();
    };
    const asked = request(`${url}/v1/chat/completions`, { method: 'POST', agent, headers }, (answer) => {
      let events = 0;
      let last = start;
      let end = '';
      answer.on('data', (data: Buffer) => {
        const now = performance.now();
        let fresh = 0;
        for (let at = data.indexOf(EVENT); at >= 0; at = data.indexOf(EVENT, at + 1)) fresh++;
        if (events === 0) outcome.firstTokens.push(now - start);
        else for (let i = 0; i < fresh; i++) outcome.betweenTokens.push((now - last) / fresh);
        events += fresh;
        last = now;
        end = data.subarray(-200).toString();
        if (events < leaveAt) return;
        outcome.left++;
        asked.destroy();
        resolve();
      });
      answer.on('error', (error) => fail(error.message));
      answer.on('end', () => {
        if (way === 'wrong' && answer.statusCode === 400) outcome.refused++;
        else if (way === 'wrong') outcome.errors.push(`a wrong request got ${answer.statusCode}`);
        else if (answer.statusCode !== 200 || !end.endsWith('data: [DONE]\n\n'))
          return fail(`${answer.statusCode} ${end}`);
        else {
          outcome.requests++;
          outcome.tokens += OUTPUT_TOKENS;
        }
        resolve();
      });
    });
    asked.on('error', (error) => fail(error.message));
    asked.end(body);
  });
}
