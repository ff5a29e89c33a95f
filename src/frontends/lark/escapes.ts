// What literals say: escapes as Lark evaluates them, and as llguidance reads its JSON-like strings.
import { CompileError } from '../../errors.js';
import type { Literal } from './syntax.js';

const CONTROLS: Readonly<Record<string, string>> = { n: '\n', f: '\f', t: '\t', r: '\r' };
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const JSON_CONTROLS: Readonly<Record<string, string>> = {
  ...CONTROLS,
  b: '\b',
  '"': '"',
  '\\': '\\',
  '/': '/',
};

/**
 * Lark evaluates control and numbered escapes and `\"` before anything else reads the text, in regular expressions too;
 * any other backslash stays with what follows it.
 */
export function larkEscapes(literal: Literal): string {
  return evaluated(literal, (letter) => {
    if (letter === '"') return '"';
    return CONTROLS[letter] ?? `\\${letter}`;
  });
}

/** The characters of a Lark string. */
export function larkString(literal: Literal): string {
  return larkEscapes(literal).replaceAll('\\\\', '\\');
}

/** The characters of a string of the llguidance dialect. */
export function jsonString(literal: Literal): string {
  return evaluated(literal, (letter) => {
    const control = JSON_CONTROLS[letter];
    if (control === undefined) throw invalid(literal, `there is no escape \\${letter}`);
    return control;
  });
}

function evaluated(literal: Literal, spell: (letter: string) => string): string {
  const { text } = literal;
  let result = '';
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== '\\') {
      result += text[at];
      continue;
    }
    const letter = text[++at];
    const digits = HEX_DIGITS[letter];
    if (digits === undefined) {
      result += spell(letter);
      continue;
    }
    const hex = text.slice(at + 1, at + 1 + digits);
    const codePoint = Number.parseInt(hex, 16);
    if (hex.length < digits || !/^[0-9A-Fa-f]+$/.test(hex) || codePoint > 0x10ffff)
      throw invalid(literal, `\\${letter} needs ${digits} hexadecimal digits of a character`);
    result += String.fromCodePoint(codePoint);
    at += digits;
  }
  return result;
}

function invalid({ position }: Literal, message: string): CompileError {
  return new CompileError('invalid_grammar', message, { ...position });
}
