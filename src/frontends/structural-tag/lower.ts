// Formats to IR. Free text is a search for what ends or interrupts it; the rest is sequences, choices and grammars of
// other front ends.
import type { AutomatonLimits } from '../../automata/index.js';
import {
  bytes,
  choiceOf,
  dispatch,
  type FreeTextLimits,
  type Grammar,
  GrammarBuilder,
  limitCharacters,
  mergeInto,
  type Node,
  optional,
  regular,
  repeat,
  sequence,
  sequenceOf,
  textWithout,
  token,
} from '../../grammar/index.js';
import { type EbnfOptions, ebnfGrammar, xgrammarRegex } from '../ebnf/index.js';
import type { Format, TagFormat, TokenName } from './formats.js';
import { type SchemaOptions, Schemas } from './schemas.js';
import { within } from './within.js';

export interface LowerOptions
  extends AutomatonLimits,
    FreeTextLimits,
    SchemaOptions,
    Omit<EbnfOptions, 'root' | 'dialect'> {}

type FormatOf<T extends Format['type']> = Extract<Format, { readonly type: T }>;

/** What ends the nearest tag around a format: free text inside must not hold it. */
interface Around {
  readonly ends: readonly string[];
  readonly endTokens: readonly TokenName[];
}

const NOWHERE: Around = { ends: [], endTokens: [] };
const MANY = Number.POSITIVE_INFINITY;

export class Lowering {
  readonly #builder = new GrammarBuilder();
  readonly #options: LowerOptions;
  /** Compiles the schemas, and holds what they left as annotations. */
  readonly schemas: Schemas;

