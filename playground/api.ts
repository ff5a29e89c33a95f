// The page's way to the server: JSON routes and one stream of events, with the API key where the server asks for one.
import type { ErrorView, GenerateBody, GenerateEvent } from '../src/server/playground/protocol.js';

/** What the server answered in place of what was asked for. */
export class ApiError extends Error {
  readonly status: number;
  readonly view: ErrorView;

  constructor(status: number, view: ErrorView) {
    super(view.message);
    this.status = status;
    this.view = view;
  }
}

const KEY = 'espalier-api-key';

/** The key is kept for this tab alone, and until it is closed. */
export const apiKey = {
  get: () => sessionStorage.getItem(KEY) ?? '',
  set: (key: string) => sessionStorage.setItem(KEY, key),
};

/** @throws ApiError; TypeError where the server cannot be reached */
export async function ask<T>(path: string, body?: object, signal?: AbortSignal): Promise<T> {
  const response = await send(path, body, signal);
  return (await response.json()) as T;
}

/** @throws ApiError, before the first event; later errors are events */
export async function* generate(body: GenerateBody, signal: AbortSignal): AsyncGenerator<GenerateEvent> {
  const response = await send('generate', body, signal);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let buffered = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (buffered + value).split('\n\n');
    buffered = blocks.pop()!;
    for (const block of blocks) {
      const data = block.slice('data: '.length);
      if (data !== '[DONE]') yield JSON.parse(data) as GenerateEvent;
    }
  }
}

async function send(path: string, body?: object, signal?: AbortSignal): Promise<Response> {
  const key = apiKey.get();
  const response = await fetch(`playground/${path}`, {
    method: body ? 'POST' : 'GET',
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(key !== '' && { authorization: `Bearer ${key}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
    cache: 'no-store',
  });
  if (!response.ok) throw new ApiError(response.status, await errorOf(response));
  return response;
}

async function errorOf(response: Response): Promise<ErrorView> {
  try {
    return ((await response.json()) as { error: ErrorView }).error;
  } catch {
    const message = `the server answered with status ${response.status}`;
    return { message, code: 'unreadable_answer', param: null };
  }
}
