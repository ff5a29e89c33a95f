// The grammar of arguments that are one text under a grammar of its own: a JSON object whose one string is a sentence of it.
import { CompileError } from '../../errors.js';
import { larkGrammar } from '../../frontends/lark/index.js';
import {
  bytes,
  type GrammarBuilder,
  insideJsonString,
  mergeInto,
  type Node,
  optional,
  sequence,
} from '../../grammar/index.js';
import type { ArgumentsForm } from '../declaration.js';
import type { InputGrammar } from '../format.js';

/**
 * Of the characters alone: what Lark's lexers would leave out is not left out.
 * @throws CompileError for a grammar that cannot be kept, and where the format's arguments are no JSON
 */
export function inputNode(builder: GrammarBuilder, form: ArgumentsForm, input: InputGrammar): Node {
  if (form.form !== 'json')
    throw new CompileError(
      'unsupported_keyword',
      "a grammar of the input needs a format whose arguments are JSON, which the model's is not",
    );
  const { grammar, lexer } = larkGrammar(input.lark, { lexer: 'dynamic_complete' });
  if (lexer)
    throw new CompileError(
      'unsupported_keyword',
      '%ignore and %declare need a lexer, which a grammar of the input cannot have: write white space where it may stand',
      { keyword: 'lexer' },
    );
  const open = sequence(bytes(`{${JSON.stringify(input.argument)}:`), optional(bytes(' ')), bytes('"'));
  return sequence(open, mergeInto(builder, insideJsonString(grammar)), bytes('"}'));
}
