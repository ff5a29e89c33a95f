// The inside of `name[…] ::=`: attributes as `key`, `key=number` or `key="text"`.
import { CompileError } from '../../errors.js';
import { literalText } from './characters.js';
import type { Attribute, Position } from './syntax.js';

const item = /\s*([A-Za-z_]\w*)(?:\s*=\s*(?:("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?)|([A-Za-z_]\w*)))?\s*(,|$)/y;

/** @throws CompileError `invalid_grammar` */
export function parseAttributes(image: string, position: Position): Attribute[] {
  const inside = image.slice(1, -1);
  const attributes: Attribute[] = [];
  item.lastIndex = 0;
  for (let open = true; open; ) {
    const at = item.lastIndex;
    const match = item.exec(inside);
    if (!match)
      throw new CompileError('invalid_grammar', `attributes are key or key=value, separated by commas`, {
        ...position,
      });
    const [, name, text, number, word, separator] = match;
    const place = { line: position.line, column: position.column + 1 + at };
    const value = text === undefined ? word : literalText(text, place);
    attributes.push({ name, value: number === undefined ? value : Number(number), position: place });
    open = separator === ',';
  }
  return attributes;
}
