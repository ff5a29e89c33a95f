// Random loads on the engine: outputs as of each request alone, no page leaked.
import { noCounts, runEngineLoad } from '../test/support/engine-load.js';

const REQUESTS = 40;
/** Over all cases. */
export const totals = noCounts();

export async function fuzzEngine(seed: number): Promise<void> {
  const counts = await runEngineLoad(seed, REQUESTS);
  for (const key of Object.keys(totals) as (keyof typeof totals)[]) totals[key] += counts[key];
}
