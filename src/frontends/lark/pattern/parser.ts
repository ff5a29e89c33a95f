// A terminal's regular expression to its pattern: Python's syntax (docs.python.org, library/re), and what Rust's regex
// and xgrammar write differently. What no finite automaton can follow is refused by name.
import { LimitError, type SourceLocation } from '../../../errors.js';
import { holdsLook, type Look, NOTHING, type Pattern, widthOf } from './ast.js';
import { readClass } from './char-class.js';
import { ESCAPED_CONTROLS, PatternReader } from './reader.js';
import {
  complement,
  dot,
  folded,
  NEWLINE,
  namedSet,
  propertySet,
  type RegexDialect,
  type SetFlags,
} from './sets.js';

interface Flags extends SetFlags {
  readonly multiline: boolean;
  readonly verbose: boolean;
}

export interface PatternOptions {
  readonly dialect: RegexDialect;
  /** Flags of every pattern. */
  readonly flags: string;
  /** Groups inside each other. */
  readonly maxDepth: number;
  /** The largest count in `{m,n}`. */
  readonly maxRepeat: number;
  /** Where the pattern stands in the grammar. */
  readonly location: SourceLocation;
}

/**
 * @param flags Lark's letters behind the closing slash.
 * @throws CompileError `invalid_regex`, `unsupported_regex`; LimitError `maxDepth`, `maxRepeat`
 */
export function parsePattern(source: string, flags: string, options: PatternOptions): Pattern {
  const parser = new PatternParser(new PatternReader(source, options.location), options);
  const initial: Flags = {
    ignoreCase: false,
    dotAll: false,
    ascii: false,
    dialect: options.dialect,
    multiline: false,
    verbose: false,
  };
  return parser.whole(parser.withFlags(initial, options.flags + flags, true));
}

class PatternParser {
  readonly #reader: PatternReader;
  readonly #options: PatternOptions;
  #depth = 0;

  constructor(reader: PatternReader, options: PatternOptions) {
    this.#reader = reader;
    this.#options = options;
  }

