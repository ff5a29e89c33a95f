// A grammar as text, in the manner of GBNF: what passes did to it, for people, tests and logs.
import type { Dfa } from '../automata/index.js';
import type { Grammar, Node, RegisterOp, TokenSet } from './ir.js';
import { lexemeText } from './lexeme-text.js';

/**
 * One line a rule, the start last as `start ::= …`. Lexemes print as a literal or a class where they are one, as a regular expression between slashes where one of readable length is found, else by their automaton's size. Rules of one name are told apart by their ids: `name#3`.
 */
export function printGrammar(grammar: Grammar): string {
  const names = ruleNames(grammar);
  const lines = grammar.rules.map(({ body }, rule) => `${names[rule]} ::= ${printNode(body, names)}`);
  return `${[...lines, `start ::= ${printNode(grammar.start, names)}`].join('\n')}\n`;
}

/** One node, given the names of rules by id. */
export function printNode(node: Node, names: readonly string[]): string {
  switch (node.kind) {
    case 'empty':
      return '""';
    case 'never':
      return 'never';
    case 'bytes':
      return printLiteral(node.bytes);
    case 'regular':
      return printDfa(node.dfa);
    case 'sequence':
      return node.items.map((item) => grouped(item, names, 'choice')).join(' ');
    case 'choice':
      return printChoice(node.options, names);
    case 'repeat':
      return grouped(node.item, names, 'choice', 'sequence', 'repeat') + printCount(node.min, node.max);
    case 'reference':
      return names[node.rule];
    case 'scope':
      return `{ ${printNode(node.body, names)} }`;
    case 'op':
      return printOp(node.op);
    case 'token':
      return printTokens(node.tokens);
  }
}

function printOp(op: RegisterOp): string {
  const { kind, ...operands } = op;
  return `@${kind}(${Object.values(operands).join()})`;
}

/** A set of tokens as the extended GBNF writes it. */
export function printTokens({ except, tokens }: TokenSet): string {
  return `${except ? '!' : ''}<${tokens.map((one) => JSON.stringify(one)).join(' ')}>`;
}

/** What rules are called in print, by id: their names, told apart where several have one. */
export function ruleNames({ rules }: Grammar): string[] {
  const uses = new Map<string, number>();
  for (const { name } of rules) uses.set(name, (uses.get(name) ?? 0) + 1);
  return rules.map(({ name }, rule) => (uses.get(name) === 1 && name !== 'start' ? name : `${name}#${rule}`));
}

function grouped(node: Node, names: readonly string[], ...kinds: Node['kind'][]): string {
  const text = printNode(node, names);
  return kinds.includes(printedKind(node)) ? `(${text})` : text;
}

/** A choice that may be empty is written with a quantifier. */
function printedKind(node: Node): Node['kind'] {
  return node.kind === 'choice' && node.options.at(-1)?.kind === 'empty' ? 'repeat' : node.kind;
}

function printCount(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
  return min === max ? `{${min}}` : `{${min},${max}}`;
}

function printDfa(dfa: Dfa): string {
  const word = onlyWord(dfa);
  if (word) return printLiteral(word);
  const text = lexemeText(dfa);
  if (text !== undefined) return ONE_CLASS.test(text) ? text : `/${text}/`;
  const { edges } = dfa;
  const count = edges.reduce((sum, state) => sum + state.length, 0);
  return `<lexeme: ${edges.length} states, ${count} ${count === 1 ? 'edge' : 'edges'}>`;
}

/** The word of a lexeme that has no other. */
function onlyWord({ edges, accept }: Dfa): Uint8Array | undefined {
  const isWord = edges.every((list, state) =>
    state === edges.length - 1
      ? list.length === 0
      : !accept[state] && list.length === 1 && list[0].lo === list[0].hi && list[0].to === state + 1,
  );
  return isWord ? Uint8Array.from(edges.slice(0, -1), ([{ lo }]) => lo) : undefined;
}

/** One character out of several: GBNF writes it without slashes. */
const ONE_CLASS = /^\[(\\.|[^\]\\])*\]$/su;

function printChoice(options: readonly Node[], names: readonly string[]): string {
  const last = options[options.length - 1];
  const others = last.kind === 'empty' ? options.slice(0, -1) : options;
  const text = others.map((option) => printNode(option, names)).join(' | ');
  if (others === options) return text;
  const [only] = others;
  const isOne = others.length === 1 && only.kind !== 'sequence' && only.kind !== 'repeat';
  return `${isOne ? text : `(${text})`}?`;
}

/** A literal as text where it is UTF-8, by its bytes where it is not. */
function printLiteral(bytes: Uint8Array): string {
  const escaped = (character: string) => ESCAPES[character] ?? printByte(character.charCodeAt(0));
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return `"${text.replace(/["\\\p{Cc}]/gu, escaped)}"`;
  } catch {
    return `"${[...bytes].map((byte) => (byte < 0x80 ? String.fromCharCode(byte).replace(/["\\\p{Cc}]/gu, escaped) : printByte(byte))).join('')}"`;
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function printByte(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}
