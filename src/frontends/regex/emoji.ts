// The seven properties of strings of flag v (ECMA-262 table 70).
import { CompileError } from '../../errors.js';

/** @throws CompileError `unsupported_regex` */
export function stringsOfProperty(name: string): number[][] {
  throw new CompileError('unsupported_regex', `the property of strings \\p{${name}} is not supported`, {
    keyword: 'property-of-strings',
  });
}
