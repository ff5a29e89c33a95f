// Several streams as one.

/**
 * The elements of all streams as they come, each with the number of its stream. Each stream has at most one element waiting
 * here, so a slow reader slows all of them and nothing piles up. What one throws ends all of them, and so does leaving early;
 * `leaving` is called before they are ended, so that it can cut short what they wait for.
 */
export async function* interleaved<T>(
  streams: readonly AsyncIterable<T>[],
  leaving: () => void = () => {},
): AsyncGenerator<readonly [stream: number, element: T], void, undefined> {
  const iterators = streams.map((stream) => stream[Symbol.asyncIterator]());
  const settled: { readonly index: number; readonly step: Promise<IteratorResult<T>> }[] = [];
  let wake = () => {};
  const advance = (index: number) => {
    const step = iterators[index]!.next();
    const settle = () => {
      settled.push({ index, step });
      wake();
    };
    step.then(settle, settle);
  };
  for (const index of iterators.keys()) advance(index);
  try {
    for (let active = iterators.length; active > 0; ) {
      const next = settled.shift();
      if (!next) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      const step = await next.step;
      if (step.done) active--;
      else {
        yield [next.index, step.value];
        advance(next.index);
      }
    }
  } finally {
    leaving();
    await Promise.allSettled(iterators.map((iterator) => iterator.return?.()));
  }
}
