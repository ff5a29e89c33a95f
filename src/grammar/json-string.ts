// A grammar whose sentences stand inside a JSON string: every lexeme is spelled as JSON.stringify writes it there.
// Used where a text that a grammar describes is an argument of a call.
import { codePointsDfa, type Dfa, literalDfa, stringifiedDfa } from '../automata/index.js';
import { CompileError } from '../errors.js';
import { regular } from './builder.js';
import type { Grammar, Node, RegisterOp } from './ir.js';
import { mapSubnodes } from './subnodes.js';

/** These ask what was read, and would ask it of the spelling. */
const READING: ReadonlySet<RegisterOp['kind']> = new Set(['begin', 'distinct', 'known', 'capture', 'verify']);

/**
 * The grammar of what stands between the quotes. Its lexemes must be UTF-8. Linear in the grammar.
 * @throws CompileError `unsupported_keyword` for a token by its name, and for checks of what was read
 */
export function insideJsonString(grammar: Grammar): Grammar {
  const spelled = new Map<Node, Node>();
  const spell = (node: Node): Node => {
    const known = spelled.get(node);
    if (known) return known;
    const changed = spelledNode(node, spell);
    spelled.set(node, changed);
    return changed;
  };
  return {
    rules: grammar.rules.map((rule) => ({ ...rule, body: spell(rule.body) })),
    start: spell(grammar.start),
  };
}

function spelledNode(node: Node, spell: (inner: Node) => Node): Node {
  switch (node.kind) {
    case 'bytes':
      return spelledLexeme(literalDfa(node.bytes));
    case 'regular':
      return spelledLexeme(node.dfa);
    case 'token':
      throw unfit('a token by its name');
    case 'op':
      if (READING.has(node.op.kind)) throw unfit('a check of what was read');
      return node;
    default:
      return mapSubnodes(node, spell);
  }
}

function spelledLexeme(dfa: Dfa): Node {
  return regular(stringifiedDfa(codePointsDfa(dfa)));
}

function unfit(what: string): CompileError {
  return new CompileError('unsupported_keyword', `${what} cannot stand inside a JSON string`);
}
