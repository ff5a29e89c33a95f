// What the page watches of the server: the model once it is loaded, the counters once a second, the cache when it has changed.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { CacheView, InfoView, StatsView } from '../src/server/playground/protocol.js';
import { ApiError, ask } from './api.js';
import type { Run } from './run.js';
import { type Sample, withSample } from './throughput.js';

const EVERY_MS = 1000;

export interface EngineState {
  readonly info: InfoView | undefined;
  readonly samples: readonly Sample[];
  readonly cache: CacheView | undefined;
  /** What keeps the page from knowing more, if anything does. */
  readonly trouble: string | undefined;
  readonly needsKey: boolean;
  /** Looks again at once, and marks the path of this run from then on. */
  readonly refresh: (run?: Run) => void;
}

type Known = Omit<EngineState, 'refresh'>;

/** The counters that say that the cache may look different. */
function cacheMark({ cache_nodes, pages_cached, prompt_tokens, running }: StatsView): string {
  return [cache_nodes, pages_cached, prompt_tokens, running].join(' ');
}

export function useEngineState(): EngineState {
  const [known, setKnown] = useState<Known>({
    info: undefined,
    samples: [],
    cache: undefined,
    trouble: undefined,
    needsKey: false,
  });
  const marked = useRef<Run>(null);
  const shownMark = useRef('');
  const isLoaded = useRef(false);

  const look = useCallback(async () => {
    try {
      if (!isLoaded.current) {
        const info = await ask<InfoView>('info');
        isLoaded.current = true;
        setKnown((before) => ({ ...before, info }));
      }
      const stats = await ask<StatsView>('stats');
      setKnown((before) => ({
        ...before,
        samples: withSample(before.samples, stats),
        trouble: undefined,
        needsKey: false,
      }));
      if (cacheMark(stats) === shownMark.current) return;
      const { prompt, end } = marked.current ?? {};
      const path = prompt && end && { prompt_tokens: prompt.ids, cached_tokens: end.usage.cached_tokens };
      const cache = await ask<CacheView>('cache', path ?? {});
      shownMark.current = cacheMark(stats);
      setKnown((before) => ({ ...before, cache }));
    } catch (error) {
      const needsKey = error instanceof ApiError && error.status === 401;
      const trouble = error instanceof ApiError ? error.message : 'The server cannot be reached.';
      setKnown((before) => ({ ...before, trouble: needsKey ? undefined : trouble, needsKey }));
    }
  }, []);

  useEffect(() => {
    void look();
    const timer = setInterval(() => {
      if (!document.hidden) void look();
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [look]);

  const refresh = useCallback(
    (run?: Run) => {
      if (run) marked.current = run;
      shownMark.current = '';
      void look();
    },
    [look],
  );
  return { ...known, refresh };
}
