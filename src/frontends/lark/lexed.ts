// Lark with a lexer: the rules become a grammar over terminals, the terminals automata in the order in which a lexer tries
// them. What terminals are called and how long their texts are decides that order, so both are as Lark has them.
import {
  type Dfa,
  type Indentation,
  type LexedGrammar,
  LexerMode,
  MAX_RAW_SYMBOLS,
  MAX_SYMBOLS,
  symbolBytes,
  type TokenAutomaton,
  withoutEmpty,
} from '../../automata/index.js';
import { CompileError, LimitError } from '../../errors.js';
import {
  bytes,
  choice,
  EMPTY,
  type Grammar,
  GrammarBuilder,
  mergeInto,
  type Node,
  sequence,
} from '../../grammar/index.js';
import { lexemeDfa } from './attributes.js';
import type { Definition, Definitions } from './definitions.js';
import { bracketBalance, type ResolvedIndenter, resolveIndenter } from './indentation.js';
import { schemaGrammar } from './json-part.js';
import { keywordsOf } from './keywords.js';
import { LiteralNames } from './literal-names.js';
import type { LarkLexer, ResolvedOptions } from './options.js';
import { OrderedTerminals, wholeMatches } from './ordered-terminals.js';
import { automatonOfLanguage, automatonOfWords } from './pattern/index.js';
import { PlainTerminals } from './plain-terminals.js';
import { dfaOf } from './regular.js';
import { type Leaf, type Leaves, RuleLowering } from './rules.js';
import { specialToken } from './special-tokens.js';
import type { Position } from './syntax.js';
import type { TerminalText } from './terminal-text.js';
import { inOrderOfTrial, type NamedTerminal } from './trial-order.js';

type Reference = Node & { kind: 'reference' };

export interface LexedResult {
  /** Over symbols, spelt as {@link symbolBytes} says. */
  readonly grammar: Grammar;
  readonly lexer: Omit<LexedGrammar, 'parser'>;
}

/** @throws CompileError and LimitError as the front end's door says */
export function lexedGrammar(
  definitions: Definitions,
  options: ResolvedOptions,
  lexer: LarkLexer,
): LexedResult {
  return new LexedLowering(definitions, options, lexer).run();
}

class LexedLowering implements Leaves {
  readonly #definitions: Definitions;
  readonly #options: ResolvedOptions;
  readonly #lexer: LarkLexer;
  readonly #builder = new GrammarBuilder();
  readonly #ordered: OrderedTerminals;
  readonly #plain: PlainTerminals;
  readonly #terminals = new Map<string, NamedTerminal>();
  /** The rules that stand for symbols; defined when all are known and numbered. */
  readonly #references = new Map<string, Reference>();
  readonly #nullable = new Set<string>();
  #names: LiteralNames | undefined;
  readonly #raw: { readonly begin: Reference; readonly end: Reference }[] = [];

  constructor(definitions: Definitions, options: ResolvedOptions, lexer: LarkLexer) {
    this.#definitions = definitions;
    this.#options = options;
    this.#lexer = lexer;
    this.#ordered = new OrderedTerminals(definitions.byName, options.patterns);
    this.#plain = new PlainTerminals(definitions.byName, options.patterns);
  }

