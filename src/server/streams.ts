// Streams behind streams. An async generator costs several promises an element: on the way of every token there are
// iterators instead that hand on what they are given.

/** The same iterable once its first element is there, so that an error before it can still be an HTTP error. */
export async function afterFirst<T>(source: AsyncIterable<T>): Promise<AsyncIterable<T>> {
  const iterator = source[Symbol.asyncIterator]();
  const first = iterator.next();
  await first;
  let step: Promise<IteratorResult<T>> | undefined = first;
  const next = () => {
    const taken = step ?? iterator.next();
    step = undefined;
    return taken;
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: () => leave(iterator) }) };
}

/** What `change` makes of each element. */
export function mapped<T, R>(source: AsyncIterable<T>, change: (element: T) => R): AsyncIterable<R> {
  const changed = (step: IteratorResult<T>): IteratorResult<R> =>
    step.done ? step : { done: false, value: change(step.value) };
  return {
    [Symbol.asyncIterator]() {
      const iterator = source[Symbol.asyncIterator]();
      return { next: () => iterator.next().then(changed), return: () => leave(iterator) };
    },
  };
}

async function leave<T>(iterator: AsyncIterator<T>): Promise<{ done: true; value: undefined }> {
  await iterator.return?.();
  return { done: true, value: undefined };
}
