// A server over the embedded model (or the folder in ESPALIER_MODEL) for one test file, and what the clients' tests ask of it.
// The model is made to say what is checked by constraints, or knows it: it is tiny, but it copies and calls tools surely.
import { afterAll, beforeAll } from 'vitest';
import { Engine } from '../../src/engine/index.js';
import { type RunningServer, serve } from '../../src/server/index.js';

/** Starts before the file's tests and closes after them. */
export function served(): { readonly baseURL: string } {
  let server: RunningServer | undefined;
  beforeAll(async () => {
    const folder = process.env.ESPALIER_MODEL;
    server = await serve(new Engine({ threads: 2, ...(folder !== undefined && { model: folder }) }), {
      port: 0,
    });
  });
  afterAll(() => server?.close());
  return {
    get baseURL() {
      if (!server) throw new Error('the server is there once tests run');
      return `${server.url}/v1`;
    },
  };
}

export const question = 'What is the capital of France?';
export const weatherQuestion = "What's the weather in Oslo?";
export const weatherDescription = 'Get the current weather for a city';
/** Spelled as the model was trained on it, so that it repeats it. */
export const weatherResult = '{"temperature": 12, "condition": "sunny"}';
export const weatherAnswer = 'It is sunny and 12 degrees in Oslo.';
