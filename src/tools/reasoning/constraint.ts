// A constraint that begins behind a model's thinking: the thinking is any text without its end mark.

import {
  bytes,
  choiceOf,
  type Grammar,
  GrammarBuilder,
  mergeInto,
  optional,
  regular,
  repeat,
  sequenceOf,
  textWithout,
} from '../../grammar/index.js';
import type { ReasoningMarks, ReasoningOptions } from './format.js';

/** White space that may stand between the thinking and what follows. */
const MAX_SPACE = 8;

export function behindReasoning(
  marks: ReasoningMarks,
  grammar: Grammar,
  { isOpen = marks.isOpen ?? false, isCalls = false }: ReasoningOptions & { readonly isCalls?: boolean },
): Grammar {
  const builder = new GrammarBuilder();
  const space = repeat(choiceOf([' ', '\n', '\r', '\t'].map((blank) => bytes(blank))), 0, MAX_SPACE);
  const open = bytes((isCalls ? marks.callsOpen : marks.answerOpen) ?? '');
  const thinking = sequenceOf([
    regular(textWithout(marks.end)),
    choiceOf(marks.end.map((mark) => bytes(mark))),
    space,
    open,
  ]);
  const [start] = marks.start;
  const before = isOpen ? thinking : optional(sequenceOf([space, bytes(start), thinking]));
  return builder.build(sequenceOf([before, mergeInto(builder, grammar)]));
}
