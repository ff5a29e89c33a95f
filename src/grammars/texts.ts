// Written by scripts/write-grammars.mjs from grammars/: the texts of the grammars that we ship.
// Change those files and run `npm run grammars`; this one is overwritten.

/** The name of a grammar that comes along. */
export type GrammarName =
  | 'arithmetic'
  | 'c-expression'
  | 'chess-pgn'
  | 'chess-san'
  | 'csv'
  | 'email'
  | 'iso8601'
  | 'json'
  | 'json-array'
  | 'json5'
  | 'python'
  | 'python-expression'
  | 'python-literal'
  | 's-expression'
  | 'semver'
  | 'sql-select'
  | 'url'
  | 'xml';

export const texts = {
  arithmetic: {
    gbnf: `# Arithmetic with the usual precedence, left-recursive as a textbook writes it. Powers bind to the right.
root   ::= sp expr sp
expr   ::= expr sp [-+] sp term | term
term   ::= term sp [*/%] sp factor | factor
factor ::= "-" sp factor | power
power  ::= atom (sp "^" sp factor)?
atom   ::= number | name | name "(" sp (expr (sp "," sp expr)*)? sp ")" | "(" sp expr sp ")"
name   ::= [A-Za-z_] [A-Za-z0-9_]*
number ::= [0-9]+ ("." [0-9]*)? exp? | "." [0-9]+ exp?
exp    ::= [eE] [-+]? [0-9]+
sp     ::= " "*
`,
  },
  'c-expression': {
    gbnf: `# An expression in the manner of C on one line: assignments, the conditional, binary and unary operators, calls, members,
# subscripts, casts to the built-in types, sizeof. What may be assigned to is not checked, and the reserved words are not
# told apart from names. All binary operators are in one rule: precedence does not change which texts are expressions.
root       ::= expression
expression ::= assignment (sp "," sp assignment)*
assignment ::= (unary sp ("=" | "*=" | "/=" | "%=" | "+=" | "-=" | "<<=" | ">>=" | "&=" | "^=" | "|=") sp)* condition
condition  ::= binary (sp "?" sp expression sp ":" sp condition)?

# C reads the longest operator: one that another operator follows is set apart by a space, as in a - -b and a / *p.
binary     ::= cast (sp operator (postfix | " " sp cast))*
operator   ::= "*" | "/" | "%" | "+" | "-" | "<<" | ">>" | "<" | ">" | "<=" | ">=" | "==" | "!=" | "&" | "^" | "|" | "&&" | "||"
cast       ::= "(" sp type sp ")" sp cast | unary
unary      ::= ("++" | "--") sp unary | [!~*] sp cast | [-+&] (" " sp cast | [!~*] sp cast | postfix) | "sizeof" size | postfix
size       ::= sp "(" sp type sp ")" | " " sp name
postfix    ::= number | operand (sp (member | "(" sp arguments? sp ")" | "[" sp expression sp "]" | "++" | "--"))*
member     ::= ("." | "->") sp name
arguments  ::= assignment (sp "," sp assignment)*
operand    ::= name | string | character | "(" sp expression sp ")"
type       ::= (("unsigned" | "signed") " "+)? ("char" | "short" | "int" | "long" (" "+ "long")?) pointer
             | ("float" | "double" | "void") pointer
pointer    ::= (sp "*")*

# A hexadecimal constant does not end in E: C would take a sign after it for an exponent's.
number     ::= "0x" [0-9A-Fa-f]* [0-9A-DFa-df] suffix? | ([1-9] [0-9]* | "0" [0-7]*) suffix? | float [fFlL]?
suffix     ::= [uU] ([lL] | "ll" | "LL")? | ([lL] | "ll" | "LL") [uU]?
float      ::= ([0-9]* "." [0-9]+ | [0-9]+ ".") exponent? | [0-9]+ exponent
exponent   ::= [eE] [-+]? [0-9]+
string     ::= "\\"" ([^"\\\\\\n\\r] | escape)* "\\""
character  ::= "'" ([^'\\\\\\n\\r] | escape) "'"
escape     ::= "\\\\" (['"?\\\\abfnrtv] | [0-7]{1,3} | "x" [0-9A-Fa-f]+)
name       ::= [A-Z_a-z] [0-9A-Z_a-z]*
sp         ::= " "*
`,
  },
  'chess-pgn': {
    gbnf: `# The move text of a chess game in PGN: numbered moves with comments, annotations and variations, then the result.
# That the numbers count up and the moves are legal is not checked.
root      ::= (line gap)? result "\\n"?
line      ::= (turn gap)* (turn | first)
turn      ::= first gap (number "..." gap?)? move extra
first     ::= number "." gap? move extra
variation ::= line | number "..." gap? move extra (gap line)?
extra     ::= ("!" | "?" | "!!" | "??" | "!?" | "?!")? (gap (nag | comment | "(" variation ")"))*
nag       ::= "$" ("0" | [1-9] [0-9]? | "1" [0-9]{2} | "2" [0-4] [0-9] | "25" [0-5])
comment   ::= "{" [^}]* "}"
number    ::= [1-9] [0-9]{0,2}
result    ::= "1-0" | "0-1" | "1/2-1/2" | "*"
gap       ::= [ \\n]

move      ::= (castling | king | piece | pawn) [+#]?
castling  ::= "O-O" "-O"?
king      ::= "K" "x"? square
piece     ::= [QRBN] (file | rank | square)? "x"? square
pawn      ::= (file | capture) ([2-7] | [18] "=" [QRBN])
capture   ::= "ax" [b] | "bx" [ac] | "cx" [bd] | "dx" [ce] | "ex" [df] | "fx" [eg] | "gx" [fh] | "hx" [g]
square    ::= file rank
file      ::= [a-h]
rank      ::= [1-8]
`,
  },
  'chess-san': {
    gbnf: `# A chess move in standard algebraic notation. A pawn takes on a neighbouring file and promotes on its last rank, and
# only there; whether the move is legal in a position is not checked.
root     ::= (castling | king | piece | pawn) [+#]?
castling ::= "O-O" "-O"?
king     ::= "K" "x"? square
piece    ::= [QRBN] (file | rank | square)? "x"? square
pawn     ::= (file | capture) ([2-7] | [18] "=" [QRBN])
capture  ::= "ax" [b] | "bx" [ac] | "cx" [bd] | "dx" [ce] | "ex" [df] | "fx" [eg] | "gx" [fh] | "hx" [g]
square   ::= file rank
file     ::= [a-h]
rank     ::= [1-8]
`,
  },
  csv: {
    gbnf: `# Comma-separated values (RFC 4180): a header line and records, lines ended by LF or CRLF, the last one too.
root    ::= record+
record  ::= field ("," field)* eol
field   ::= quoted | bare
bare    ::= [^",\\r\\n]*
quoted  ::= "\\"" ([^"] | "\\"\\"")* "\\""
eol     ::= "\\r"? "\\n"
`,
  },
  email: {
    gbnf: `# An e-mail address (addr-spec of RFC 5321) with a host name: no comments, no folding, no address literals.
# The limits of the whole (64 characters before the @, 254 in all) are not checked.
root   ::= (atom ("." atom)* | quoted) "@" label ("." label)* "." top
atom   ::= [A-Za-z0-9!#$%&'*+/=?^_\`{|}~-]{1,64}
quoted ::= "\\"" ([\\x20\\x21\\x23-\\x5b\\x5d-\\x7e] | "\\\\" [\\x20-\\x7e]){0,62} "\\""
label  ::= alnum ([A-Za-z0-9-]{0,61} alnum)?
top    ::= [A-Za-z] ([A-Za-z0-9-]{0,61} alnum)?
alnum  ::= [A-Za-z0-9]
`,
  },
  iso8601: {
    gbnf: `# Dates, times and durations of ISO 8601 in its extended format. Days are checked against the month, leap days against
# the year; only the seconds of a duration may have a fraction.
root     ::= date | time | date "T" time | duration
date     ::= year "-" ("0" [13578] | "1" [02]) "-" day31
           | year "-" ("0" [469] | "11") "-" day30
           | year "-02-" day28
           | leap "-02-29"
           | year "-W" ("0" [1-9] | [1-4] [0-9] | "5" [0-3]) "-" [1-7]
           | year "-" ("00" [1-9] | "0" [1-9] [0-9] | [12] [0-9]{2} | "3" [0-5] [0-9] | "36" [0-5])
           | leap "-366"
year     ::= [0-9]{4}
leap     ::= [0-9]{2} ("0" [48] | [2468] [048] | [13579] [26]) | ("0" [048] | [2468] [048] | [13579] [26]) "00"
day28    ::= "0" [1-9] | "1" [0-9] | "2" [0-8]
day30    ::= "0" [1-9] | [12] [0-9] | "30"
day31    ::= day30 | "31"
time     ::= clock fraction? zone?
clock    ::= ([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] (":" ([0-5] [0-9] | "60"))?
fraction ::= [.,] [0-9]{1,9}
zone     ::= "Z" | [-+] ([01] [0-9] | "2" [0-3]) (":" [0-5] [0-9])?
duration ::= "P" (weeks | days ("T" clocks)? | "T" clocks)
weeks    ::= count "W"
days     ::= count "Y" (count "M")? (count "D")? | count "M" (count "D")? | count "D"
clocks   ::= count "H" (count "M")? seconds? | count "M" seconds? | seconds
seconds  ::= count ([.,] [0-9]+)? "S"
count    ::= [0-9]+
`,
  },
  json: {
    gbnf: `# Any JSON text (RFC 8259), white space included.
root     ::= ws value ws
value    ::= object | array | string | number | "true" | "false" | "null"
object   ::= "{" ws (member (ws "," ws member)* ws)? "}"
member   ::= string ws ":" ws value
array    ::= "[" ws (value (ws "," ws value)* ws)? "]"
string   ::= "\\"" (plain | escape)* "\\""
plain    ::= [^"\\\\\\x00-\\x1f]
escape   ::= "\\\\" (["\\\\/bfnrt] | "u" [0-9A-Fa-f]{4})
number   ::= "-"? ("0" | [1-9] [0-9]*) ("." [0-9]+)? ([eE] [-+]? [0-9]+)?
ws       ::= [ \\t\\n\\r]*
`,
  },
  'json-array': {
    gbnf: `# A JSON array with one value on a line, as logs and data sets have it. No other white space between values.
root   ::= "[\\n" (item (",\\n" item)* "\\n")? "]"
item   ::= "  " value
value  ::= object | array | string | number | "true" | "false" | "null"
object ::= "{" (member (", " member)*)? "}"
member ::= string ": " value
array  ::= "[" (value (", " value)*)? "]"
string ::= "\\"" ([^"\\\\\\x00-\\x1f] | "\\\\" (["\\\\/bfnrt] | "u" [0-9A-Fa-f]{4}))* "\\""
number ::= "-"? ("0" | [1-9] [0-9]*) ("." [0-9]+)? ([eE] [-+]? [0-9]+)?
`,
  },
  json5: {
    gbnf: `# JSON5 (spec.json5.org): JSON with comments, trailing commas, unquoted names, single quotes, and more numbers.
# Unquoted names: ASCII letters, digits, $ and _, and the letters from U+00C0 to U+024F; no escapes in them.
root     ::= ws value ws ("//" line)?
value    ::= "null" | "true" | "false" | string | number | object | array
object   ::= "{" ws (member (ws "," ws member)* ws ("," ws)?)? "}"
member   ::= (name | string) ws ":" ws value
array    ::= "[" ws (value (ws "," ws value)* ws ("," ws)?)? "]"
name     ::= [$A-Z_a-zÀ-ÖØ-öø-ɏ] [$0-9A-Z_a-zÀ-ÖØ-öø-ɏ]*

# A digit must not follow \\0.
string   ::= "\\"" ([0-9'] | safe | nul+ (['] | safe))* nul* "\\"" | "'" ([0-9"] | safe | nul+ (["] | safe))* nul* "'"
safe     ::= [^0-9'"\\\\\\n\\r] | "\\\\" ([^0-9ux\\n\\r\\u2028\\u2029] | "x" hex{2} | "u" hex{4} | newline)
nul      ::= "\\\\0"
hex      ::= [0-9A-Fa-f]

number   ::= [-+]? (decimal | "0" [xX] hex+ | "Infinity" | "NaN")
decimal  ::= (integer ("." [0-9]*)? | "." [0-9]+) ([eE] [-+]? [0-9]+)?
integer  ::= "0" | [1-9] [0-9]*

ws       ::= (space | newline | "//" line newline | "/*" ([^*] | "*"+ [^*/])* "*"+ "/")*
space    ::= [\\t\\v\\f \\u00a0\\ufeff\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000]
line     ::= [^\\n\\r\\u2028\\u2029]*
newline  ::= "\\r\\n" | [\\n\\r\\u2028\\u2029]
`,
  },
  python: {
    lark: `// Python programs, each line ended: the statements of Python 3.8 but those with async and await, over expressions with strings
// (no f-strings, no \\N{…}), numbers, lambdas and comprehensions; names are of ASCII letters. Blocks are indented as Python's
// tokenizer asks, but the first line may begin with blanks. What Python refuses later than its parser is not checked: return
// outside a function, break outside a loop, a name given twice. Takes the basic lexer, so that no word of the language is a name.
start: (_NEWLINE | statement)*

?statement: simple | compound
simple: small (";" small)* ";"? _NEWLINE
?small: assignment | expressions | "pass" | "break" | "continue" | return | raise | assert | del | import | scope | yield
assignment: (targets "=")+ (expressions | yield)
          | place ("+=" | "-=" | "*=" | "/=" | "//=" | "%=" | "@=" | "&=" | "|=" | "^=" | ">>=" | "<<=" | "**=") (expressions | yield)
          | place ":" expression ("=" (expressions | yield))?
yield: "yield" (expressions | "from" expression)?
return: "return" expressions?
raise: "raise" (expression ("from" expression)?)?
assert: "assert" expression ("," expression)?
del: "del" place ("," place)* ","?
import: "import" module ("," module)*
      | "from" ("." | "...")* dotted "import" imported
      | "from" ("." | "...")+ "import" imported
imported: "*" | name ("," name)* | "(" name ("," name)* ","? ")"
module: dotted ("as" NAME)?
dotted: NAME ("." NAME)*
name: NAME ("as" NAME)?
scope: ("global" | "nonlocal") NAME ("," NAME)*

?compound: if | while | for | try | with | ("@" expression _NEWLINE)* (function | class)
if: "if" condition ":" block ("elif" condition ":" block)* else?
while: "while" condition ":" block else?
for: "for" targets "in" expressions ":" block else?
try: "try" ":" block (except+ bare? else? finally? | bare else? finally? | finally)
except: "except" expression ("as" NAME)? ":" block
bare: "except" ":" block
else: "else" ":" block
finally: "finally" ":" block
with: "with" resource ("," resource)* ":" block
resource: expression ("as" target)?
function: "def" NAME "(" _parameters{typed}? ")" ("->" expression)? ":" block
class: "class" NAME ("(" arguments? ")")? ":" block
block: simple | _NEWLINE _INDENT statement+ _DEDENT

_parameters{p}: _positional{p} ("," _starred{p})? ","? | _starred{p} ","?
_positional{p}: p ("," p)* ("," "/" ("," p)*)? ("," default{p})*
              | (p ",")* default{p} ("," default{p})* "," "/" ("," default{p})*
              | default{p} ("," default{p})*
_starred{p}: "*" p ("," only{p})* ("," "**" p)? | "*" ("," only{p})+ ("," "**" p)? | "**" p
default{p}: p "=" expression
only{p}: p ("=" expression)?
typed: NAME (":" expression)?

targets: target ("," target)* ","?
?target: place | "*" place | "(" targets? ")" | "[" targets? "]"
?place: NAME | primary ("." NAME | "[" slices "]")

expressions: _starry ("," _starry)* ","?
_starry: expression | "*" sum
?condition: expression | NAME ":=" expression
?expression: either ("if" either "else" expression)? | "lambda" _parameters{NAME}? ":" expression
?either: not (("and" | "or") not)*
?not: "not" not | comparison
?comparison: sum (("==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not" "in" | "is" | "is" "not") sum)*
?sum: unary (("|" | "^" | "&" | "<<" | ">>" | "+" | "-" | "*" | "/" | "//" | "%" | "@" | "**") unary)*
?unary: ("+" | "-" | "~") unary | primary
?primary: atom | primary ("." NAME | "(" arguments? ")" | "[" slices "]")
?atom: NAME | NUMBER | STRING+ | BYTES+ | "None" | "True" | "False" | "..."
     | "(" ")" | "(" (condition | yield) ")" | "(" condition loops ")" | "(" item ("," item)* "," ")" | "(" item ("," item)+ ")"
     | "[" (item ("," item)* ","?)? "]" | "[" condition loops "]"
     | "{" "}" | "{" item ("," item)* ","? "}" | "{" condition loops "}"
     | "{" pair ("," pair)* ","? "}" | "{" expression ":" expression loops "}"
?item: condition | "*" sum
pair: expression ":" expression | "**" sum
loops: loop (loop | "if" either)*
loop: "for" targets "in" either
slices: slice ("," slice)* ","?
?slice: expression | expression? ":" expression? (":" expression?)?
arguments: expression loops
         | (positional ("," positional)* ("," named)* | named ("," named)*) ("," doubles)? ","?
         | doubles ","?
?positional: condition | "*" expression
named: NAME "=" expression | "*" expression
doubles: "**" expression ("," ("**" expression | NAME "=" expression))*

NAME: /(?!(?:async|await)[^0-9A-Za-z_])[A-Za-z_][0-9A-Za-z_]*/
NUMBER: /0[xX](?:_?[0-9A-Fa-f])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+/
      | /(?:[0-9](?:_?[0-9])*\\.(?:[0-9](?:_?[0-9])*)?|\\.[0-9](?:_?[0-9])*)(?:[eE][-+]?[0-9](?:_?[0-9])*)?[jJ]?/
      | /[0-9](?:_?[0-9])*(?:[eE][-+]?[0-9](?:_?[0-9])*[jJ]?|[jJ])/
      | /[1-9](?:_?[0-9])*|0(?:_?0)*/
STRING.2: /[uU]?"(?!"")(?:[^"\\\\\\n\\r\\x00]|\\\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U000[0-9A-Fa-f]{5}|U0010[0-9A-Fa-f]{4}|\\r?\\n|[^xuUN\\n\\r\\x00]))*"/
        | /[uU]?'(?!'')(?:[^'\\\\\\n\\r\\x00]|\\\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U000[0-9A-Fa-f]{5}|U0010[0-9A-Fa-f]{4}|\\r?\\n|[^xuUN\\n\\r\\x00]))*'/
        | /[uU]?"""(?:[^"\\\\\\x00]|"(?!"")|\\\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U000[0-9A-Fa-f]{5}|U0010[0-9A-Fa-f]{4}|[^xuUN\\x00]))*"""/
        | /[uU]?'''(?:[^'\\\\\\x00]|'(?!'')|\\\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U000[0-9A-Fa-f]{5}|U0010[0-9A-Fa-f]{4}|[^xuUN\\x00]))*'''/
        | /[rR](?:"(?!"")(?:[^"\\\\\\n\\r\\x00]|\\\\(?:\\r?\\n|[^\\n\\r\\x00]))*"|'(?!'')(?:[^'\\\\\\n\\r\\x00]|\\\\(?:\\r?\\n|[^\\n\\r\\x00]))*')/
        | /[rR](?:"""(?:[^"\\\\\\x00]|"(?!"")|\\\\[^\\x00])*"""|'''(?:[^'\\\\\\x00]|'(?!'')|\\\\[^\\x00])*''')/
BYTES.2: /[bB](?:"(?!"")(?:[ !#-\\[\\]-~]|\\\\(?:x[0-9A-Fa-f]{2}|[ -wy-~]))*"|'(?!'')(?:[ -&(-\\[\\]-~]|\\\\(?:x[0-9A-Fa-f]{2}|[ -wy-~]))*')/
       | /(?:[bB][rR]|[rR][bB])(?:"(?!"")(?:[ !#-\\[\\]-~]|\\\\[ -~])*"|'(?!'')(?:[ -&(-\\[\\]-~]|\\\\[ -~])*')/

_NEWLINE: /(?:\\r?\\n[\\t ]*(?:#[^\\n\\r\\x00]*)?)+/
COMMENT: /#[^\\n\\r\\x00]*/
%ignore COMMENT
%ignore /[\\t \\f]+/
%ignore /\\\\\\r?\\n/
%declare _INDENT _DEDENT
`,
    lexer: 'basic',
  },
  'python-expression': {
    gbnf: `# A Python expression on one line, as ast.parse(text, mode='eval') takes it: everything but yield, await, f-strings, async
# comprehensions, positional-only parameters, starred items of displays, and calls or subscripts of numbers. Statements need INDENT and DEDENT, which GBNF does not have.
# Names are of ASCII letters; an operator that is a word stands between spaces. That a call or a lambda has no name twice,
# and what may be assigned to, is not checked.
root       ::= expr (sp "," sp expr)* (sp ",")?
expr       ::= or (" "+ "if " sp or " "+ "else " sp expr)? | lambda
or         ::= and (" "+ "or " sp and)*
and        ::= not (" "+ "and " sp not)*
not        ::= "not " sp not | comparison
comparison ::= sum (compare sum)*
compare    ::= sp ("==" | "!=" | "<" | "<=" | ">" | ">=") sp | " "+ ("in" | "not" " "+ "in" | "is" | "is" " "+ "not") " " sp
sum        ::= factor (sp ("|" | "^" | "&" | "<<" | ">>" | "+" | "-" | "*" | "/" | "//" | "%" | "@" | "**") sp factor)*
factor     ::= [-+~] sp factor | number | primary
primary    ::= atom (sp "." sp name | sp "(" sp arguments sp ")" | sp "[" sp slices sp "]")*
atom       ::= name | "None" | "True" | "False" | "..." | strings | group | list | braces

group      ::= "(" sp ")" | "(" sp item sp (loops sp | "," sp (item (sp "," sp item)* sp ("," sp)?)?)? ")" | "(" sp walrus sp ")"
list       ::= "[" sp (item (sp loops | (sp "," sp item)* (sp ",")?) sp)? "]"
braces     ::= "{" sp ((pair sp loops | pairs | item (sp loops | (sp "," sp item)* (sp ",")?)) sp)? "}"
pairs      ::= (pair | "**" sp sum) (sp "," sp (pair | "**" sp sum))* (sp ",")?
pair       ::= expr sp ":" sp expr
item       ::= expr | walrus
walrus     ::= name sp ":=" sp expr
loops      ::= " "+ loop (" "+ (loop | "if " sp or))*
loop       ::= "for " sp targets " "+ "in " sp or
targets    ::= target (sp "," sp target)* (sp ",")?
target     ::= name | "(" sp targets sp ")"

slices     ::= slice (sp "," sp slice)* (sp ",")?
slice      ::= expr | expr? sp ":" sp expr? (sp ":" (sp expr)?)?
arguments  ::= (positional (sp "," sp positional)* (sp "," sp keywords)? (sp ",")? | keywords (sp ",")? | expr sp loops)?
positional ::= item | "*" sp expr
keywords   ::= keyword (sp "," sp (keyword | "*" sp expr))* (sp "," sp doubles)? | doubles
doubles    ::= "**" sp expr (sp "," sp (keyword | "**" sp expr))*
keyword    ::= name sp "=" sp expr
lambda     ::= "lambda" (" " sp parameters)? sp ":" sp expr
parameters ::= plain (sp "," sp plain)* (sp "," sp defaults)? | defaults | starred
plain      ::= name
defaults   ::= name sp "=" sp expr (sp "," sp defaults)? | starred
starred    ::= "*" sp name (sp "," sp only)? | "*" sp "," sp name (sp "=" sp expr)? (sp "," sp only)? | "**" sp name
only       ::= name (sp "=" sp expr)? (sp "," sp only)? | "**" sp name

strings    ::= text (" "+ text)* | data (" "+ data)*
text       ::= [uU]? (["] ([^"\\\\\\n\\r\\x00] | escape)* ["] | ['] ([^'\\\\\\n\\r\\x00] | escape)* ['])
             | [rR] (["] ([^"\\\\\\n\\r\\x00] | "\\\\" [^\\n\\r\\x00])* ["] | ['] ([^'\\\\\\n\\r\\x00] | "\\\\" [^\\n\\r\\x00])* ['])
data       ::= [bB] (["] (byte | ['])* ["] | ['] (byte | ["])* ['])
byte       ::= [\\x20\\x21\\x23-\\x26\\x28-\\x5b\\x5d-\\x7e] | "\\\\" (simple | "x" hex{2})
escape     ::= "\\\\" (simple | "x" hex{2} | "u" hex{4} | "U000" hex{5} | "U0010" hex{4})
simple     ::= [abfnrtv\\\\'"] | [0-3]? [0-7]{1,2}
number     ::= (float | digits) [jJ] | float | integer
float      ::= (digits? "." digits | digits ".") exponent? | digits exponent
exponent   ::= [eE] [-+]? digits
integer    ::= [1-9] ("_"? [0-9])* | "0" ("_"? "0")* | "0" ([xX] ("_"? hex)+ | [oO] ("_"? [0-7])+ | [bB] ("_"? [01])+)
digits     ::= [0-9] ("_"? [0-9])*
hex        ::= [0-9A-Fa-f]
sp         ::= " "*
part       ::= [0-9A-Z_a-z]

# Every name but the reserved words, letter by letter.
name ::= [A-EG-MO-SU-Z_hjkmqsuvxz] part* | name-F | name-N | name-T | name-a | name-b | name-c | name-d | name-e | name-f | name-g | name-i | name-l | name-n | name-o | name-p | name-r | name-t | name-w | name-y
name-F ::= "F" ("a" ("l" ("s" ("e" part+ | [0-9A-Z_a-df-z] part*)? | [0-9A-Z_a-rt-z] part*)? | [0-9A-Z_a-km-z] part*)? | [0-9A-Z_b-z] part*)?
name-N ::= "N" ("o" ("n" ("e" part+ | [0-9A-Z_a-df-z] part*)? | [0-9A-Z_a-mo-z] part*)? | [0-9A-Z_a-np-z] part*)?
name-T ::= "T" ("r" ("u" ("e" part+ | [0-9A-Z_a-df-z] part*)? | [0-9A-Z_a-tv-z] part*)? | [0-9A-Z_a-qs-z] part*)?
name-a ::= "a" ("n" ("d" part+ | [0-9A-Z_a-ce-z] part*)? | "s" ("s" ("e" ("r" ("t" part+ | [0-9A-Z_a-su-z] part*)? | [0-9A-Z_a-qs-z] part*)? | [0-9A-Z_a-df-z] part*)? | "y" ("n" ("c" part+ | [0-9A-Z_abd-z] part*)? | [0-9A-Z_a-mo-z] part*)? | [0-9A-Z_a-rt-xz] part*) | "w" ("a" ("i" ("t" part+ | [0-9A-Z_a-su-z] part*)? | [0-9A-Z_a-hj-z] part*)? | [0-9A-Z_b-z] part*)? | [0-9A-Z_a-mo-rt-vx-z] part*)?
name-b ::= "b" ("r" ("e" ("a" ("k" part+ | [0-9A-Z_a-jl-z] part*)? | [0-9A-Z_b-z] part*)? | [0-9A-Z_a-df-z] part*)? | [0-9A-Z_a-qs-z] part*)?
name-c ::= "c" ("l" ("a" ("s" ("s" part+ | [0-9A-Z_a-rt-z] part*)? | [0-9A-Z_a-rt-z] part*)? | [0-9A-Z_b-z] part*)? | "o" ("n" ("t" ("i" ("n" ("u" ("e" part+ | [0-9A-Z_a-df-z] part*)? | [0-9A-Z_a-tv-z] part*)? | [0-9A-Z_a-mo-z] part*)? | [0-9A-Z_a-hj-z] part*)? | [0-9A-Z_a-su-z] part*)? | [0-9A-Z_a-mo-z] part*)? | [0-9A-Z_a-kmnp-z] part*)?
name-d ::= "d" ("e" ("f" part+ | "l" part+ | [0-9A-Z_a-eg-km-z] part*)? | [0-9A-Z_a-df-z] part*)?
name-e ::= "e" ("l" ("i" ("f" part+ | [0-9A-Z_a-eg-z] part*)? | "s" ("e" part+ | [0-9A-Z_a-df-z] part*)? | [0-9A-Z_a-hj-rt-z] part*)? | "x" ("c" ("e" ("p" ("t" part+ | [0-9A-Z_a-su-z] part*)? | [0-9A-Z_a-oq-z] part*)? | [0-9A-Z_a-df-z] part*)? | [0-9A-Z_abd-z] part*)? | [0-9A-Z_a-km-wyz] part*)?
name-f ::= "f" ("i" ("n" ("a" ("l" ("l" ("y" part+ | [0-9A-Z_a-xz] part*)? | [0-9A-Z_a-km-z] part*)? | [0-9A-Z_a-km-z] part*)? | [0-9A-Z_b-z] part*)? | [0-9A-Z_a-mo-z] part*)? | "o" ("r" part+ | [0-9A-Z_a-qs-z] part*)? | "r" ("o" ("m" part+ | [0-9A-Z_a-ln-z] part*)? | [0-9A-Z_a-np-z] part*)? | [0-9A-Z_a-hj-npqs-z] part*)?
name-g ::= "g" ("l" ("o" ("b" ("a" ("l" part+ | [0-9A-Z_a-km-z] part*)? | [0-9A-Z_b-z] part*)? | [0-9A-Z_ac-z] part*)? | [0-9A-Z_a-np-z] part*)? | [0-9A-Z_a-km-z] part*)?
name-i ::= "i" ("f" part+ | "m" ("p" ("o" ("r" ("t" part+ | [0-9A-Z_a-su-z] part*)? | [0-9A-Z_a-qs-z] part*)? | [0-9A-Z_a-np-z] part*)? | [0-9A-Z_a-oq-z] part*)? | "n" part+ | "s" part+ | [0-9A-Z_a-eg-lo-rt-z] part*)?
name-l ::= "l" ("a" ("m" ("b" ("d" ("a" part+ | [0-9A-Z_b-z] part*)? | [0-9A-Z_a-ce-z] part*)? | [0-9A-Z_ac-z] part*)? | [0-9A-Z_a-ln-z] part*)? | [0-9A-Z_b-z] part*)?
name-n ::= "n" ("o" ("n" ("l" ("o" ("c" ("a" ("l" part+ | [0-9A-Z_a-km-z] part*)? | [0-9A-Z_b-z] part*)? | [0-9A-Z_abd-z] part*)? | [0-9A-Z_a-np-z] part*)? | [0-9A-Z_a-km-z] part*)? | "t" part+ | [0-9A-Z_a-mo-su-z] part*)? | [0-9A-Z_a-np-z] part*)?
name-o ::= "o" ("r" part+ | [0-9A-Z_a-qs-z] part*)?
name-p ::= "p" ("a" ("s" ("s" part+ | [0-9A-Z_a-rt-z] part*)? | [0-9A-Z_a-rt-z] part*)? | [0-9A-Z_b-z] part*)?
name-r ::= "r" ("a" ("i" ("s" ("e" part+ | [0-9A-Z_a-df-z] part*)? | [0-9A-Z_a-rt-z] part*)? | [0-9A-Z_a-hj-z] part*)? | "e" ("t" ("u" ("r" ("n" part+ | [0-9A-Z_a-mo-z] part*)? | [0-9A-Z_a-qs-z] part*)? | [0-9A-Z_a-tv-z] part*)? | [0-9A-Z_a-su-z] part*)? | [0-9A-Z_b-df-z] part*)?
name-t ::= "t" ("r" ("y" part+ | [0-9A-Z_a-xz] part*)? | [0-9A-Z_a-qs-z] part*)?
name-w ::= "w" ("h" ("i" ("l" ("e" part+ | [0-9A-Z_a-df-z] part*)? | [0-9A-Z_a-km-z] part*)? | [0-9A-Z_a-hj-z] part*)? | "i" ("t" ("h" part+ | [0-9A-Z_a-gi-z] part*)? | [0-9A-Z_a-su-z] part*)? | [0-9A-Z_a-gj-z] part*)?
name-y ::= "y" ("i" ("e" ("l" ("d" part+ | [0-9A-Z_a-ce-z] part*)? | [0-9A-Z_a-km-z] part*)? | [0-9A-Z_a-df-z] part*)? | [0-9A-Z_a-hj-z] part*)?
`,
  },
  'python-literal': {
    gbnf: `# A Python literal as ast.literal_eval reads it: numbers, strings, bytes, tuples, lists, dicts, sets, None and booleans.
# On one line, with at most one space between tokens. Whether dict keys and set members are hashable is not checked.
root     ::= value
value    ::= number | strings | "None" | "True" | "False" | tuple | list | dict | set
tuple    ::= "()" | "(" value sp "," sp (value (sp "," sp value)* (sp ",")?)? ")"
list     ::= "[" (value (sp "," sp value)* (sp ",")?)? "]"
dict     ::= "{" (pair (sp "," sp pair)* (sp ",")?)? "}"
set      ::= "{" value (sp "," sp value)* (sp ",")? "}"
pair     ::= value sp ":" sp value
strings  ::= text (" " text)* | data (" " data)*
text     ::= [uU]? (["] ([^"\\\\\\n\\r\\x00] | escape)* ["] | ['] ([^'\\\\\\n\\r\\x00] | escape)* ['])
           | [rR] (["] ([^"\\\\\\n\\r\\x00] | "\\\\" [^\\n\\r\\x00])* ["] | ['] ([^'\\\\\\n\\r\\x00] | "\\\\" [^\\n\\r\\x00])* ['])
data     ::= [bB] (["] (byte | ['])* ["] | ['] (byte | ["])* ['])
byte     ::= [\\x20\\x21\\x23-\\x26\\x28-\\x5b\\x5d-\\x7e] | "\\\\" (simple | "x" hex{2})
escape   ::= "\\\\" (simple | "x" hex{2} | "u" hex{4} | "U000" hex{5} | "U0010" hex{4})
simple   ::= [abfnrtv\\\\'"] | [0-3]? [0-7]{1,2}
number   ::= [-+]? (imaginary | (float | integer) (" "? [-+] " "? imaginary)?)
imaginary ::= (float | digits) [jJ]
float    ::= (digits? "." digits | digits ".") exponent? | digits exponent
exponent ::= [eE] [-+]? digits
integer  ::= [1-9] ("_"? [0-9])* | "0" ("_"? "0")* | "0" ([xX] ("_"? hex)+ | [oO] ("_"? [0-7])+ | [bB] ("_"? [01])+)
digits   ::= [0-9] ("_"? [0-9])*
hex      ::= [0-9A-Fa-f]
sp       ::= " "?
`,
  },
  's-expression': {
    gbnf: `# One s-expression: lists, quotes, symbols, strings, integers and booleans, with line comments. Expressions in a list
# are set apart by white space or a comment, except that a list may follow at once.
root    ::= gap expr gap
expr    ::= list | symbol | string | integer | "#t" | "#f" | quote gap expr
list    ::= "(" gap (items gap)? ")"
items   ::= items sep expr | items gap list | expr
sep     ::= space gap | comment gap
quote   ::= "'" | "\`" | "," | ",@"
symbol  ::= initial [A-Za-z0-9!$%&*/:<=>?^_~+.@-]* | [-+] | "..."
initial ::= [A-Za-z!$%&*/:<=>?^_~]
integer ::= [-+]? [0-9]+
string  ::= "\\"" ([^"\\\\] | "\\\\" ["\\\\nt])* "\\""
gap     ::= (space | comment)*
space   ::= [ \\t\\n\\r]
comment ::= ";" [^\\n]* "\\n"
`,
  },
  semver: {
    gbnf: `# A version of Semantic Versioning 2.0.0. A numeric identifier has no leading zero; an alphanumeric one may.
root       ::= core ("-" prerelease)? ("+" build)?
core       ::= numeric "." numeric "." numeric
prerelease ::= label ("." label)*
label      ::= numeric | [0-9]* [A-Za-z-] [0-9A-Za-z-]*
build      ::= [0-9A-Za-z-]+ ("." [0-9A-Za-z-]+)*
numeric    ::= "0" | [1-9] [0-9]*
`,
  },
  'sql-select': {
    gbnf: `# One read-only SQL statement: SELECT with joins, conditions, grouping, ordering and a limit. Keywords in capitals, names in
# small letters; a reserved word in small letters is not told apart from a name.
root       ::= select ";"
select     ::= "SELECT " ("DISTINCT ")? columns " FROM " source join* where? group? order? limit?
columns    ::= "*" | column (", " column)*
column     ::= expr (" AS " name)? | name ".*"
source     ::= (name | "(" select ")") (" AS " name)?
join       ::= (" LEFT" | " RIGHT" | " INNER")? " JOIN " source " ON " condition
where      ::= " WHERE " condition
group      ::= " GROUP BY " expr (", " expr)* (" HAVING " condition)?
order      ::= " ORDER BY " sort (", " sort)*
sort       ::= expr (" ASC" | " DESC")?
limit      ::= " LIMIT " integer (" OFFSET " integer)?

condition  ::= condition " OR " conjunct | conjunct
conjunct   ::= conjunct " AND " predicate | predicate
predicate  ::= "NOT " predicate | comparison | "(" condition ")"
comparison ::= expr " " ("=" | "<>" | "<" | "<=" | ">" | ">=" | "LIKE") " " expr
             | expr " IS " ("NOT ")? "NULL"
             | expr (" NOT")? " IN (" (select | expr (", " expr)*) ")"
             | expr (" NOT")? " BETWEEN " expr " AND " expr

expr       ::= expr " " [-+] " " product | product
product    ::= product " " [*/] " " operand | operand
operand    ::= "-"? number | string | "NULL" | call | path | "(" expr ")"
call       ::= name "(" ("*" | ("DISTINCT ")? expr (", " expr)*)? ")"
path       ::= name ("." name)?
name       ::= [a-z_] [a-z0-9_]{0,62}
string     ::= "'" ([^'\\x00] | "''")* "'"
number     ::= integer ("." [0-9]+)?
integer    ::= "0" | [1-9] [0-9]*
`,
  },
  url: {
    gbnf: `# An absolute http or https URL (RFC 3986): host name or IPv4 address, port, path, query and fragment.
root     ::= ("http" | "https") "://" host (":" port)? path ("?" query)? ("#" query)?
host     ::= label ("." label)* "."?
label    ::= alnum ([A-Za-z0-9-]{0,61} alnum)?
alnum    ::= [A-Za-z0-9]
port     ::= [1-9] [0-9]{0,3} | [1-5] [0-9]{4} | "6" [0-4] [0-9]{3} | "65" [0-4] [0-9]{2} | "655" [0-2] [0-9] | "6553" [0-5]
path     ::= ("/" pchar*)*
query    ::= (pchar | [/?])*
pchar    ::= [A-Za-z0-9._~!$&'()*+,;=:@-] | "%" [0-9A-Fa-f]{2}
`,
  },
  xml: {
    gbnf: `# An XML 1.0 document without a document type: one element with attributes, text, CDATA, comments and instructions.
# That an end tag repeats its start tag's name, and that an element has no attribute twice, is beyond a context-free
# grammar: a document of this grammar has its tags nested well, but their names are not compared.
root      ::= ("<?xml" ws "version=\\"1.0\\"" (ws "encoding=\\"UTF-8\\"")? ws? "?>")? misc element misc
misc      ::= (ws | comment | pi)*
element   ::= "<" name (ws attribute)* ws? ("/>" | ">" content "</" name ws? ">")
attribute ::= name ws? "=" ws? ("\\"" ([^"<&\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff] | entity)* "\\"" | "'" ([^'<&\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff] | entity)* "'")
content   ::= text ((element | entity | cdata | comment | pi) text)*

# No text holds "]]>", no comment "--", no CDATA section "]]>", no instruction "?>".
text      ::= (plain | "]" plain | "]]" "]"* after)* "]"*
plain     ::= [^<&\\]\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff]
after     ::= [^<&\\]>\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff]
comment   ::= "<!--" ("-"? [^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff-])* "-->"
cdata     ::= "<![CDATA[" (char | "]" char | "]]" "]"* [^\\]>\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff])* "]"* "]]>"
char      ::= [^\\]\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff]
pi        ::= "<?" target (ws ([^?\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff] | "?"+ [^?>\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff])* "?"*)? "?>"

# Five entities are predefined; character references from 32 to 9999, or from 20 to CFFF.
entity    ::= "&" ("amp" | "lt" | "gt" | "quot" | "apos" | "#" decimal | "#x" hex) ";"
decimal   ::= "3" [2-9] | [4-9] [0-9] | [1-9] [0-9]{2,3}
hex       ::= [2-9A-Fa-f] [0-9A-Fa-f] | [1-9A-Fa-f] [0-9A-Fa-f]{2} | [1-9A-Ca-c] [0-9A-Fa-f]{3}

name      ::= ncname (":" ncname)?
ncname    ::= start part*
# Names are of letters that every edition of XML 1.0 has: Latin, Greek, Cyrillic, Hebrew, Arabic, kana, ideographs, Hangul.
start     ::= [A-Z_a-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u0131\\u0134-\\u013e\\u0141-\\u0148\\u014a-\\u017e\\u0388-\\u038a\\u038e-\\u03a1\\u03a3-\\u03ce]
            | [\\u0401-\\u040c\\u040e-\\u044f\\u05d0-\\u05ea\\u0621-\\u063a\\u3041-\\u3094\\u30a1-\\u30fa\\u4e00-\\u9fa5\\uac00-\\ud7a3]
part      ::= start | [-.0-9\\u00b7]
# An instruction's target is no "xml", in whatever case: it begins with another letter, or ends before or after.
target    ::= [A-WY-Z_a-wy-z] part* | [Xx] ([A-LN-Z_a-ln-z0-9.-] part* | [Mm] ([A-KM-Z_a-km-z0-9.-] part* | [Ll] part+)?)?
ws        ::= [ \\t\\n\\r]+
`,
  },
} as const satisfies { readonly [name in GrammarName]: object };
