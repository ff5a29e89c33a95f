// Lark without a lexer: terminals are parts of the grammar like any others and may end wherever they match, with what is
// ignored after each of them. This is Lark's `dynamic_complete`, and how xgrammar reads its dialect.
import { CompileError } from '../../errors.js';
import {
  choiceOf,
  EMPTY,
  type Grammar,
  GrammarBuilder,
  mergeInto,
  type Node,
  regular,
  repeat,
  sequence,
} from '../../grammar/index.js';
import { lexemeDfa } from './attributes.js';
import { type Definition, type Definitions, load } from './definitions.js';
import { schemaGrammar } from './json-part.js';
import type { ResolvedOptions } from './options.js';
import { OrderedTerminals } from './ordered-terminals.js';
import { PlainTerminals } from './plain-terminals.js';
import { type Leaf, type Leaves, RuleLowering } from './rules.js';
import { specialToken } from './special-tokens.js';
import { checkTemplates, refuseUndefined, undefinedSymbols } from './symbols.js';
import type { Expression, Position } from './syntax.js';
import { checkTerminalSizes } from './terminal-size.js';

/** Grammars inside grammars. */
const MAX_NESTED = 10;

/** The grammar of all texts that `root` matches. */
export function scannerlessGrammar(definitions: Definitions, options: ResolvedOptions): Grammar {
  const builder = new GrammarBuilder();
  return builder.build(lowerInto(builder, definitions, options, 0));
}

function lowerInto(
  builder: GrammarBuilder,
  definitions: Definitions,
  options: ResolvedOptions,
  depth: number,
): Node {
  const leaves = new ScannerlessLeaves(builder, definitions, options, depth);
  const rules = new RuleLowering(builder, definitions.byName, leaves, options);
  const start = rules.start(options.root, { line: 1, column: 1 });
  return options.initialSkip ? sequence(leaves.skip, start) : start;
}

class ScannerlessLeaves implements Leaves {
  /** What may stand behind any terminal. */
  readonly skip: Node;
  readonly #builder: GrammarBuilder;
  readonly #options: ResolvedOptions;
  readonly #depth: number;
  readonly #plain: PlainTerminals;
  readonly #ordered: OrderedTerminals;
  readonly #terminals = new Map<string, Node>();

  constructor(builder: GrammarBuilder, definitions: Definitions, options: ResolvedOptions, depth: number) {
    this.#builder = builder;
    this.#options = options;
    this.#depth = depth;
    this.#plain = new PlainTerminals(definitions.byName, options.patterns);
    this.#ordered = new OrderedTerminals(definitions.byName, options.patterns);
    const ignored = definitions.ignored.map((name) => this.#matched(name));
    this.skip =
      ignored.length === 0
        ? EMPTY
        : builder.rule('%ignore', repeat(choiceOf(ignored), 0, Number.POSITIVE_INFINITY));
  }

  terminal(name: string): Node {
    const known = this.#terminals.get(name);
    if (known) return known;
    const node = this.#builder.rule(name, sequence(this.#matched(name), this.skip));
    this.#terminals.set(name, node);
    return node;
  }

  leaf(expression: Leaf): Node {
    switch (expression.kind) {
      case 'special':
        return sequence(specialToken(expression), this.skip);
      case 'json':
        return sequence(mergeInto(this.#builder, schemaGrammar(expression, this.#options.json)), this.skip);
      case 'nested':
        return sequence(this.#nested(expression), this.skip);
      case 'grammar':
        return sequence(this.#named(expression), this.skip);
      default:
        return sequence(this.#literal(expression), this.skip);
    }
  }

  lexeme(rule: Definition): Node {
    return sequence(regular(lexemeDfa(rule, this.#plain, this.#options.patterns)), this.skip);
  }

  #matched(name: string): Node {
    return this.#options.dialect === 'lark' ? this.#ordered.ofTerminal(name) : this.#plain.ofTerminal(name);
  }

  #literal(expression: Exclude<Leaf, { kind: 'special' | 'json' | 'nested' | 'grammar' }>): Node {
    return this.#options.dialect === 'lark' ? this.#ordered.of(expression) : this.#plain.of(expression);
  }

  #nested({ statements, position }: Expression & { kind: 'nested' }): Node {
    return this.#inner(load(statements, this.#options), position);
  }

  #named({ name, position }: Expression & { kind: 'grammar' }): Node {
    const supplied = this.#options.grammars[name];
    if (supplied === undefined)
      throw new CompileError('unresolved_reference', `there is no grammar '@${name}'`, {
        ...position,
        keyword: `@${name}`,
      });
    if (typeof supplied !== 'string')
      throw new CompileError('invalid_grammar', `the grammar '@${name}' is no text`, { ...position });
    return this.#inner(this.#options.parse(supplied), position);
  }

  #inner(definitions: Definitions, position: Position): Node {
    if (this.#depth >= MAX_NESTED)
      throw new CompileError('invalid_grammar', 'grammars inside grammars go round in circles', {
        ...position,
      });
    checkTemplates(definitions);
    refuseUndefined(undefinedSymbols(definitions));
    checkTerminalSizes(definitions.byName);
    const options = this.#options.inside(definitions);
    if (!definitions.byName.has('start'))
      throw new CompileError('invalid_grammar', "the inner grammar has no rule 'start'", { ...position });
    return lowerInto(this.#builder, definitions, { ...options, root: 'start' }, this.#depth + 1);
  }
}
