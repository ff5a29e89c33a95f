// JSON under a schema whose keys are long and fixed, with jump-forward and without: what a grammar leaves no choice about
// costs no pass of its own. One prompt for all, so that the prefix cache leaves only the output to compute.
import { Engine, type EngineOptions, type GenerateRequest } from '../../src/engine/index.js';
import { median } from '../percentiles.js';

const KEYS = [
  'customer_first_and_last_name_are_known',
  'billing_address_is_the_shipping_address',
  'order_contains_dangerous_goods_or_batteries',
  'payment_was_received_before_the_due_date',
  'customer_wants_to_be_told_about_the_delivery',
  'invoice_was_sent_by_electronic_mail',
  'parcel_may_be_left_with_the_neighbours',
  'return_of_the_goods_is_still_possible',
];
const SCHEMA = {
  type: 'object',
  properties: Object.fromEntries(KEYS.map((key) => [key, { type: 'boolean' }])),
  required: KEYS,
  additionalProperties: false,
};
const TEXT = 'John Smith paid on time; his parcel holds a lamp and goes to his own address.';

/** The ways to write forced text; the first is the base that the others are measured against. */
const WAYS: Readonly<Record<string, EngineOptions>> = {
  off: { jumpForward: false },
  tokens: { jumpForward: true },
  text: { jumpForward: 'text' },
  drafts: { jumpForward: true, speculation: { kind: 'grammar' } },
};

export interface JsonJump {
  /** The fastest way against none: output tokens per second, as the tokenizer spells the outputs. */
  readonly json_jump_speedup: number;
  readonly ways: Readonly<Record<string, { readonly speedup: number; readonly tokensPerSecond: number }>>;
}

/** Rounds in which each way has its turn; medians of the rounds' ratios. `batch`: requests at once. */
export async function jsonJump(
  rounds: number,
  batch: number,
  compact: boolean,
  log: (line: string) => void,
): Promise<JsonJump> {
  const engines = Object.entries(WAYS).map(([name, options]) => ({ name, engine: new Engine(options) }));
  const ratios: Record<string, number[]> = {};
  const speeds: Record<string, number[]> = {};
  try {
    for (const { engine } of engines) await tokensPerSecond(engine, batch, compact);
    for (let round = 0; round < rounds; round++) {
      let base = 0;
      for (const { name, engine } of engines) {
        const speed = await tokensPerSecond(engine, batch, compact);
        if (name === 'off') base = speed;
        (ratios[name] ??= []).push(speed / base);
        (speeds[name] ??= []).push(speed);
      }
    }
  } finally {
    await Promise.all(engines.map(({ engine }) => engine.close()));
  }
  const ways = Object.fromEntries(
    Object.keys(WAYS).map((name) => [
      name,
      { speedup: median(ratios[name]!), tokensPerSecond: median(speeds[name]!) },
    ]),
  );
  for (const [name, { speedup, tokensPerSecond: speed }] of Object.entries(ways))
    log(
      `JSON with long keys, ${batch} at once${compact ? ', compact' : ''}, ${name.padEnd(6)}: ${Math.round(speed)} tokens/s, ${speedup.toFixed(2)} times off`,
    );
  return { json_jump_speedup: Math.max(...Object.values(ways).map(({ speedup }) => speedup)), ways };
}

async function tokensPerSecond(engine: Engine, batch: number, compact: boolean): Promise<number> {
  const content = `Extract a JSON record from the text.\nSchema: ${JSON.stringify(SCHEMA)}\nText: ${TEXT}`;
  const request: GenerateRequest = {
    messages: [{ role: 'user', content }],
    schema: SCHEMA,
    maxTokens: 400,
    ...(compact && { compile: { whitespace: 'compact' } }),
  };
  const start = performance.now();
  const results = await Promise.all(Array.from({ length: batch }, () => engine.generate(request)));
  const seconds = (performance.now() - start) / 1000;
  let tokens = 0;
  for (const { text } of results) tokens += (await engine.tokenize(text, { addSpecialTokens: false })).length;
  return tokens / seconds;
}
