// Schemas for constrained decoding: a medium record in a long array, so that no output ends early, also in variants that
// share nothing; and one whose text is mostly keys.

/** An array of records of twelve properties: nesting, enumerations, patterns, bounds on lengths and numbers. */
export function mediumSchema(variant = 0): object {
  const name = (key: string) => (variant === 0 ? key : `${key}_${variant}`);
  const properties = {
    [name('id')]: { type: 'string', pattern: `^[A-Z]{2}-[0-9]{${4 + (variant % 3)}}$` },
    [name('title')]: { type: 'string', minLength: 1, maxLength: 24 + (variant % 16) },
    [name('status')]: { enum: ['open', 'in_progress', 'blocked', `closed_${variant}`] },
    [name('priority')]: { type: 'integer', minimum: 1, maximum: 9 + variant },
    [name('score')]: { type: 'number', minimum: 0, maximum: 100 },
    [name('active')]: { type: 'boolean' },
    [name('created')]: { type: 'string', pattern: '^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' },
    [name('owner')]: {
      type: 'object',
      properties: {
        name: { type: 'string', minLength: 2, maxLength: 20 + (variant % 8) },
        email: { type: 'string', pattern: '^[a-z0-9]{2,12}@[a-z]{2,10}\\.(com|org|net)$' },
        age: { type: 'integer', minimum: 18, maximum: 120 },
      },
      required: ['name', 'email', 'age'],
      additionalProperties: false,
    },
    [name('tags')]: {
      type: 'array',
      items: { type: 'string', minLength: 1, maxLength: 12 },
      minItems: 1,
      maxItems: 4,
    },
    [name('parent')]: { anyOf: [{ type: 'null' }, { type: 'integer', minimum: 0, maximum: 99_999 }] },
    [name('kind')]: { enum: ['bug', 'feature', 'task', 'chore', `other_${variant}`] },
    [name('notes')]: { type: 'string', maxLength: 40 + (variant % 24) },
  };
  return {
    type: 'array',
    items: { type: 'object', properties, required: Object.keys(properties), additionalProperties: false },
    minItems: 40,
    maxItems: 60,
  };
}

/** A form of long keys with values of one or two tokens each. */
export const KEY_HEAVY_SCHEMA = (() => {
  const keys = [
    'customer_account_identification_number_present',
    'primary_billing_address_verification_status',
    'secondary_contact_telephone_number_confirmed',
    'automatic_subscription_renewal_enabled_flag',
    'marketing_communication_preference_setting',
    'last_successful_authentication_method_used',
    'two_factor_authentication_enrollment_state',
    'regional_data_protection_consent_recorded',
    'loyalty_programme_membership_level_assigned',
    'preferred_delivery_time_window_of_the_day',
    'outstanding_invoice_settlement_requirement',
    'customer_satisfaction_survey_participation',
  ];
  const value = (i: number) =>
    i % 2 === 0 ? { type: 'boolean' } : { enum: ['confirmed', 'pending', 'rejected', 'unknown'] };
  return {
    type: 'object',
    properties: Object.fromEntries(keys.map((key, i) => [key, value(i)])),
    required: keys,
    additionalProperties: false,
  };
})();
