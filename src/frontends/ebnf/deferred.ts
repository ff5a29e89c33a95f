// Constructs that need the language of a part as an automaton: `A - B`, lazy rules, limits on characters. Their parts
// refer to rules whose bodies are known only when all are lowered, so each becomes a rule whose body is written last.
import type { AutomatonLimits, Dfa } from '../../automata/index.js';
import { CompileError } from '../../errors.js';
import { type GrammarBuilder, type Node, type RuleId, regularLanguage } from '../../grammar/index.js';
import type { Position } from './syntax.js';

interface Deferred {
  readonly construct: string;
  readonly position: Position;
  readonly write: (languageOf: (node: Node) => Dfa) => Node;
  state: 'waiting' | 'busy';
}

export class DeferredRules {
  readonly #builder: GrammarBuilder;
  readonly #limits: AutomatonLimits;
  readonly #deferred = new Map<RuleId, Deferred>();

  constructor(builder: GrammarBuilder, limits: AutomatonLimits) {
    this.#builder = builder;
    this.#limits = limits;
  }

  /** A rule that `write` writes when all are defined; it may ask for the languages of nodes. */
  later(construct: string, position: Position, write: Deferred['write']): Node {
    const reference = this.#builder.declare(construct, { ...position });
    this.#deferred.set(reference.rule, { construct, position, write, state: 'waiting' });
    return reference;
  }

  /**
   * Writes what was put off.
   * @throws CompileError `unsupported_keyword` where a part is not regular or depends on itself
   */
  settle(): void {
    for (const rule of this.#deferred.keys()) this.#bodyOf(rule);
  }

  #bodyOf(rule: RuleId): Node {
    const known = this.#builder.bodyOf(rule);
    if (known) return known;
    const deferred = this.#deferred.get(rule)!;
    const { construct, position } = deferred;
    const refuse = (why: string) => {
      const message = `${construct} is supported where what it is about is regular; here ${why}`;
      return new CompileError('unsupported_keyword', message, { ...position, keyword: construct });
    };
    if (deferred.state === 'busy') throw refuse('it depends on itself');
    deferred.state = 'busy';
    const body = deferred.write((node) => {
      const dfa = regularLanguage(node, (next) => this.#bodyOf(next), this.#limits);
      if (!dfa) throw refuse('a rule refers to itself other than in last place, or tokens are named');
      return dfa;
    });
    this.#builder.define({ rule }, body);
    return body;
  }
}
