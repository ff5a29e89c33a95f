// Rows whose label we do not follow, and why. Their calls and text are not judged; that cuts change nothing is.

const reasons: readonly (readonly [why: string, ids: readonly string[]])[] = [
  [
    'a second block of calls is read like the first; other formats of the suite have it so',
    [
      'sglang/muse/atem/misc-double',
      'sglang/step3/steptml/misc-double',
      'sglang/gigachat35/gcml/misc-double',
    ],
  ],
  [
    'a parameter whose schema says string stays a string, as the rows of the writer have it',
    [
      'vllm/muse_glimmer/2e190c0674',
      'vllm/muse_glimmer/340a32dd98',
      'vllm/muse_glimmer/cc5369ea01',
      'vllm/muse_glimmer/c7d1365483',
      'vllm/muse_glimmer/50cc395f8e',
      'vllm/muse_glimmer/55c3b7c9f8',
      'vllm/muse_glimmer/601c09bb6f',
      'vllm/muse_glimmer/5e41dfdbc9',
      'vllm/muse_glimmer/32f3cc4dc1',
      'vllm/muse_glimmer/8bd074fae3',
    ],
  ],
  [
    'the engine repairs what the model wrote by guessing: other names of tools and parameters, parameters inside of a parameter, values of another type, lost quotes or tags',
    [
      'vllm/k2_horizon/6a5dcb84c6',
      'vllm/k2_horizon/dcac0b5fa7',
      'vllm/lfm2/28482a03e1',
      'vllm/minicpm5xml/d679eeeb99',
      'vllm/minicpm5xml/c1b1b3d18f',
      'vllm/minicpm5xml/ddaec37637',
      'vllm/minicpm5xml/a9c3f08a30',
      'vllm/minicpm5xml/4564cb793c',
      'vllm/minicpm5xml/f8312e6f7b',
      'vllm/minicpm5xml/4774df8d6b',
      'vllm/minicpm5xml/401a6ee107',
      'vllm/minicpm5xml/4e0c65b4e5',
      'vllm/deepseekv32_engine/2e7d702ca6',
      'vllm/deepseekv32_engine/6561a5644c',
      'vllm/deepseekv4_engine/046a741c31',
      'vllm/step3p5/1db010a33f',
    ],
  ],
  [
    'the engine takes back a call whose arguments it finds invalid; a stream cannot',
    [
      'vllm/minicpm5xml/7f4039ba5f',
      'vllm/minicpm5xml/e356930c2f',
      'vllm/minicpm5xml/1fd3a01d10',
      'vllm/minicpm5xml/f19317d8c6',
      'vllm/minicpm5xml/62ace7112c',
    ],
  ],
  [
    'the engine reads only one of the forms that models of the family write',
    [
      'vllm/k2_horizon/311888e43a',
      'vllm/k2_horizon/06af1a3ef2',
      'vllm/k2_horizon/7cf0243c74',
      'vllm/granite_20b_fc/dcbad49121',
      'vllm/granite_engine/b59c29ec43',
      'vllm/step3/31db967f7a',
      'vllm/longcat/4cfd4d6302',
    ],
  ],
  [
    'an output that ends inside of a call: the engine completes it, or takes it back though its arguments are complete',
    [
      'vllm/hermes/f201515861',
      'vllm/gemma4_engine/8765b044d7',
      'vllm/k2_horizon/cbac674fed',
      'vllm/kimi_k3/6772acb855',
    ],
  ],
  [
    'calls begun inside of others, or names that hold tags: what the engine makes of them is an accident',
    [
      'vllm/granite_20b_fc/2a2bb8a4db',
      'vllm/granite_engine/eb5d737f62',
      'vllm/step3/37370d6ab1',
      'vllm/qwen3_engine/63544c5de8',
      'vllm/qwen3_engine/56736bef42',
      'vllm/xlam/1a7002e776',
    ],
  ],
  [
    'the engine leaves parts of marks as text, or drops text around them',
    ['vllm/dots/24714df9de', 'vllm/lfm2/d9bd00c976', 'vllm/xlam/b7543917cf', 'vllm/xlam/f9cfd90c3e'],
  ],
];

/** Why, by the id of the row. */
export const otherLabels: Readonly<Record<string, string>> = Object.fromEntries(
  reasons.flatMap(([why, ids]) => ids.map((id) => [id, why])),
);
