// Terminals that `%import python.…` gives: the tokens of the Python Language Reference, chapter 2, in our words.

export const PYTHON = String.raw`
NAME: /[^\W\d]\w*/
COMMENT: /#[^\n]*/
_NEWLINE: (/\r?\n[\t ]*/ | COMMENT)+

STRING: /(?:[bfu]|[bf]r|r[bf]?)?(?:"(?!"")(?:[^"\\\n]|\\(?:\r\n|.))*"|'(?!'')(?:[^'\\\n]|\\(?:\r\n|.))*')/is
LONG_STRING: /(?:[bfu]|[bf]r|r[bf]?)?(?:"""(?:[^"\\]|\\.|"{1,2}(?!"))*"""|'''(?:[^'\\]|\\.|'{1,2}(?!'))*''')/is

_DIGITS: "0".."9" ("_"? "0".."9")*
DEC_NUMBER: "1".."9" ("_"? "0".."9")* | "0" ("_"? "0")* /(?![1-9])/
HEX_NUMBER.2: "0" ("x" | "X") ("_"? ("0".."9" | "a".."f" | "A".."F"))+
OCT_NUMBER.2: "0" ("o" | "O") ("_"? "0".."7")+
BIN_NUMBER.2: "0" ("b" | "B") ("_"? "0".."1")+
_EXP: ("e" | "E") ["+" | "-"] _DIGITS
DECIMAL: "." _DIGITS | _DIGITS "." _DIGITS?
FLOAT_NUMBER.2: _DIGITS _EXP | DECIMAL _EXP?
IMAG_NUMBER.2: (_DIGITS | FLOAT_NUMBER) ("j" | "J")
`;
