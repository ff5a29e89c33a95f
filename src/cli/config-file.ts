// A YAML file that gives flags: their names without dashes, `_` for `-` where one likes, and their values.
import { readFileSync } from 'node:fs';
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { UsageError } from './command.js';

/** What node's parseArgs is told of a flag. */
export interface Flag {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
}

type Value = string | boolean | string[];

/**
 * The values of the flags that the file gives, as parseArgs would give them.
 * @throws UsageError naming the file and the line: not YAML, no map, an unknown or repeated name, a value that the flag cannot have
 */
export function readConfigFile(
  path: string,
  flags: Readonly<Record<string, Flag>>,
): Readonly<Record<string, Value>> {
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(path, 'utf8'), { lineCounter: lines });
  const fail = (offset: number, what: string): never => {
    throw new UsageError(`${path}:${lines.linePos(offset).line}: ${what}`);
  };
  const [fault] = document.errors;
  if (fault) fail(fault.pos[0], (fault.message.split('\n')[0] ?? '').replace(/ at line \d+.*$/, ''));
  const { contents } = document;
  if (contents === null) return {};
  if (!isMap(contents)) return fail(contents.range?.[0] ?? 0, 'the file must be a map of flags to values');
  const values = new Map<string, Value>();
  for (const { key, value } of contents.items) {
    const at = (key as Node).range?.[0] ?? 0;
    const name = isScalar(key) ? String(key.value).replaceAll('_', '-') : '';
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (!flag)
      return fail(at, `there is no flag '${isScalar(key) ? String(key.value) : 'of several parts'}'`);
    if (values.has(name)) fail(at, `'${name}' is given twice`);
    values.set(name, flagValue(value as Node | null, flag) ?? fail(at, `'${name}' must be ${need(flag)}`));
  }
  return Object.fromEntries(values);
}

function flagValue(node: Node | null, { type, multiple }: Flag): Value | undefined {
  if (type === 'boolean') return isScalar(node) && typeof node.value === 'boolean' ? node.value : undefined;
  const text = textOf(node);
  if (!multiple) return text;
  if (text !== undefined) return [text];
  const texts = isSeq(node) ? node.items.map((item) => textOf(item as Node)) : [undefined];
  return texts.every((one) => one !== undefined) ? texts : undefined;
}

/** Numbers as they are written, so that `0x10` and `1e3` mean what they would on the command line. */
function textOf(node: Node | null): string | undefined {
  if (!isScalar(node)) return undefined;
  if (typeof node.value === 'string') return node.value;
  return typeof node.value === 'number' ? (node.source ?? String(node.value)) : undefined;
}

function need({ type, multiple }: Flag): string {
  if (type === 'boolean') return 'true or false';
  return multiple ? 'a text or a number, or a list of them' : 'a text or a number';
}
