// What sprout is asked for where JSON of long keys is measured: it was trained on such prompts, and spells keys as its tokenizer does.
import type { GenerateRequest } from '../../src/engine/index.js';

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
const schema = {
  type: 'object',
  properties: Object.fromEntries(KEYS.map((key) => [key, { type: 'boolean' }])),
  required: KEYS,
  additionalProperties: false,
};
const TEXT = 'John Smith paid on time; his parcel holds a lamp and goes to his own address.';

export const LONG_KEYS: GenerateRequest = {
  messages: [
    {
      role: 'user',
      content: `Extract a JSON record from the text.\nSchema: ${JSON.stringify(schema)}\nText: ${TEXT}`,
    },
  ],
  schema,
  maxTokens: 400,
  compile: { whitespace: 'compact' },
};