  run(): LexedResult {
    const indenter = resolveIndenter(this.#definitions, this.#options.indenter);
    const rules = new RuleLowering(this.#builder, this.#definitions.byName, this, this.#options);
    const start = rules.start(this.#options.root, { line: 1, column: 1 });
    const ignored = this.#definitions.ignored.map((name) => this.#ignore(name));
    if (indenter) this.#use(indenter.newline);
    const all = [...this.#terminals.values()];
    const terminals = this.#isPlain ? all : inOrderOfTrial(all);
    const numbers = new Map(terminals.map(({ name }, i) => [name, i]));
    if (indenter) for (const name of [indenter.indent, indenter.dedent]) numbers.set(name, numbers.size);
    const raw = this.#raw.length > 0 ? { begin: numbers.size, end: numbers.size + 1 } : undefined;
    const symbolCount = numbers.size + (raw ? 2 : 0);
    const most = raw ? MAX_RAW_SYMBOLS : MAX_SYMBOLS;
    if (symbolCount > most) throw new LimitError('MAX_SYMBOLS', most, 'the grammar has too many terminals');
    this.#defineSymbols(numbers, symbolCount, raw);
    return {
      grammar: this.#builder.build(start),
      lexer: {
        mode: LexerMode[this.#lexer === 'dynamic_complete' ? 'dynamic' : this.#lexer],
        terminals: terminals.map(({ automaton }) => automaton),
        symbolCount,
        initialSkip: this.#options.initialSkip,
        ignored: [...new Set(ignored.map((name) => numbers.get(name)!))],
        keywords: this.#hasKeywords ? keywordsOf(terminals) : [],
        lazy: Uint8Array.from(terminals, ({ lazy }) => (lazy ? 1 : 0)),
        ...(indenter ? { indentation: numbered(indenter, numbers, terminals) } : {}),
        ...(raw ? { raw } : {}),
      },
    };
  }

  terminal(name: string, position: Position): Node {
    const { body } = this.#definitions.byName.get(name)!;
    if (body) this.#use(name);
    else if (!this.#isIndentation(name))
      throw new CompileError(
        'unsupported_keyword',
        `terminal '${name}' is declared only; nothing supplies it`,
        {
          ...position,
          keyword: '%declare',
        },
      );
    return this.#reference(name);
  }

  leaf(expression: Leaf): Node {
    switch (expression.kind) {
      case 'special':
        return specialToken(expression);
      case 'json': {
        const [begin, end] = [this.#builder.declare('%raw'), this.#builder.declare('%end')];
        this.#raw.push({ begin, end });
        const schema = mergeInto(this.#builder, schemaGrammar(expression, this.#options.json));
        return sequence(begin, schema, end);
      }
      case 'nested':
      case 'grammar':
        throw new CompileError(
          'unsupported_keyword',
          "grammars inside grammars need lexer 'dynamic_complete', for they have terminals of their own",
          { ...expression.position, keyword: expression.kind === 'nested' ? '%lark' : `@${expression.name}` },
        );
      default:
        return this.#literal(expression);
    }
  }

  lexeme(rule: Definition): Node {
    const dfa = lexemeDfa(rule, this.#plain, this.#options.patterns);
    return this.#plainTerminal(
      rule.name,
      dfa,
      dfa.edges.every((edges, s) => !dfa.accept[s] || edges.length === 0),
    );
  }

  get #isPlain(): boolean {
    return this.#options.dialect !== 'lark';
  }

  /** Whether a terminal may end wherever it matches. */
  get #isComplete(): boolean {
    return this.#lexer === 'dynamic_complete';
  }

  get #hasKeywords(): boolean {
    return this.#lexer === 'basic' || this.#lexer === 'contextual';
  }

  #isIndentation(name: string): boolean {
    const indenter = resolveIndenter(this.#definitions, this.#options.indenter);
    return name === indenter?.indent || name === indenter?.dedent;
  }

  #reference(name: string): Reference {
    const known = this.#references.get(name);
    if (known) return known;
    const reference = this.#builder.declare(name);
    this.#references.set(name, reference);
    return reference;
  }

  #use(name: string): void {
    if (this.#terminals.has(name)) return;
    const { position, priority } = this.#definitions.byName.get(name)!;
    if (this.#isPlain) {
      this.#plainTerminal(name, dfaOf(this.#plain.ofTerminal(name), this.#options.patterns), false);
      return;
    }
    this.#addOrdered(name, this.#ordered.texts.ofTerminal(name), priority, position, this.#isComplete);
  }

  /** The name under which the ignored terminal is kept: what is ignored has one match, also where others have all. */
  #ignore(name: string): string {
    if (!this.#isComplete) {
      this.#use(name);
      return name;
    }
    const { position, priority } = this.#definitions.byName.get(name)!;
    const own = `%ignore ${name}`;
    if (!this.#terminals.has(own))
      this.#addOrdered(own, this.#ordered.texts.ofTerminal(name), priority, position, false);
    return own;
  }

  #addOrdered(
    name: string,
    text: TerminalText,
    priority: number,
    position: Position,
    complete: boolean,
  ): void {
    const pattern = this.#ordered.texts.pattern(text, position);
    const first = this.#ordered.automaton(text, position);
    const automaton = complete ? automatonOfWords(wholeMatches(first)) : first;
    this.#terminals.set(name, { name, text, pattern, priority, automaton, lazy: false });
  }

  #literal(expression: Exclude<Leaf, { kind: 'special' | 'json' | 'nested' | 'grammar' }>): Node {
    if (this.#isPlain) {
      const { position: _, ...written } = expression;
      return this.#plainTerminal(JSON.stringify(written), this.#plain.dfa(expression), false);
    }
    const { position } = expression;
    const text = this.#ordered.texts.of(expression, position);
    this.#names ??= new LiteralNames(this.#definitions.byName, this.#ordered.texts);
    const name = this.#names.of(text);
    if (this.#definitions.byName.has(name)) this.#use(name);
    else if (!this.#terminals.has(name)) this.#addOrdered(name, text, 0, position, this.#isComplete);
    return this.#reference(name);
  }

  #plainTerminal(name: string, dfa: Dfa, lazy: boolean): Node {
    if (!this.#terminals.has(name)) {
      if (dfa.accept[0]) this.#nullable.add(name);
      const automaton: TokenAutomaton = automatonOfLanguage(withoutEmpty(dfa));
      this.#terminals.set(name, { name, priority: 0, automaton, lazy });
    }
    return this.#reference(name);
  }

  #defineSymbols(
    numbers: ReadonlyMap<string, number>,
    symbolCount: number,
    raw: { readonly begin: number; readonly end: number } | undefined,
  ): void {
    const spelt = (symbol: number) =>
      bytes(Uint8Array.from(symbolBytes(symbol, symbolCount, raw !== undefined)));
    for (const [name, reference] of this.#references) {
      const node = spelt(numbers.get(name)!);
      this.#builder.define(reference, this.#nullable.has(name) ? choice(node, EMPTY) : node);
    }
    for (const { begin, end } of this.#raw) {
      this.#builder.define(begin, spelt(raw!.begin));
      this.#builder.define(end, spelt(raw!.end));
    }
  }
}

/** Brackets that the grammar does not have are left out. */
function numbered(
  { newline, indent, dedent, tabLength, open, close }: ResolvedIndenter,
  numbers: ReadonlyMap<string, number>,
  terminals: readonly NamedTerminal[],
): Indentation {
  const chosen = (names: readonly string[] | undefined, balance: number) =>
    terminals.flatMap(({ name, text }, id) => {
      const isBracket = names
        ? names.includes(name)
        : text?.kind === 'string' && bracketBalance(text.value) === balance;
      return isBracket ? [id] : [];
    });
  const [n, i, d] = [newline, indent, dedent].map((name) => numbers.get(name)!);
  return { newline: n, indent: i, dedent: d, tabLength, open: chosen(open, 1), close: chosen(close, -1) };
}
