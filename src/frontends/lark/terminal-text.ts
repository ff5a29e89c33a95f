// Terminals as Lark writes them for Python's `re`: a string, or the text of a regular expression put together from the
// terminal's parts. The text itself matters: its length and widths decide which terminal a lexer tries first.
import { CompileError } from '../../errors.js';
import type { Definition } from './definitions.js';
import { larkEscapes, larkString } from './escapes.js';
import { type Pattern, type PatternOptions, parsePattern, widthOf } from './pattern/index.js';
import type { Expression, Literal, Position } from './syntax.js';

/** Lark's PatternStr and PatternRE. */
export interface TerminalText {
  readonly kind: 'string' | 'regex';
  /** Characters, or the text of a regular expression. */
  readonly value: string;
  readonly flags: string;
}

export class TerminalTexts {
  readonly #definitions: ReadonlyMap<string, Definition>;
  readonly #options: Omit<PatternOptions, 'location'>;
  readonly #texts = new Map<string, TerminalText>();
  readonly #patterns = new Map<string, Pattern>();
  readonly #active = new Set<string>();

  constructor(definitions: ReadonlyMap<string, Definition>, options: Omit<PatternOptions, 'location'>) {
    this.#definitions = definitions;
    this.#options = options;
  }

  /** @throws CompileError `invalid_grammar` for recursion, rules or aliases in a terminal */
  ofTerminal(name: string): TerminalText {
    const known = this.#texts.get(name);
    if (known) return known;
    const { body, position } = this.#definitions.get(name)!;
    if (!body)
      throw new CompileError('invalid_grammar', `terminal '${name}' is declared only; it has no text`, {
        ...position,
      });
    if (this.#active.has(name))
      throw new CompileError('invalid_grammar', `terminal '${name}' refers to itself`, { ...position });
    this.#active.add(name);
    const text = this.of(body, position);
    this.#active.delete(name);
    if (text.value === '')
      throw new CompileError('invalid_grammar', `terminal '${name}' is empty`, { ...position });
    this.#texts.set(name, text);
    return text;
  }

  of(expression: Expression, place: Position): TerminalText {
    switch (expression.kind) {
      case 'string':
      case 'regex':
        return literalText(expression);
      case 'range':
        return rangeText(expression);
      case 'name':
        return this.#reference(expression);
      case 'sequence':
        return this.#sequence(expression.items.map((item) => this.of(item, place)));
      case 'choice':
        return this.#choice(
          expression.options.map((option) => this.of(option, place)),
          place,
        );
      case 'repeat': {
        const { value, flags } = this.#repeat(expression, place);
        return { kind: 'regex', value, flags };
      }
      case 'alias':
        throw new CompileError('invalid_grammar', 'a terminal has no named alternatives', {
          ...expression.position,
        });
      default:
        throw new CompileError(
          'unsupported_keyword',
          `'${expression.kind}' cannot be used in terminals of the lark dialect`,
          { ...expression.position, keyword: expression.kind },
        );
    }
  }

  pattern(text: TerminalText, place: Position): Pattern {
    const source = toRegexp(text);
    let pattern = this.#patterns.get(source);
    if (!pattern) {
      pattern = parsePattern(source, '', { ...this.#options, location: { ...place } });
      this.#patterns.set(source, pattern);
    }
    return pattern;
  }

  #reference({ name, position }: Expression & { kind: 'name' }): TerminalText {
    if (!this.#definitions.get(name)!.isTerminal)
      throw new CompileError('invalid_grammar', `a terminal cannot hold a rule: '${name}'`, { ...position });
    return this.ofTerminal(name);
  }

  #sequence(items: readonly TerminalText[]): TerminalText {
    if (items.length === 1) return items[0];
    return { kind: items.length === 0 ? 'string' : 'regex', value: items.map(toRegexp).join(''), flags: '' };
  }

  /** Alternatives are put in order of their widths, so that the longer of two is tried first. */
  #choice(options: readonly TerminalText[], place: Position): TerminalText {
    if (options.length === 1) return options[0];
    const ranked = options.map((option) => ({
      source: toRegexp(option),
      width: widthOf(this.pattern(option, place)),
      length: characters(option.value),
    }));
    ranked.sort(
      (a, b) => descending(a.width.max, b.width.max) || b.width.min - a.width.min || b.length - a.length,
    );
    return { kind: 'regex', value: `(?:${ranked.map(({ source }) => source).join('|')})`, flags: '' };
  }

  #repeat({ item, min, max }: Expression & { kind: 'repeat' }, place: Position): TerminalText {
    const inner = this.of(item, place);
    return { ...inner, value: `(?:${toRegexp(inner)})${quantifier(min, max)}` };
  }
}

/** The text of a regular expression that matches what the terminal matches. */
export function toRegexp({ kind, value, flags }: TerminalText): string {
  let source = kind === 'regex' ? value : escapeRegexp(value);
  for (const flag of flags) source = `(?${flag}:${source})`;
  return source;
}

export function literalText(literal: Literal): TerminalText {
  const { kind, text, flags, position } = literal;
  for (const flag of flags)
    if (!'imslux'.includes(flag))
      throw new CompileError('invalid_grammar', `there is no flag '${flag}'`, { ...position });
  if (kind === 'regex' && text.includes('\n') && !flags.includes('x'))
    throw new CompileError('invalid_grammar', 'a newline in a regular expression needs the flag x', {
      ...position,
    });
  if (text === '') throw new CompileError('invalid_grammar', 'a terminal cannot be empty', { ...position });
  const value = kind === 'string' ? larkString(literal) : larkEscapes(literal);
  return { kind, value, flags: [...new Set(flags)].sort().join('') };
}

export function rangeText({ from, to, position }: Expression & { kind: 'range' }): TerminalText {
  const [first, last] = rangeEnds(from, to, larkString);
  if (first > last)
    throw new CompileError('invalid_grammar', 'the ends of this range are in the wrong order', {
      ...position,
    });
  return { kind: 'regex', value: `[${from.text}-${to.text}]`, flags: '' };
}

/** The code points at the ends of a range. */
export function rangeEnds(from: Literal, to: Literal, read: (literal: Literal) => string): [number, number] {
  return [from, to].map((end) => {
    const [character, ...more] = read(end);
    if (character === undefined || more.length > 0 || end.flags !== '')
      throw new CompileError('invalid_grammar', 'the end of a range is one character without flags', {
        ...end.position,
      });
    return character.codePointAt(0)!;
  }) as [number, number];
}

export function characters(text: string): number {
  return [...text].length;
}

/** Of widths, which may be infinite. */
export function descending(a: number, b: number): number {
  return a === b ? 0 : b - a;
}

/** As Python's `re.escape` has it. */
function escapeRegexp(text: string): string {
  return text.replace(/[()[\]{}?*+\-|^$\\.&~# \t\n\r\v\f]/g, '\\$&');
}

function quantifier(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
  if (min === 0 && max === 1) return '?';
  return min === max ? `{${min}}` : `{${min},${max}}`;
}