  constructor(options: LowerOptions) {
    this.#options = options;
    this.schemas = new Schemas(this.#builder, options);
  }

  grammar(format: Format): Grammar {
    const start = this.#node(format, NOWHERE);
    return this.#builder.build(start);
  }

  #node(format: Format, around: Around): Node {
    switch (format.type) {
      case 'const_string':
        return bytes(format.value);
      case 'json_schema':
        return this.schemas.node(format);
      case 'regex':
        return within(format.pointer, '/pattern', () => xgrammarRegex(format.pattern, this.#options));
      case 'grammar': {
        const { grammar } = within(format.pointer, '/grammar', () =>
          ebnfGrammar(format.grammar, this.#options),
        );
        return mergeInto(this.#builder, grammar);
      }
      case 'any_text':
        return this.#anyText(format, around);
      case 'one_token':
        return token({ except: format.except, tokens: format.tokens });
      case 'any_tokens':
        return repeat(
          token({ except: true, tokens: [...format.exclude, ...around.endTokens] }),
          0,
          format.max,
        );
      case 'sequence':
        return sequenceOf(format.elements.map((element) => this.#node(element, around)));
      case 'or':
        return choiceOf(format.elements.map((element) => this.#node(element, around)));
      case 'repeat':
        return repeat(this.#node(format.content, around), format.min, format.max);
      case 'tag':
        return sequence(this.#begin(format), this.#behindBegin(format));
      case 'triggered_tags':
        return this.#triggeredTags(format, around);
      case 'token_triggered_tags':
        return this.#tokenTriggeredTags(format, around);
      case 'tags_with_separator':
        return this.#tagsWithSeparator(format);
      case 'dispatch': {
        const triggers = format.rules.map(([text, then]) => ({ text, follows: this.#node(then, around) }));
        const { excludes, loop } = format;
        return dispatch(this.#builder, format.pointer, { triggers, excludes, loop }, this.#options);
      }
      case 'token_dispatch': {
        const rules = format.rules.map(([name, then]) => [name, this.#node(then, around)] as const);
        return tokenDispatch(rules, [...format.exclude, ...around.endTokens], format.loop);
      }
    }
  }

  #anyText({ excludes, maxChars, pointer }: FormatOf<'any_text'>, { ends }: Around): Node {
    const dfa = textWithout([...excludes, ...ends], this.#options);
    return maxChars === undefined ? regular(dfa) : limitCharacters(this.#builder, pointer, dfa, maxChars);
  }

  #begin({ begin }: TagFormat): Node {
    return typeof begin === 'string' ? bytes(begin) : oneToken(begin.token);
  }

  /** The content and the end. */
  #behindBegin({ content, end }: TagFormat): Node {
    if ('token' in end)
      return sequence(this.#node(content, { ends: [], endTokens: [end.token] }), oneToken(end.token));
    const ends = end.filter((text) => text !== '');
    const inside = this.#node(content, { ends, endTokens: [] });
    return sequence(inside, choiceOf([...new Set(end)].map((text) => bytes(text))));
  }

  #triggeredTags(format: FormatOf<'triggered_tags'>, { ends }: Around): Node {
    const { tags, triggers, pointer, stopAfterFirst, atLeastOne } = format;
    const bodies = tags.map((tag) =>
      this.#builder.rule(tag.pointer, this.#behindBegin(tag), { pointer: tag.pointer }),
    );
    const first = () => choiceOf(tags.map((tag, i) => sequence(this.#begin(tag), bodies[i])));
    if (atLeastOne && stopAfterFirst) return first();
    const rest = dispatch(
      this.#builder,
      pointer,
      {
        triggers: triggers.map((text) => ({ text, follows: this.#behindTrigger(text, tags, bodies) })),
        excludes: [...format.excludes, ...ends],
        loop: !stopAfterFirst,
      },
      this.#options,
    );
    return atLeastOne ? sequence(first(), rest) : rest;
  }

  /** The rest of the tags that the trigger begins. */
  #behindTrigger(trigger: string, tags: readonly TagFormat[], bodies: readonly Node[]): Node {
    return choiceOf(
      tags.flatMap(({ begin }, i) =>
        typeof begin === 'string' && begin.startsWith(trigger)
          ? [sequence(bytes(begin.slice(trigger.length)), bodies[i])]
          : [],
      ),
    );
  }

  #tokenTriggeredTags(format: FormatOf<'token_triggered_tags'>, { endTokens }: Around): Node {
    const { tags, stopAfterFirst, atLeastOne } = format;
    const whole = tags.map(
      (tag) => [(tag.begin as { token: TokenName }).token, this.#behindBegin(tag)] as const,
    );
    const first = choiceOf(whole.map(([name, body]) => sequence(oneToken(name), body)));
    if (atLeastOne && stopAfterFirst) return first;
    const rest = tokenDispatch(whole, [...format.exclude, ...endTokens], !stopAfterFirst);
    return atLeastOne ? sequence(first, rest) : rest;
  }

  #tagsWithSeparator({
    tags,
    separator,
    atLeastOne,
    stopAfterFirst,
    pointer,
  }: FormatOf<'tags_with_separator'>): Node {
    const each = choiceOf(tags.map((tag) => sequence(this.#begin(tag), this.#behindBegin(tag))));
    const one = this.#builder.rule(pointer, each, { pointer });
    const many = stopAfterFirst ? one : sequence(one, repeat(sequence(bytes(separator), one), 0, MANY));
    return atLeastOne ? many : optional(many);
  }
}

function oneToken(name: TokenName): Node {
  return token({ except: false, tokens: [name] });
}

/** Any tokens until one of the rules', which commits to what follows it. */
function tokenDispatch(
  rules: readonly (readonly [TokenName, Node])[],
  excluded: readonly TokenName[],
  loop: boolean,
): Node {
  const free = token({ except: true, tokens: [...rules.map(([name]) => name), ...excluded] });
  const tags = choiceOf(rules.map(([name, then]) => sequence(oneToken(name), then)));
  return loop ? repeat(choiceOf([free, tags]), 0, MANY) : sequence(repeat(free, 0, MANY), optional(tags));
}
