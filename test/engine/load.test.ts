// Outputs under load equal those of the same requests alone. ESPALIER_LOAD_REQUESTS and ESPALIER_LOAD_SEED change the size
// and the case, ESPALIER_LOAD_SECONDS the time that it may take; `npm run fuzz -- engine` runs others until its time is over.
import { expect, it } from 'vitest';
import { runEngineLoad } from '../support/engine-load.js';

const requests = Number(process.env.ESPALIER_LOAD_REQUESTS ?? 40);
const seconds = Number(process.env.ESPALIER_LOAD_SECONDS ?? Math.max(20, requests));
const first = Number(process.env.ESPALIER_LOAD_SEED ?? Math.floor(Math.random() * 2 ** 31));

it.each([
  [requests, 1],
  [Math.ceil(requests / 2), 2],
])(
  `%i random requests at once, computed by %i ranks, give what each gives alone, and no page leaks; seed ${first}`,
  { timeout: 1000 * seconds },
  async (requests, ranks) => {
    const counts = await runEngineLoad(first, requests, ranks);
    console.log(JSON.stringify(counts));
    expect(counts.outputs).toBeGreaterThanOrEqual(requests);
    expect(counts.retractions).toBeGreaterThan(0);
  },
);
