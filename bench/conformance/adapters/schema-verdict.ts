// Labels of other engines' tests hold for their options and limits. One counts where JSON Schema, as ajv has it, says the same.
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parseRaw, type RawJson } from '../raw-json.js';

interface LabelledText {
  readonly text: string;
  readonly valid: boolean;
}

/** The labels that JSON Schema, without formats, confirms; the others are for `unjudged`. */
export function confirmed<T extends LabelledText>(schema: string, tests: readonly T[]): T[] {
  const validates = validator(schema);
  return tests.filter(({ text, valid }) => validates(text) === valid);
}

/**
 * Whether a text is JSON that satisfies the schema; undefined where ajv does not take the schema, and for a name given twice,
 * which RFC 8259 gives no meaning.
 */
function validator(schema: string): (text: string) => boolean | undefined {
  try {
    const ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false });
    const validate = ajv.compile(JSON.parse(schema));
    return (text) => {
      try {
        const value: unknown = JSON.parse(text);
        return repeatsName(parseRaw(text)) ? undefined : validate(value);
      } catch {
        return false;
      }
    };
  } catch {
    return () => undefined;
  }
}

function repeatsName(value: RawJson): boolean {
  switch (value.kind) {
    case 'scalar':
      return false;
    case 'array':
      return value.items.some(repeatsName);
    case 'object':
      return (
        new Set(value.members.map(([name]) => name)).size < value.members.length ||
        value.members.some(([, member]) => repeatsName(member))
      );
  }
}
