// Which folder keeps what can be made again: the caller's, the environment's, the platform's.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { cacheFolder } from '../../src/tokenizer-files/index.js';

it('is what the caller says, then what the environment says', () => {
  expect(cacheFolder('mine', { ESPALIER_CACHE: '/theirs' })).toBe(resolve('mine'));
  expect(cacheFolder(false, { ESPALIER_CACHE: '/theirs' })).toBeUndefined();
  expect(cacheFolder(undefined, { ESPALIER_CACHE: '/theirs' })).toBe(resolve('/theirs'));
  expect(cacheFolder(undefined, { ESPALIER_CACHE: 'off' })).toBeUndefined();
});

it.runIf(process.platform === 'linux')("is else a folder in the platform's cache folder", () => {
  expect(cacheFolder(undefined, {})).toBe(join(homedir(), '.cache', 'espalier'));
  expect(cacheFolder(undefined, { XDG_CACHE_HOME: '/xdg', ESPALIER_CACHE: '' })).toBe('/xdg/espalier');
});
