// The request in the form, as a shell command for the server's OpenAI-compatible routes.
import { constraintOf, type Form, requestOf } from './form.js';

/** `origin`: where the server is. Without a model's name, which the server does not look at. */
export function curlOf(form: Form, origin: string, hasKey: boolean): string {
  const { constraint: _, alternatives, messages, prompt, ...sampling } = requestOf(form);
  const given = Object.fromEntries(Object.entries(sampling).filter(([, value]) => value !== null));
  const body = {
    ...(messages ? { messages } : { prompt }),
    ...given,
    ...constraintFields(form),
    ...logprobs(form, alternatives),
  };
  const route = messages ? 'chat/completions' : 'completions';
  return [
    `curl ${quote(`${origin}/v1/${route}`)}`,
    "-H 'content-type: application/json'",
    ...(hasKey ? ['-H "authorization: Bearer $ESPALIER_API_KEY"'] : []),
    `-d ${quote(JSON.stringify(body))}`,
  ].join(' \\\n  ');
}

function constraintFields(form: Form): object {
  const constraint = constraintOf(form);
  if (!constraint) return {};
  if (constraint.kind !== 'schema') return { [constraint.kind]: constraint.text };
  return {
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'output', schema: jsonOf(constraint.text) },
    },
  };
}

/** A schema that is no JSON yet goes as it is; the server says what is wrong with it. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function logprobs({ mode }: Form, alternatives: number | null | undefined): object {
  if (!alternatives) return {};
  return mode === 'chat' ? { logprobs: true, top_logprobs: alternatives } : { logprobs: alternatives };
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
