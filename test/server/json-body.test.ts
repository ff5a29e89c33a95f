// The place of a JSON syntax error, against JSON.parse as judge of what is valid.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findSyntaxError, parseJsonBody } from '../../src/server/json-body.js';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('findSyntaxError', () => {
  it.each([
    ['', 0, 'a value'],
    ['{"a" 1}', 5, '":"'],
    ['{"a":1,}', 7, 'a property name'],
    ['{a:1}', 1, 'a property name or "}"'],
    ['[1 2]', 3, '"," or "]"'],
    ['[1,]', 3, 'a value'],
    ['{"a":1] ', 6, '"," or "}"'],
    ['{"a": tru}', 6, 'a value'],
    ['"ab\ncd"', 3, 'the rest of a string'],
    ['["a\\x"]', 3, 'the rest of a string'],
    ['{} {}', 3, 'the end'],
    ['{"a": [1', 8, '"," or "]"'],
    ['01', 1, 'the end'],
  ])('%j', (text, offset, expected) => {
    expect(isJson(text)).toBe(false);
    expect(findSyntaxError(text)).toEqual({ offset, expected });
  });

  it('never points before what is a valid prefix', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), (text, cut) => {
        const at = cut % text.length;
        const prefix = text.slice(0, at);
        const { offset } = findSyntaxError(`${prefix}\u0001`);
        // A number, a word or an escape may be cut short, in which case its start is named.
        expect(prefix.slice(offset)).toMatch(/^(-?[0-9.eE+-]*|[a-z]*|\\u?[0-9a-fA-F]*)$/);
      }),
    );
  });

  it('finds an error at the end exactly when valid text has one more character', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(findSyntaxError(`${text}}`)).toEqual({ offset: text.length, expected: 'the end' });
      }),
    );
  });
});

describe('parseJsonBody', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseJsonBody(text, 1000)).toEqual(JSON.parse(text));
      }),
    );
    expect(parseJsonBody('', 10)).toBeUndefined();
  });

  it('counts brackets outside strings only', () => {
    expect(parseJsonBody('{"a":"[[[[\\"[["}', 1)).toEqual({ a: '[[[["[[' });
    expect(() => parseJsonBody('[[]]', 1)).toThrow(
      'nests deeper than the limit maxBodyDepth = 1 at offset 1',
    );
    expect(() => parseJsonBody('['.repeat(1e6), 100)).toThrow('limit maxBodyDepth');
  });
});
