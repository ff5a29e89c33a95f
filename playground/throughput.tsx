// Live figures of the whole engine, asked for once a second while the page is looked at, each with its last minute.
import type { StatsView } from '../src/server/playground/protocol.js';
import { count, percent, short } from './format.js';

/** Samples kept: a minute of them. */
export const HISTORY = 60;

export interface Sample {
  readonly stats: StatsView;
  /** Output tokens a second since the sample before. */
  readonly rate: number;
}

export function withSample(samples: readonly Sample[], stats: StatsView): readonly Sample[] {
  const last = samples.at(-1)?.stats;
  const seconds = last ? (stats.at - last.at) / 1000 : 0;
  // Counters that went back are those of another server.
  if (seconds < 0 || (last && stats.output_tokens < last.output_tokens)) return [{ stats, rate: 0 }];
  const rate = last && seconds > 0 ? (stats.output_tokens - last.output_tokens) / seconds : 0;
  return [...samples, { stats, rate }].slice(-HISTORY);
}

/** The share of prompt tokens that came from the cache between two samples; undefined where there were no prompts. */
function hitRate(from: StatsView | undefined, to: StatsView): number | undefined {
  const prompt = to.prompt_tokens - (from?.prompt_tokens ?? 0);
  return prompt > 0 ? (to.cached_tokens - (from?.cached_tokens ?? 0)) / prompt : undefined;
}

export function Throughput({ samples }: { readonly samples: readonly Sample[] }) {
  const now = samples.at(-1)?.stats;
  const used = now ? now.pages_total - now.pages_free : 0;
  const hits = now && hitRate(undefined, now);
  return (
    <section class="throughput" aria-label="Live throughput">
      <h2>
        Engine <small>last minute</small>
      </h2>
      <div class="charts">
        <Chart
          name="Tokens/s"
          value={now ? short(samples.at(-1)!.rate) : '–'}
          note={`most ${short(Math.max(0, ...samples.map(({ rate }) => rate)))}`}
          points={samples.map(({ rate }) => rate)}
        />
        <Chart
          name="Running"
          value={now ? count(now.running) : '–'}
          note={now ? `${count(now.queued)} queued` : ''}
          points={samples.map(({ stats }) => stats.running + stats.queued)}
          least={1}
        />
        <Chart
          name="Cache hits"
          value={hits === undefined ? '–' : percent(hits)}
          note="of prompt tokens"
          points={samples.map(({ stats }) => hitRate(undefined, stats) ?? 0)}
          most={1}
        />
        <Chart
          name="KV pages"
          value={now ? count(used) : '–'}
          note={now ? `of ${count(now.pages_total)}, ${count(now.pages_cached)} cached` : ''}
          points={samples.map(({ stats }) => stats.pages_total - stats.pages_free)}
          least={8}
        />
      </div>
    </section>
  );
}

interface ChartProps {
  readonly name: string;
  readonly value: string;
  readonly note: string;
  readonly points: readonly number[];
  /** The top of the scale: `most`, or what the points need but at least `least`. */
  readonly most?: number;
  readonly least?: number;
}

const HEIGHT = 28;

function Chart({ name, value, note, points, most, least = 1 }: ChartProps) {
  const top = most ?? Math.max(least, ...points);
  const offset = HISTORY - points.length;
  const line = points
    .map((point, index) => `${offset + index},${(HEIGHT - 1 - (point / top) * (HEIGHT - 2)).toFixed(2)}`)
    .join(' ');
  return (
    <figure class="chart">
      <figcaption>
        <span>{name}</span>
        <strong>{value}</strong>
        <small>{note}</small>
      </figcaption>
      <svg viewBox={`0 0 ${HISTORY - 1} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {points.length > 1 && (
          <>
            <polygon points={`${offset},${HEIGHT} ${line} ${HISTORY - 1},${HEIGHT}`} />
            <polyline points={line} />
          </>
        )}
      </svg>
    </figure>
  );
}
