// A class in brackets to its set of characters.
import { type Intervals, normalizeIntervals } from '../../../automata/index.js';
import { ESCAPED_CONTROLS, type PatternReader } from './reader.js';
import { complement, folded, namedSet, propertySet, type SetFlags } from './sets.js';

const CLASS_CONTROLS = { ...ESCAPED_CONTROLS, b: 0x08 };

/** Reads from the opening bracket on. `[^x]` is all that `[x]` does not match, so the complement is taken last. */
export function readClass(reader: PatternReader, flags: SetFlags): Intervals {
  reader.take();
  const negated = reader.skip('^');
  const parts: Intervals[] = [];
  for (let first = true; first || !reader.is(']'); first = false) {
    if (reader.atEnd) throw reader.invalid('this class is not closed');
    const part = readPart(reader, flags);
    if (typeof part !== 'number') parts.push(part);
    else if (reader.is('-') && !reader.is('-]')) parts.push(readRange(part, reader, flags));
    else parts.push([[part, part]]);
  }
  reader.take();
  const set = folded(normalizeIntervals(parts.flat()), flags);
  return negated ? complement(set) : set;
}

function readRange(from: number, reader: PatternReader, flags: SetFlags): Intervals {
  reader.take();
  const to = readPart(reader, flags);
  if (typeof to !== 'number') throw reader.invalid('a range ends with a character');
  if (to < from) throw reader.invalid('the ends of this range are in the wrong order');
  return [[from, to]];
}

/** One character, as a number, or a named set. */
function readPart(reader: PatternReader, flags: SetFlags): number | Intervals {
  if (!reader.is('\\')) {
    if (flags.dialect === 'rust' && reader.match(/\[|&&|--|~~/y))
      throw reader.unsupported('class set operation', 'write the members of the class');
    return reader.take();
  }
  const named = reader.match(/\\([dDsSwW])/y);
  if (named) return namedSet(named[1], flags);
  const property = reader.property();
  if (!property) return reader.escapedCharacter(CLASS_CONTROLS);
  const set = propertySet(property.name, flags);
  if (!set) throw reader.invalid(`there is no Unicode property '${property.name}'`);
  return property.negative ? complement(set) : set;
}
