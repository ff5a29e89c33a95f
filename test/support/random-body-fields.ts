// What an OpenAPI document cannot tell of a valid body: conversations, tools and items in each dialect's form, and fields that
// exclude each other. Constraints among them are good and bad ones (random-constraint-texts.ts).
import { pick, type Random, TEXTS } from './random-bodies.js';
import { mostlyGood, randomConstraint, SCHEMAS } from './random-constraint-texts.js';

/** A value for a field, or undefined: one of the field's own schema will do. */
export type FieldMaker = (random: Random, field: string, path: string) => unknown;

/** Fields of which a body has at most one, or exactly one. */
export interface Exclusive {
  readonly fields: readonly string[];
  readonly isRequired?: boolean;
}

export interface RouteForm {
  readonly make: FieldMaker;
  readonly exclusive: readonly Exclusive[];
  /** Fields that the schema does not ask for, but the route does. */
  readonly required: readonly string[];
}

const CONSTRAINTS = ['regex', 'ebnf', 'lark', 'response_format', 'text'];
const GENERATE_CONSTRAINTS = ['json_schema', 'structural_tag', 'regex', 'ebnf'];

const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  '/v1/responses': ['input'],
  '/abort_request': ['rid'],
};

/** The form of bodies of a route; `model` is the name of the model that is served. */
export function routeForm(route: string, model: string): RouteForm {
  const make = makers.find(([path]) => route === path || route.startsWith(`${path}/`))?.[1];
  return {
    make: (random, field, path) => {
      if (field === 'model' || (field === 'name' && route === '/api/show')) return model;
      return make?.(random, field, path) ?? anywhere(random, field, path);
    },
    required: REQUIRED[route] ?? [],
    exclusive: [
      { fields: CONSTRAINTS },
      { fields: GENERATE_CONSTRAINTS },
      { fields: ['text', 'input_ids'], isRequired: true },
      { fields: ['output_config', 'output_format'] },
      ...(route === '/playground/generate' ? [{ fields: ['messages', 'prompt'], isRequired: true }] : []),
    ],
  };
}

function anywhere(random: Random, field: string, path: string): unknown {
  switch (field) {
    case 'logprobs':
    case 'return_logprob':
      return path === '/v1/completions' ? pick(random, [0, 3]) : true;
    case 'temperature':
      return pick(random, [0, 0.7, 1]);
    case 'logit_bias':
      return { 5: pick(random, [-100, 1.5]), 70: 100 };
    case 'stop_token_ids':
      return [Math.floor(random() * 300)];
    case 'prompt_tokens':
    case 'input_ids':
    case 'tokens':
      return Array.from({ length: 1 + Math.floor(random() * 9) }, () => Math.floor(random() * 250));
    case 'dimensions':
      return 1 + Math.floor(random() * 32);
    case 'num_ctx':
      return 1 + Math.floor(random() * 512);
    case 'tool_choice':
      return path.startsWith('/v1/messages')
        ? { type: pick(random, ['auto', 'any', 'none']) }
        : pick(random, ['auto', 'none']);
    case 'constraint':
      return viewOf(random);
    case 'chat_template_kwargs':
      return { enable_thinking: random() < 0.5 };
    case 'metadata':
      return { a: pick(random, TEXTS) };
    case 'logprob_start_len':
      return pick(random, [-1, 0]);
    case 'min_tokens':
      return pick(random, [0, 1]);
    case 'input':
    case 'prompt':
      return prompts(random, path);
    default:
      return randomConstraint(random, field);
  }
}

/** Texts, or token ids where the route takes them. */
function prompts(random: Random, path: string): unknown {
  const ids = () => several(random, () => Math.floor(random() * 250));
  if (path === '/v1/responses') return undefined;
  const takesIds = path === '/v1/completions' || path === '/v1/embeddings';
  const takesLists = takesIds || path === '/api/embed' || path.endsWith('/tokenize');
  return pick<() => unknown>(random, [
    () => text(random),
    ...(takesLists ? [() => several(random, () => text(random))] : []),
    ...(takesIds ? [ids, () => several(random, ids)] : []),
  ])();
}

function viewOf(random: Random): object {
  const kind = pick(random, ['schema', 'regex', 'ebnf', 'lark']);
  const made = randomConstraint(random, kind);
  return { kind, text: typeof made === 'string' ? made : JSON.stringify(made) };
}

const text = (random: Random) => pick(random, TEXTS);
/** Most schemas of tools are of objects, as they have to be. */
const parameters = (random: Random) =>
  random() < 0.8
    ? { type: 'object', properties: { a: { type: 'integer', maximum: 9 } }, required: ['a'] }
    : mostlyGood(random, SCHEMAS);
const several = <T>(random: Random, make: (index: number) => T, most = 3): T[] =>
  Array.from({ length: 1 + Math.floor(random() * most) }, (_, index) => make(index));

