// The playground's page as its source stands now, in dist/playground.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export function buildPlayground(): void {
  const script = fileURLToPath(new URL('../../scripts/build-playground.mjs', import.meta.url));
  execFileSync(process.execPath, [script], { stdio: ['ignore', 'ignore', 'pipe'] });
}
