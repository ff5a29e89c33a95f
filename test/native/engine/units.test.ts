// Builds and runs the C++ unit tests of units/: the sampler, the radix tree, and the engine with a scripted mask plugin.
import { expect, it } from 'vitest';
import { runUnits } from '../units/run-units.js';

it('the C++ units pass', { timeout: 240_000 }, () => {
  const { status, lines } = runUnits('engine');
  expect(lines.filter((line) => !line.startsWith('ok '))).toEqual([]);
  expect(lines.length).toBeGreaterThan(15);
  expect(status).toBe(0);
});
