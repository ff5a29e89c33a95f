// Which share of masks each path of the native core answers, and in what time: grammars are new, the tokenizer is warm.
import type { CompiledGrammar } from '../../src/compile/index.js';
import { MaskEngine, type MaskPathStats, type MaskStats } from '../../src/engine/index.js';
import type { Tokenizer } from '../../src/tokenizer/index.js';

/** Accepts the texts token by token, a mask before each. Returns the figures of that alone. */
export async function measureShares(
  tokenizer: Tokenizer,
  samples: Iterable<{ readonly grammar: CompiledGrammar; readonly texts: readonly string[] }>,
): Promise<MaskStats> {
  const engine = new MaskEngine(tokenizer);
  await engine.warm();
  const warming = engine.stats();
  const row = new Int32Array(engine.words);
  for (const { grammar, texts } of samples)
    for (const text of texts) {
      const matcher = engine.open(grammar);
      for (const token of tokenizer.encode(text, { addSpecialTokens: false })) {
        matcher.fill(row);
        if (!matcher.accept(token)) break;
      }
      matcher.close();
    }
  return without(engine.stats(), warming);
}

/** The few masks of the warming are taken out of the counts; of the times, the divisions' contain theirs. */
function without(stats: MaskStats, warming: MaskStats): MaskStats {
  const masks = stats.masks - warming.masks;
  const paths = Object.entries(stats.paths).map(([name, path]) => {
    const own = path.masks - warming.paths[name as keyof MaskStats['paths']].masks;
    return [name, { ...path, masks: own, share: own / Math.max(1, masks) }] as const;
  });
  return {
    ...stats,
    masks,
    paths: Object.fromEntries(paths) as Record<keyof MaskStats['paths'], MaskPathStats>,
  };
}

export function shareTable({ paths }: MaskStats): string {
  const micros = (value: number) =>
    value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(2);
  const whole = Object.values(paths).reduce((sum, { masks, meanMicros }) => sum + masks * meanMicros, 0);
  const lines = Object.entries(paths).map(
    ([name, { masks, share, meanMicros, p50Micros, p99Micros, maxMicros }]) =>
      `| ${name} | ${masks.toLocaleString('en-US')} | ${(100 * share).toFixed(2)} % | ${((100 * masks * meanMicros) / whole).toFixed(1)} % | ${[meanMicros, p50Micros, p99Micros, maxMicros].map(micros).join(' | ')} |`,
  );
  return [
    '| path | masks | share | share of the time | mean µs | p50 | p99 | max |',
    '|---|--:|--:|--:|--:|--:|--:|--:|',
    ...lines,
  ].join('\n');
}
