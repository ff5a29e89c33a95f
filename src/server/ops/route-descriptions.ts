// What the OpenAPI document says of routes in words; their fields are told by their schemas.

const SUMMARIES: Readonly<Record<string, string>> = {
  'GET /health': 'Whether the model is loaded',
  'GET /health_generate': 'Whether the engine makes tokens',
  'GET /metrics': "Figures in Prometheus' text form",
  'GET /v1/models': 'The models that are served: one',
  'GET /v1/models/*': 'That model',
  'POST /v1/chat/completions': 'Answers a chat',
  'POST /v1/completions': 'Goes on from prompts',
  'POST /v1/responses': 'Answers an input of items',
  'POST /v1/embeddings': 'Embeds texts',
  'POST /v1/messages': "Answers a chat in Anthropic's form",
  'POST /v1/messages/count_tokens': 'How many tokens such a chat has',
  'POST /v1/tokenize': 'The token ids of texts',
  'POST /v1/detokenize': 'The text of token ids',
  'POST /tokenize': 'The token ids of texts',
  'POST /detokenize': 'The text of token ids',
  'POST /generate': "Goes on from prompts, in SGLang's form",
  'POST /abort_request': 'Ends a running request, or all',
  'GET /flush_cache': 'Drops cached prefixes that nobody uses',
  'POST /flush_cache': 'Drops cached prefixes that nobody uses',
  'POST /parse_function_call': 'The function calls that a text holds',
  'POST /separate_reasoning': 'A text without its thinking, and that',
  'GET /model_info': 'The model',
  'GET /get_model_info': 'The model',
  'GET /server_info': "The engine's options and counters",
  'GET /get_server_info': "The engine's options and counters",
  'POST /api/chat': "Answers a chat in Ollama's form",
  'POST /api/generate': "Goes on from a prompt in Ollama's form",
  'POST /api/show': 'The model',
  'GET /api/tags': 'The models that are served: one',
};

const TAGS: readonly (readonly [start: string, tag: string])[] = [
  ['/v1/messages', 'Anthropic'],
  ['/v1/', 'OpenAI'],
  ['/api/', 'Ollama'],
  ['/health', 'Operations'],
  ['/metrics', 'Operations'],
  ['/playground', 'Playground'],
  ['/', 'SGLang'],
];

/** `method`: one, or several as `GET,POST`. */
export function describeRoute(method: string, url: string): { summary?: string; tags: string[] } {
  const [first] = method.split(',');
  const summary = SUMMARIES[`${first} ${url}`];
  const [, tag] = TAGS.find(([start]) => url.startsWith(start)) ?? ['', 'Other'];
  return { ...(summary !== undefined && { summary }), tags: [tag] };
}
