// Prompts with constraints to begin with. They suit sprout, the model that comes along; others answer them, too.
import { EMPTY_FORM, type Form } from './form.js';

export interface Example {
  readonly name: string;
  readonly form: Form;
}

const PERSON = {
  type: 'object',
  properties: {
    name: { type: 'string', maxLength: 40 },
    age: { type: 'integer', minimum: 0, maximum: 130 },
    city: { type: 'string', maxLength: 40 },
    job: { enum: ['nurse', 'teacher', 'engineer', 'baker'] },
  },
  required: ['name', 'age', 'city', 'job'],
  additionalProperties: false,
};

const LABEL = {
  type: 'object',
  properties: { label: { enum: ['positive', 'negative', 'neutral'] } },
  required: ['label'],
  additionalProperties: false,
};

const CHOICE = `root    ::= "The capital of " country " is " city "."
country ::= "France" | "Italy" | "Peru"
city    ::= "Paris" | "Rome" | "Lima"
`;

const SUM = `start: sum " = " NUMBER
sum: NUMBER (" + " NUMBER)+
NUMBER: /[1-9][0-9]?/
`;

function chat(user: string, constraint: Partial<Form['sources']>): Form {
  const [kind] = Object.keys(constraint) as (keyof Form['sources'])[];
  return { ...EMPTY_FORM, user, kind: kind ?? 'none', sources: { ...EMPTY_FORM.sources, ...constraint } };
}

const compact = (schema: object) => JSON.stringify(schema);
const pretty = (schema: object) => JSON.stringify(schema, undefined, 2);

export const EXAMPLES: readonly Example[] = [
  {
    name: 'Record from a sentence (JSON Schema)',
    form: chat(
      `Extract a JSON record from the text.\nSchema: ${compact(PERSON)}\nText: Maria Lopez is 34 years old and lives in Madrid. She works as a nurse.`,
      { schema: pretty(PERSON) },
    ),
  },
  {
    name: 'Label of a review (JSON Schema)',
    form: chat(
      'Classify the sentiment of the text as one of: positive, negative, neutral.\n\nThe soup was cold and the waiter was rude.',
      { schema: pretty(LABEL) },
    ),
  },
  {
    name: 'ISO date (regex)',
    form: chat('Extract the date in ISO format (YYYY-MM-DD).\nThe meeting is on 5 March 2024 at noon.', {
      regex: '\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])',
    }),
  },
  {
    name: 'Anything but Paris (regex)',
    form: chat('What is the capital of France?', {
      regex: 'The capital of France is (?!Pa)[A-Z][a-z]{2,9}\\.',
    }),
  },
  { name: 'One of a few sentences (EBNF)', form: chat('What is the capital of Italy?', { ebnf: CHOICE }) },
  { name: 'A sum (Lark)', form: chat('What is 7 + 5?', { lark: SUM }) },
  {
    name: 'E-mail address (completion, regex)',
    form: {
      ...chat('', { regex: '[a-z]+(\\.[a-z]+)*@[a-z]+(\\.[a-z]+)*\\.(com|org|net)' }),
      mode: 'completion',
      prompt: 'Extract email from: Write to Bob Stone at bob.stone@example.org before Friday.\nEmail: ',
    },
  },
  { name: 'No constraint', form: chat('What is the capital of France?', {}) },
];