/** Turns of a conversation that ends with the user's, in which a tool may have been called. */
function turns<T>(random: Random, said: (role: string) => T, called: () => readonly T[]): T[] {
  const before = several(random, () => {
    if (random() < 0.3) return [said('user'), ...called()];
    return [said('user'), said('assistant')];
  });
  const opening = random() < 0.3 ? [said('system')] : [];
  return [...opening, ...(random() < 0.5 ? before.flat() : []), said('user')];
}

function openaiChat(random: Random, field: string, path: string): unknown {
  if (field === 'messages')
    return turns<object>(
      random,
      (role) => ({
        role,
        content: random() < 0.7 ? text(random) : [{ type: 'text', text: text(random) }],
      }),
      () => [
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c', type: 'function', function: { name: 'f0', arguments: '{"a": 1}' } }],
        },
        { role: 'tool', tool_call_id: 'c', content: text(random) },
      ],
    );
  if (field !== 'tools') return undefined;
  return several(random, (index) => {
    const about = { name: `f${index}`, description: text(random) };
    if (random() < 0.8 || path !== '/v1/chat/completions')
      return { type: 'function', function: { ...about, parameters: parameters(random) } };
    return { type: 'custom', custom: { ...about, ...inputFormat(random) } };
  });
}

function responses(random: Random, field: string): unknown {
  switch (field) {
    case 'input':
      return random() < 0.3 ? text(random) : items(random);
    case 'tools':
      return several(random, (index) =>
        random() < 0.7
          ? { type: 'function', name: `f${index}`, parameters: parameters(random) }
          : { type: 'custom', name: `f${index}`, ...inputFormat(random) },
      );
    case 'text':
      return { format: textFormat(random) };
    case 'previous_response_id':
      return '';
    case 'background':
      return random() < 0.1;
    case 'include':
      return ['message.output_text.logprobs'];
    default:
      return undefined;
  }
}

function items(random: Random): object[] {
  const part = (role: string) => (role === 'assistant' ? 'output_text' : 'input_text');
  return turns<object>(
    random,
    (role) => ({
      type: 'message',
      role,
      content: random() < 0.5 ? text(random) : [{ type: part(role), text: text(random) }],
    }),
    () => [
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: text(random) }] },
      { type: 'function_call', call_id: 'c', name: 'f0', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c', output: text(random) },
    ],
  );
}

function inputFormat(random: Random): object {
  if (random() < 0.4) return {};
  const syntax = pick(random, ['regex', 'lark'] as const);
  return { format: { type: 'grammar', syntax, definition: randomConstraint(random, syntax) } };
}

function textFormat(random: Random): object {
  const type = pick(random, ['text', 'json_object', 'json_schema']);
  return type === 'json_schema' ? { type, name: 'x', schema: mostlyGood(random, SCHEMAS) } : { type };
}

function anthropic(random: Random, field: string): unknown {
  switch (field) {
    case 'messages':
      return turns<object>(
        random,
        (role) => ({
          role,
          content: random() < 0.6 ? text(random) : [{ type: 'text', text: text(random) }],
        }),
        () => [
          {
            role: 'assistant',
            content: [
              { type: 'thinking', thinking: text(random), signature: '' },
              { type: 'tool_use', id: 'c', name: 'f0', input: { a: 1 } },
            ],
          },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c', content: text(random) }] },
        ],
      );
    case 'system':
      return random() < 0.5 ? text(random) : [{ type: 'text', text: text(random) }];
    case 'tools':
      return several(random, (index) => ({ name: `f${index}`, input_schema: parameters(random) }));
    case 'output_format':
    case 'format':
      return { type: 'json_schema', schema: mostlyGood(random, SCHEMAS) };
    default:
      return undefined;
  }
}

function ollama(random: Random, field: string, path: string): unknown {
  if (field === 'format') return random() < 0.5 ? 'json' : mostlyGood(random, SCHEMAS);
  if (field === 'repeat_last_n') return pick(random, [-1, 0]);
  if (field === 'tools') return openaiChat(random, field, path);
  if (field !== 'messages') return undefined;
  return turns<object>(
    random,
    (role) => ({ role, content: text(random) }),
    () => [
      { role: 'assistant', tool_calls: [{ function: { name: 'f0', arguments: { a: 1 } } }] },
      { role: 'tool', tool_name: 'f0', content: text(random) },
    ],
  );
}

const makers: readonly (readonly [path: string, make: FieldMaker])[] = [
  ['/v1/chat/completions', openaiChat],
  ['/v1/responses', responses],
  ['/v1/messages', anthropic],
  ['/api', ollama],
  [
    '/playground',
    (random, field) => (field === 'messages' ? [{ role: 'user', content: text(random) }] : undefined),
  ],
  ['/parse_function_call', openaiChat],
  ['/generate', (random, field) => (field === 'rid' || field === 'text' ? text(random) : undefined)],
];
