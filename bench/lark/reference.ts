// Asks an installed Lark (PyPI `lark`) for its verdicts. The interpreter is ESPALIER_LARK_PYTHON, by default python3.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const python = process.env.ESPALIER_LARK_PYTHON ?? 'python3';

export interface LarkRequest {
  /** `python`: the grammar of Python that comes with Lark. */
  readonly grammar: string;
  readonly parser?: 'earley' | 'lalr';
  readonly lexer?: string;
  readonly start?: string;
  readonly texts: readonly string[];
}

/** The text of python.lark, or undefined when no Lark is installed. */
export function pythonLark(): string | undefined {
  const found = run(['-c', 'import lark, os; print(os.path.dirname(lark.__file__))'], '');
  if (found === undefined) return undefined;
  return readFileSync(join(found.trim(), 'grammars', 'python.lark'), 'utf8');
}

/** The folder of Python's standard library. */
export function standardLibrary(): string | undefined {
  return run(['-c', 'import os; print(os.path.dirname(os.__file__))'], '')?.trim();
}

/** By text: whether Lark takes it; null where Lark fails itself. A string when Lark refuses the grammar. */
export function larkVerdicts(request: LarkRequest): readonly (boolean | null)[] | string {
  const output = run([join(here, 'lark_verdicts.py')], JSON.stringify(request));
  if (output === undefined) throw new Error(`${python} could not run lark_verdicts.py`);
  const { verdicts, error } = JSON.parse(output) as { verdicts?: (boolean | null)[]; error?: string };
  return verdicts ?? error ?? 'no answer';
}

function run(args: readonly string[], input: string): string | undefined {
  const done = spawnSync(python, args, { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  return done.status === 0 ? done.stdout : undefined;
}
