// `<|name|>`, `<[1,2-3]>`, `<[^1]>`, `<[*]>`: tokens of the vocabulary by what they are.
import { CompileError } from '../../errors.js';
import { type Node, token } from '../../grammar/index.js';
import type { Expression } from './syntax.js';

/** Ids that one reference may list. */
const MAX_IDS = 1_000_000;

/** @throws CompileError `invalid_grammar` */
export function specialToken({ text, position }: Expression & { kind: 'special' }): Node {
  const invalid = (message: string) => new CompileError('invalid_grammar', message, { ...position });
  const numeric = /^\[(\^?)(.*)\]$/.exec(text);
  if (!numeric) return token({ except: false, tokens: [`<${text}>`] });
  const [, caret, list] = numeric;
  if (list === '*') {
    if (caret) throw invalid('this token reference allows no token');
    return token({ except: true, tokens: [] });
  }
  const ids = new Set<number>();
  for (const range of list.split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(range);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (!match || last < first || ids.size + last - first > MAX_IDS)
      throw invalid(`'${range}' is no range of token ids`);
    for (let id = first; id <= last; id++) ids.add(id);
  }
  return token({ except: caret === '^', tokens: [...ids].sort((a, b) => a - b) });
}
