// Terminals of the lark dialect as automata: what Python's `re` matches, with its order of trial.
import {
  type AutomatonLimits,
  DEFAULT_MAX_STATES,
  type Dfa,
  type DfaEdge,
  FREE,
  minimize,
  type TokenAutomaton,
} from '../../automata/index.js';
import { CompileError } from '../../errors.js';
import { type Node, regular } from '../../grammar/index.js';
import type { Definition } from './definitions.js';
import { orderedNfa, type PatternOptions, tokenAutomaton, widthOf } from './pattern/index.js';
import type { Expression, Position } from './syntax.js';
import { type TerminalText, TerminalTexts, toRegexp } from './terminal-text.js';

export class OrderedTerminals {
  readonly texts: TerminalTexts;
  readonly #definitions: ReadonlyMap<string, Definition>;
  readonly #maxStates: number;
  readonly #limits: AutomatonLimits;
  readonly #automata = new Map<string, TokenAutomaton>();

  constructor(
    definitions: ReadonlyMap<string, Definition>,
    options: Omit<PatternOptions, 'location'> & AutomatonLimits,
  ) {
    this.#definitions = definitions;
    this.texts = new TerminalTexts(definitions, options);
    this.#limits = options;
    this.#maxStates = options.maxStates ?? DEFAULT_MAX_STATES;
  }

  /** The texts that the terminal matches as a whole. */
  ofTerminal(name: string): Node {
    const { position } = this.#definitions.get(name)!;
    return regular(wholeMatches(this.automaton(this.texts.ofTerminal(name), position)));
  }

  of(expression: Expression & { readonly position?: Position }): Node {
    const position = expression.position ?? { line: 1, column: 1 };
    return regular(wholeMatches(this.automaton(this.texts.of(expression, position), position)));
  }

  /** @throws CompileError `invalid_grammar` when it matches nothing at all */
  automaton(text: TerminalText, position: Position): TokenAutomaton {
    const key = toRegexp(text);
    let automaton = this.#automata.get(key);
    if (!automaton) {
      const pattern = this.texts.pattern(text, position);
      if (widthOf(pattern).min === 0)
        throw new CompileError('invalid_grammar', 'a terminal must not match the empty text', {
          ...position,
          keyword: 'empty terminal',
        });
      automaton = tokenAutomaton(orderedNfa(pattern, this.#maxStates), this.#limits, { ...position });
      this.#automata.set(key, automaton);
    }
    return automaton;
  }
}

/** The texts that are matched to their end when nothing follows. */
export function wholeMatches(automaton: TokenAutomaton): Dfa {
  const { runCount, classCount, classOf, next, ends, endStart } = automaton;
  const edges: DfaEdge[][] = [];
  const accept = new Uint8Array(runCount);
  for (let run = 0; run < runCount; run++) {
    const shadows = ends.subarray(endStart[run], endStart[run + 1]);
    accept[run] = shadows.some((shadow) => shadow === FREE || holdsAtEnd(automaton, shadow)) ? 1 : 0;
    const list: DfaEdge[] = [];
    for (let byte = 0; byte < 256; byte++) {
      const to = next[run * classCount + classOf[byte]];
      const last = list.at(-1);
      if (to < 0) continue;
      if (last?.to === to && last.hi === byte - 1) list[list.length - 1] = { ...last, hi: byte };
      else list.push({ lo: byte, hi: byte, to });
    }
    edges.push(list);
  }
  return minimize({ edges, accept });
}

function holdsAtEnd({ holdsAtEnd, runCount }: TokenAutomaton, shadow: number): boolean {
  return holdsAtEnd[shadow - runCount] === 1;
}
