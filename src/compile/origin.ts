// What explaining a compiled grammar starts from: its source, read again when somebody asks, with its rules left as they are.
import type { GrammarOrigin } from '../explain/index.js';
import type { Grammar } from '../grammar/index.js';
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
  return new SourceOrigin(source, kind, options, isBytes);
}

class SourceOrigin implements GrammarOrigin {
  readonly kind: GrammarOrigin['kind'];
  readonly isBytes: boolean;
  readonly limits: CompileOptions;
  readonly #source: () => UncompiledSource;

  constructor(
    source: () => UncompiledSource,
    kind: GrammarOrigin['kind'],
    options: CompileOptions,
    isBytes: boolean,
  ) {
    this.#source = source;
    this.kind = kind;
    this.limits = options;
    this.isBytes = isBytes;
  }

  get text(): string | undefined {
    const from = this.#source();
    return 'lark' in from ? from.lark : undefined;
  }

  get schema(): unknown {
    const from = this.#source();
    return 'schema' in from ? from.schema : undefined;
  }

  grammar(): Grammar {
    return frontEnd(this.#source(), { ...this.limits, ...UNMERGED }).grammar;
  }
}
