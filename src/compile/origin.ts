// What explaining a compiled grammar starts from: its source, read again when somebody asks, with its rules left as they are.
import type { GrammarOrigin } from '../explain/index.js';
import { frontEnd } from './parts.js';
import type { CompileOptions, UncompiledSource } from './source.js';

/** Options under which a front end leaves the author's rules as they are. */
const UNMERGED = { maxLexemeStates: 0, maxInlinedStates: 0, maxLiteralBytes: 0, maxMergeWork: 0 };

/** `isBytes`: the rules are over bytes, not over the terminals of a lexer. */
export function originOf(
  source: () => UncompiledSource,
  kind: GrammarOrigin['kind'],
  options: CompileOptions,
  isBytes: boolean,
): GrammarOrigin {
  return {
    kind,
    isBytes,
    get text() {
      const from = source();
      return 'lark' in from ? from.lark : undefined;
    },
    get schema() {
      const from = source();
      return 'schema' in from ? from.schema : undefined;
    },
    grammar: () => frontEnd(source(), { ...options, ...UNMERGED }).grammar,
    limits: options,
  };
}
