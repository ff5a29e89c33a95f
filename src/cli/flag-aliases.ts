// Flags that have several names, or a flag that says the contrary: each becomes the one that the commands read.
import { UsageError } from './command.js';

const ALIASES: Readonly<Record<string, string>> = {
  'model-path': 'model',
  'tp-size': 'tp',
  'speculative-draft-model': 'speculative-draft-model-path',
  'speculative-model': 'speculative-draft-model-path',
  'speculative-num-steps': 'speculative-num-draft-tokens',
};

const CONTRARIES: Readonly<Record<string, string>> = {
  'enable-radix-cache': 'disable-radix-cache',
  'enable-metrics': 'disable-metrics',
};

/** @throws UsageError where two flags say the same thing */
export function withoutAliases<T extends object>(values: T): T {
  const found = new Map<string, { readonly from: string; readonly value: unknown }>();
  for (const [from, given] of Object.entries(values)) {
    if (given === undefined) continue;
    const isContrary = Object.hasOwn(CONTRARIES, from);
    const name = isContrary ? CONTRARIES[from] : Object.hasOwn(ALIASES, from) ? ALIASES[from] : from;
    const other = found.get(name);
    if (other) throw new UsageError(`--${other.from} and --${from} cannot be combined`);
    found.set(name, { from, value: isContrary ? given !== true : given });
  }
  return Object.fromEntries([...found].map(([name, { value }]) => [name, value])) as T;
}
