// Terminals that `%import common.…` gives: what their names promise in Lark's documentation, in our words.

export const COMMON = String.raw`
// Numbers
DIGIT: "0".."9"
HEXDIGIT: DIGIT | "a".."f" | "A".."F"
INT: DIGIT+
SIGNED_INT: ["+" | "-"] INT
DECIMAL: INT "." INT? | "." INT
_EXP: ("e" | "E") SIGNED_INT
FLOAT: INT _EXP | DECIMAL _EXP?
SIGNED_FLOAT: ["+" | "-"] FLOAT
NUMBER: FLOAT | INT
SIGNED_NUMBER: ["+" | "-"] NUMBER

// A text in double quotes on one line; a backslash takes the next character with it
ESCAPED_STRING: /"(?:[^"\\\n]+|\\.)*?"/
_STRING_INNER: /.*?/
_STRING_ESC_INNER: /(?:[^"\\\n]+|\\.)*?/

// Names
LCASE_LETTER: "a".."z"
UCASE_LETTER: "A".."Z"
LETTER: LCASE_LETTER | UCASE_LETTER
WORD: LETTER+
CNAME: (LETTER | "_") (LETTER | DIGIT | "_")*

// White space
WS_INLINE: (" " | /\t/)+
WS: /[ \t\f\r\n]/+
CR: /\r/
LF: /\n/
NEWLINE: (CR? LF)+

// Comments
SH_COMMENT: /#[^\n]*/
CPP_COMMENT: /\/\/[^\n]*/
SQL_COMMENT: /--[^\n]*/
C_COMMENT: /\/\*(?:[^*]|\*+[^*\/])*\*+\//
`;
