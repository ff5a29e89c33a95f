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
  sequence,
  sequenceOf,
  textWithout,
  writtenText,
} from '../../grammar/index.js';
import type { ReasoningConstraintOptions, ReasoningMarks } from './format.js';

/** White space that may stand between the thinking and what follows. */
const MAX_SPACE = 8;

export function behindReasoning(
  marks: ReasoningMarks,
  grammar: Grammar,
  options: ReasoningConstraintOptions,
): Grammar {
  const {
    isOpen = marks.isOpen ?? false,
    isOver = false,
    isCalls = false,
    orCalls,
    specialTokens = [],
  } = options;
  const builder = new GrammarBuilder();
  const written = (text = '') => writtenText(text, specialTokens);
  const space = repeat(choiceOf([' ', '\n', '\r', '\t'].map((blank) => bytes(blank))), 0, MAX_SPACE);
  // Readers see text: an end that is spelled ends the thinking for them even where the mark is a special token.
  const free = regular(textWithout(marks.end));
  const thinking = sequenceOf([free, choiceOf(marks.end.map(written)), space, written(marks.between)]);
  const before = isOpen ? thinking : optional(sequenceOf([space, written(marks.start[0]), thinking]));
  const answer = sequence(isCalls ? written() : written(marks.answerOpen), mergeInto(builder, grammar));
  const after = orCalls ? choiceOf([answer, mergeInto(builder, orCalls)]) : answer;
  return builder.build(isOver ? after : sequence(before, after));
}
