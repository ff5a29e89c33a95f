// Terminals that `%import lark.…` gives: the words of Lark's own grammar language, in our words.

export const LARK = String.raw`
OP: /[+*]|\?(?![a-z])/
RULE: /!?[?_]?[a-z][a-z0-9_]*/
TOKEN: /_?[A-Z][A-Z0-9_]*/
STRING: /"(?:[^"\\\n]|\\.)*"i?/
REGEXP: /\/(?!\/)(?:[^\/\\]|\\.)*\/[imslux]*/s
NUMBER: /[+-]?[0-9]+/
COMMENT: /\s*(?:\/\/|#)[^\n]*/
_NL: /(?:\r?\n)+\s*/
`;
