// Door of the JSON Schema front end.

/** `compact`: none; `flexible`: bounded runs of JSON white space between tokens. */
export type WhitespacePolicy = 'compact' | 'flexible';
