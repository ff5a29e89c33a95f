// How request bodies are validated: ajv's options (nothing coerced, defaulted or removed), and its findings in words.
import type { FastifySchemaValidationError } from 'fastify';

export const ajvOptions = {
  coerceTypes: false,
  useDefaults: false,
  removeAdditional: false,
  allowUnionTypes: true,
  allErrors: false,
} as const;

/** `/messages/0/role` as `messages[0].role`. */
function fieldPath(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path ? `${path}.${part}` : part), '');
}

function oneOf(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** One finding of ajv as a message that starts with the field, and the field. */
export function describeValidation(finding: FastifySchemaValidationError): {
  message: string;
  param: string | null;
} {
  const { keyword, params } = finding;
  const at = fieldPath(finding.instancePath);
  const inside = (name: unknown) => (at ? `${at}.${name}` : String(name));
  if (keyword === 'required') {
    const param = inside(params.missingProperty);
    return { message: `${param} is required`, param };
  }
  if (keyword === 'additionalProperties') {
    const param = inside(params.additionalProperty);
    return { message: `${param} is not a known parameter`, param };
  }
  return { message: `${at || 'the body'} ${describeKeyword(finding)}`, param: at || null };
}

function describeKeyword(finding: FastifySchemaValidationError): string {
  const { keyword, params } = finding;
  if (keyword === 'type') {
    const types = Array.isArray(params.type) ? params.type.map(String) : String(params.type).split(',');
    return `must be ${oneOf(types)}`;
  }
  if (keyword === 'enum')
    return `must be ${oneOf((params.allowedValues as unknown[]).map((value) => JSON.stringify(value)))}`;
  return finding.message ?? `fails ${keyword}`;
}
