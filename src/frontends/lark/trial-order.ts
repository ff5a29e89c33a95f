// The order in which Lark's lexer tries terminals: by priority, then the longer possible match, then the longer text.
import type { TokenAutomaton } from '../../automata/index.js';
import { type Pattern, widthOf } from './pattern/index.js';
import { characters, descending, type TerminalText } from './terminal-text.js';

export interface NamedTerminal {
  readonly name: string;
  readonly priority: number;
  readonly automaton: TokenAutomaton;
  readonly lazy: boolean;
  /** Of terminals of the lark dialect. */
  readonly text?: TerminalText;
  readonly pattern?: Pattern;
}

export function inOrderOfTrial(terminals: readonly NamedTerminal[]): NamedTerminal[] {
  const ranked = terminals.map((terminal) => ({
    terminal,
    width:
      terminal.text?.kind === 'string' ? characters(terminal.text.value) : widthOf(terminal.pattern!).max,
    length: characters(terminal.text!.value),
  }));
  ranked.sort(
    (a, b) =>
      b.terminal.priority - a.terminal.priority ||
      descending(a.width, b.width) ||
      b.length - a.length ||
      (a.terminal.name < b.terminal.name ? -1 : 1),
  );
  return ranked.map(({ terminal }) => terminal);
}