  whole(flags: Flags): Pattern {
    const pattern = this.#alternatives(flags);
    if (!this.#reader.atEnd) throw this.#reader.invalid("this ')' closes nothing");
    return pattern;
  }

  withFlags(flags: Flags, letters: string, on: boolean): Flags {
    let result = flags;
    for (const letter of letters) {
      switch (letter) {
        case 'i':
          result = { ...result, ignoreCase: on };
          break;
        case 'm':
          result = { ...result, multiline: on };
          break;
        case 's':
          result = { ...result, dotAll: on };
          break;
        case 'x':
          result = { ...result, verbose: on };
          break;
        case 'a':
          result = { ...result, ascii: on };
          break;
        case 'u':
          break;
        case 'l':
          throw this.#reader.unsupported('locale flag', "flag 'l' depends on the machine's locale");
        default:
          throw this.#reader.invalid(`there is no flag '${letter}'`);
      }
    }
    return result;
  }

  #alternatives(flags: Flags): Pattern {
    if (++this.#depth > this.#options.maxDepth)
      throw new LimitError(
        'maxDepth',
        this.#options.maxDepth,
        'groups nest too deeply',
        this.#options.location,
      );
    const options: Pattern[] = [];
    let current = flags;
    do {
      const [sequence, after] = this.#sequence(current);
      options.push(sequence);
      current = after;
    } while (this.#reader.skip('|'));
    this.#depth--;
    return options.length === 1 ? options[0] : { kind: 'choice', options };
  }

  /** Also the flags in force behind it: `(?i)` holds to the end of the group. */
  #sequence(flags: Flags): [Pattern, Flags] {
    const items: Pattern[] = [];
    let current = flags;
    for (;;) {
      if (current.verbose) this.#reader.skipVerbose();
      if (this.#reader.atEnd || this.#reader.is('|') || this.#reader.is(')')) break;
      const global = this.#reader.match(/\(\?([imsxuaL]+)\)/y);
      if (global) current = this.withFlags(current, global[1], true);
      else items.push(this.#quantified(this.#atom(current), current));
    }
    return [items.length === 1 ? items[0] : { kind: 'sequence', items }, current];
  }

  #quantified(item: Pattern, flags: Flags): Pattern {
    if (flags.verbose) this.#reader.skipVerbose();
    const quantifier = this.#reader.match(/[*+?]|\{(\d*)(,?)(\d*)\}/y);
    if (!quantifier || quantifier[0] === '{}') {
      if (quantifier) this.#reader.back(quantifier[0].length);
      return item;
    }
    const [min, max] = this.#bounds(quantifier);
    if (item.kind === 'ahead' || item.kind === 'behind' || item.kind === 'end')
      return min === 0 ? NOTHING : item;
    const lazy = this.#reader.skip('?');
    if (this.#reader.is('+') && this.#options.dialect !== 'rust')
      throw this.#reader.unsupported('possessive quantifier', 'it cuts off what a match may still try');
    if (this.#reader.match(/[*+?]/y)) throw this.#reader.invalid('a repetition of a repetition');
    if (item.kind === 'sequence' && item.items.length === 0) return item;
    return { kind: 'repeat', item, min, max, lazy };
  }

  #bounds([whole, low, comma, high]: RegExpExecArray): [number, number] {
    if (whole === '*') return [0, Number.POSITIVE_INFINITY];
    if (whole === '+') return [1, Number.POSITIVE_INFINITY];
    if (whole === '?') return [0, 1];
    const min = low === '' ? 0 : Number(low);
    const max = comma === '' ? min : high === '' ? Number.POSITIVE_INFINITY : Number(high);
    if (max < min) throw this.#reader.invalid(`at least ${min} and at most ${max} times is never`);
    const { maxRepeat, location } = this.#options;
    if ((Number.isFinite(max) ? max : min) > maxRepeat)
      throw new LimitError('maxRepeat', maxRepeat, 'this repetition count is too large', location);
    return [min, max];
  }

  #atom(flags: Flags): Pattern {
    if (this.#reader.is('(')) return this.#group(flags);
    if (this.#reader.is('[')) return { kind: 'set', set: readClass(this.#reader, flags) };
    if (this.#reader.skip('.')) return { kind: 'set', set: dot(flags) };
    if (this.#reader.skip('^')) return lineStart(flags);
    if (this.#reader.skip('$')) return lineEnd(flags);
    if (this.#reader.is('\\')) return this.#escape(flags);
    if (this.#reader.match(/[*+?]/y)) throw this.#reader.invalid('there is nothing to repeat');
    return this.#character(this.#reader.take(), flags);
  }

  #character(codePoint: number, flags: Flags): Pattern {
    return { kind: 'set', set: folded([[codePoint, codePoint]], flags) };
  }

  #escape(flags: Flags): Pattern {
    const assertion = this.#reader.match(/\\([AbBZz])/y);
    if (assertion) return this.#assertion(assertion[1], flags);
    const named = this.#reader.match(/\\([dDsSwW])/y);
    if (named) return { kind: 'set', set: namedSet(named[1], flags) };
    const property = this.#reader.property();
    if (property) {
      const set = propertySet(property.name, flags);
      if (!set) throw this.#reader.invalid(`there is no Unicode property '${property.name}'`);
      return { kind: 'set', set: property.negative ? complement(set) : set };
    }
    if (this.#reader.match(/\\[1-9]/y))
      throw this.#reader.unsupported('backreference', 'no finite automaton can follow it');
    return this.#character(this.#reader.escapedCharacter(ESCAPED_CONTROLS), flags);
  }

  #assertion(letter: string, flags: Flags): Pattern {
    switch (letter) {
      case 'A':
        return lineStart({ ...flags, multiline: false });
      case 'b':
        return wordBoundary(flags, false);
      case 'B':
        return wordBoundary(flags, true);
      default:
        return { kind: 'end', newline: false };
    }
  }

  #group(flags: Flags): Pattern {
    this.#reader.take();
    if (!this.#reader.skip('?')) return this.#closed(flags);
    if (this.#reader.match(/:|P?<(?![=!])[^>]+>/y)) return this.#closed(flags);
    const comment = this.#reader.match(/#[^)]*\)/y);
    if (comment) return NOTHING;
    const look = this.#reader.match(/(<?)([=!])/y);
    if (look) return this.#look(look[1] === '<', look[2] === '!', flags);
    const scoped = this.#reader.match(/([imsxuaL]*)(?:-([imsx]+))?:/y);
    if (scoped)
      return this.#closed(this.withFlags(this.withFlags(flags, scoped[1], true), scoped[2] ?? '', false));
    if (this.#reader.match(/P=/y))
      throw this.#reader.unsupported('backreference', 'no finite automaton can follow it');
    if (this.#reader.match(/>/y))
      throw this.#reader.unsupported('atomic group', 'it cuts off what a match may still try');
    if (this.#reader.match(/(?=\(\?<?[=!])/y)) return this.#conditional(flags);
    if (this.#reader.is('('))
      throw this.#reader.unsupported('conditional group', 'it depends on whether a group took part');
    throw this.#reader.invalid('unknown kind of group');
  }

  #closed(flags: Flags): Pattern {
    const inside = this.#alternatives(flags);
    if (!this.#reader.skip(')')) throw this.#reader.invalid('this group is not closed');
    return inside;
  }

  #look(isBehind: boolean, negative: boolean, flags: Flags): Look {
    const item = this.#closed(flags);
    if (holdsLook(item))
      throw this.#reader.unsupported('nested lookaround', 'a lookaround cannot hold another assertion');
    if (!isBehind) return { kind: 'ahead', item, negative };
    const { min, max } = widthOf(item);
    if (min !== max) throw this.#reader.invalid('a lookbehind must match texts of one length only');
    return { kind: 'behind', item, negative };
  }

  /** `(?(?=x)yes|no)` of the `regex` module: one branch where the lookaround holds, the other where not. */
  #conditional(flags: Flags): Pattern {
    this.#reader.take();
    this.#reader.take();
    const [, behind, sign] = this.#reader.match(/(<?)([=!])/y)!;
    const condition = this.#look(behind === '<', sign === '!', flags);
    if (condition.kind === 'end') return condition;
    const [yes] = this.#sequence(flags);
    const no = this.#reader.skip('|') ? this.#sequence(flags)[0] : NOTHING;
    if (!this.#reader.skip(')')) throw this.#reader.invalid('this group is not closed');
    return {
      kind: 'choice',
      options: [
        { kind: 'sequence', items: [condition, yes] },
        { kind: 'sequence', items: [{ ...condition, negative: !condition.negative }, no] },
      ],
    };
  }
}

function lineStart(flags: Flags): Pattern {
  const set = flags.multiline ? complement(NEWLINE) : dot({ ...flags, dotAll: true });
  return { kind: 'behind', item: { kind: 'set', set }, negative: true };
}

function lineEnd(flags: Flags): Pattern {
  if (!flags.multiline) return { kind: 'end', newline: flags.dialect !== 'rust' };
  return { kind: 'ahead', item: { kind: 'set', set: complement(NEWLINE) }, negative: true };
}

/** A word character on one side alone; with `negated`, on both or neither. */
function wordBoundary(flags: Flags, negated: boolean): Pattern {
  const item: Pattern = { kind: 'set', set: namedSet('w', flags) };
  const sides = (before: boolean, after: boolean): Pattern => ({
    kind: 'sequence',
    items: [
      { kind: 'behind', item, negative: !before },
      { kind: 'ahead', item, negative: !after },
    ],
  });
  return { kind: 'choice', options: [sides(true, negated), sides(false, !negated)] };
}
