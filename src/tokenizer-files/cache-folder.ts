// Where things that can be made again are kept: what the caller says, else ESPALIER_CACHE, else the platform's folder
// for caches.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The folder, undefined where nothing is to be kept: `false`, or `ESPALIER_CACHE=off`. */
export function cacheFolder(chosen: string | false | undefined, env = process.env): string | undefined {
  if (chosen === false) return undefined;
  if (chosen !== undefined) return resolve(chosen);
  if (env.ESPALIER_CACHE === 'off') return undefined;
  if (env.ESPALIER_CACHE) return resolve(env.ESPALIER_CACHE);
  return join(platformFolder(env), 'espalier');
}

function platformFolder(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32') return env.LOCALAPPDATA || join(homedir(), 'AppData', 'Local');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches');
  return env.XDG_CACHE_HOME || join(homedir(), '.cache');
}
