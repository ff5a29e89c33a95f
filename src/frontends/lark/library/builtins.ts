// The terminals that a grammar may use without defining them, with the option `builtins`: Python's line structure, and the
// common ones.

export const BUILTINS = String.raw`
%import common (DIGIT, HEXDIGIT, INT, SIGNED_INT, DECIMAL, FLOAT, SIGNED_FLOAT, NUMBER, SIGNED_NUMBER)
%import common (ESCAPED_STRING, LETTER, WORD, CNAME, WS, WS_INLINE, SH_COMMENT, CPP_COMMENT, C_COMMENT)
%import python (NAME, STRING, LONG_STRING, COMMENT)
NEWLINE: (/\r?\n[\t ]*/ | COMMENT)+
%declare INDENT DEDENT
`;
