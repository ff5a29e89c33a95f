// Strings that hold a document: `contentEncoding: base64` and `contentMediaType: application/json`, with the option
// `content: 'enforce'`. The specification makes them annotations; only draft 7 leaves it open to enforce them. JSON in a
// string is a grammar of its own, each of whose lexemes is spelled as JSON.stringify writes it within a string.
import { complementDfa, type Dfa, MAX_CODE_POINT } from '../../automata/index.js';
import {
  choice,
  type GrammarBuilder,
  type Node,
  optional,
  regular,
  repeat,
  sequence,
} from '../../grammar/index.js';
import type { Findings } from './findings.js';
import type { JsonObject } from './json-value.js';
import { openapiStrings } from './openapi-formats.js';
import type { WholeFormat } from './shape.js';
import { writtenLanguage } from './written-language.js';

/** `annotate`: content keywords restrict nothing. `enforce`: base64 and JSON do. */
export type ContentPolicy = 'annotate' | 'enforce';

/** The content keywords of a schema that restrict its strings. */
export function enforcedContent(schema: JsonObject, policy: ContentPolicy): ReadonlySet<string> {
  const enforced = new Set<string>();
  if (policy === 'annotate') return enforced;
  if (schema.get('contentEncoding') === 'base64') enforced.add('contentEncoding');
  if (schema.get('contentMediaType') === 'application/json') {
    enforced.add('contentMediaType');
    if (schema.has('contentSchema')) enforced.add('contentSchema');
  }
  return enforced;
}

/**
 * The strings that the content keywords of a schema allow, or undefined where they restrict nothing.
 * @throws CompileError `unsupported_keyword` for JSON that is encoded, or has a schema, unless findings are lenient.
 */
export function contentLanguage(
  schema: JsonObject,
  pointer: string,
  policy: ContentPolicy,
  findings: Findings,
): { readonly language: Dfa; readonly whole: WholeFormat | undefined } | undefined {
  const enforced = enforcedContent(schema, policy);
  if (enforced.has('contentSchema'))
    findings.refuse(pointer, 'contentSchema', "is not supported with content: 'enforce'");
  if (!enforced.has('contentEncoding'))
    return enforced.has('contentMediaType')
      ? {
          language: writtenLanguage(`${SPACE}(?:${SCALAR}|\\[${SPACE}\\]|\\{${SPACE}\\})${SPACE}`),
          whole: JSON_TEXT,
        }
      : undefined;
  if (enforced.has('contentMediaType'))
    findings.refuse(
      pointer,
      'contentMediaType',
      "is not supported with content: 'enforce' where the text is encoded",
    );
  return { language: openapiStrings('byte')!, whole: undefined };
}

/** At most so much white space at one place. */
const SPACE = '[ \\t\\n\\r]{0,20}';
const STRING = '"(?:[^"\\\\\\u0000-\\u001f]|\\\\["\\\\/bfnrt]|\\\\u[0-9A-Fa-f]{4})*"';
const SCALAR = `(?:-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][+\\-]?\\d+)?|true|false|null|${STRING})`;

/** A JSON text as the content of a string. */
const JSON_TEXT: WholeFormat = {
  get within() {
    const others = writtenLanguage('[ \\t\\n\\r]*(?:[^ \\t\\n\\r"0-9tfn{\\[\\-][^]*)?');
    return complementDfa(others, MAX_CODE_POINT);
  },
  grammar: {
    test: (text) => {
      try {
        JSON.parse(text);
        return true;
      } catch {
        return false;
      }
    },
    node: (spell, builder) => jsonText((source) => regular(spell(writtenLanguage(source))), builder),
  },
};

function jsonText(lexeme: (source: string) => Node, builder: GrammarBuilder): Node {
  const space = lexeme(SPACE);
  const value = builder.declare('content');
  const comma = sequence(space, lexeme(','), space);
  const list = (item: Node) =>
    optional(sequence(item, repeat(sequence(comma, item), 0, Number.POSITIVE_INFINITY)));
  const member = sequence(lexeme(STRING), space, lexeme(':'), space, value);
  const array = sequence(lexeme('\\['), space, list(value), space, lexeme('\\]'));
  const object = sequence(lexeme('\\{'), space, list(member), space, lexeme('\\}'));
  builder.define(value, choice(lexeme(SCALAR), array, object));
  return sequence(space, value, space);
}
