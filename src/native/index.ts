// Door of the native room, and the one place that loads the addon.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { EngineError } from '../errors.js';
import type { NativeAddon } from './types.js';

export type * from './model-types.js';
export type * from './types.js';

const ABI_VERSION = 3;
const addonPath = fileURLToPath(new URL('../../build/native/espalier.node', import.meta.url));

let loaded: NativeAddon | undefined;
let failure: EngineError | undefined;

/**
 * The native addon, loaded on first use.
 * @throws EngineError `native_missing` when it was not built or cannot be loaded; the grammar half works without it.
 */
export function loadNative(): NativeAddon {
  if (loaded) return loaded;
  if (failure) throw failure;
  try {
    const addon = createRequire(import.meta.url)(addonPath) as NativeAddon;
    if (addon.abiVersion !== ABI_VERSION)
      throw new Error(
        `it has ABI version ${addon.abiVersion}, this package needs ${ABI_VERSION}; run npm run build:native`,
      );
    loaded = addon;
    return addon;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    failure = new EngineError(
      'native_missing',
      `the native engine is not available: build it with 'npm run build:native' (needs CMake >= 3.20 and a C++20 compiler); ${reason}`,
      { cause },
    );
    throw failure;
  }
}

/** Whether the native addon is there, without throwing. */
export function hasNative(): boolean {
  try {
    loadNative();
    return true;
  } catch {
    return false;
  }
}
