// Reads JSON request bodies: text in, value out, with the place of a syntax error and a limit on nesting.
// JSON.parse does the reading; its messages do not always say where, so the place is looked for here once it has failed.
import type { FastifyInstance } from 'fastify';
import { HttpError } from './errors.js';

/** Reads bodies of type application/json; an empty body is undefined. */
export function useJsonBodies(app: FastifyInstance, maxBodyDepth: number): void {
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseJsonBody(body as string, maxBodyDepth));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** @throws HttpError 400 `invalid_json` with line, column and offset, or `body_too_deep`. */
export function parseJsonBody(text: string, maxBodyDepth: number): unknown {
  if (text === '') return undefined;
  checkDepth(text, maxBodyDepth);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const { offset, expected } = findSyntaxError(text);
    const before = text.slice(0, offset);
    const line = before.split('\n').length;
    const column = offset - before.lastIndexOf('\n');
    const found = offset < text.length ? JSON.stringify(text[offset]) : 'the end';
    throw new HttpError(
      400,
      'invalid_json',
      `the body is not valid JSON: expected ${expected}, found ${found} at line ${line}, column ${column} (offset ${offset})`,
    );
  }
}

/** Brackets are counted before anything is parsed, so that nothing after this needs to fear deep values. */
function checkDepth(text: string, maxBodyDepth: number): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      at++;
      while (at < text.length && text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1;
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > maxBodyDepth)
        throw new HttpError(
          400,
          'body_too_deep',
          `the body nests deeper than the limit maxBodyDepth = ${maxBodyDepth} at offset ${at}`,
        );
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
}

const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const STRING_PREFIX = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
const SCALAR = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y;

/** The first place where `text` stops being a prefix of JSON text. */
export function findSyntaxError(text: string): { offset: number; expected: string } {
  const open: ('{' | '[')[] = [];
  let at = 0;
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.test(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  const fail = (expected: string) => {
    if (text[at] === '"' && skip(STRING_PREFIX)) return { offset: at, expected: 'the rest of a string' };
    return { offset: at, expected };
  };
  const readKey = (): boolean => {
    skip(SPACE);
    if (!skip(STRING)) return false;
    skip(SPACE);
    return true;
  };

  for (;;) {
    skip(SPACE);
    const opener = text[at];
    if (opener === '{' || opener === '[') {
      open.push(opener);
      at++;
      skip(SPACE);
      if (text[at] !== (opener === '{' ? '}' : ']')) {
        if (opener === '{') {
          if (!readKey()) return fail('a property name or "}"');
          if (text[at] !== ':') return fail('":"');
          at++;
        }
        continue;
      }
    } else if (!skip(STRING) && !skip(SCALAR)) return fail('a value');

    for (;;) {
      skip(SPACE);
      const top = open.at(-1);
      if (top === undefined) return { offset: at, expected: 'the end' };
      if (text[at] === (top === '{' ? '}' : ']')) {
        open.pop();
        at++;
        continue;
      }
      if (text[at] !== ',') return fail(top === '{' ? '"," or "}"' : '"," or "]"');
      at++;
      if (top === '{') {
        if (!readKey()) return fail('a property name');
        if (text[at] !== ':') return fail('":"');
        at++;
      }
      break;
    }
  }
}
