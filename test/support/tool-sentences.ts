// Random sentences of a constraint on tools. Free text between tags would hardly ever meet its closing tag by random bytes,
// so the walk also tries marks of the format as a whole.
import type { ConfigurationSet, Machine } from '../../src/automata/index.js';
import type { ToolCallFormat, ToolDefinition } from '../../src/tools/index.js';
import { randomSentence } from './random-schema.js';

const STEP = 40;
const ROUNDS = 200;

/** A sentence of the machine as text, or undefined when the walk does not end. */
export function randomToolSentence(
  machine: Machine,
  random: () => number,
  marks: readonly string[],
): string | undefined {
  const hints = marks.map((mark) => new TextEncoder().encode(mark));
  const bytes: number[] = [];
  let set = machine.start;
  for (let round = 0; round < ROUNDS; round++) {
    if (set.accepting && (set.states.length === 0 || random() < 0.5)) break;
    const rest = randomSentence(machine, random, STEP, set);
    if (rest !== undefined && random() < 0.5) {
      bytes.push(...rest);
      return new TextDecoder().decode(Uint8Array.from(bytes));
    }
    const hint = hints[Math.floor(random() * hints.length)];
    const behind = hint && walk(machine, set, hint);
    if (behind && random() < 0.7) {
      bytes.push(...hint);
      set = behind;
      continue;
    }
    const [byte, next] = randomByte(machine, set, random);
    bytes.push(byte);
    set = next;
  }
  return set.accepting ? new TextDecoder().decode(Uint8Array.from(bytes)) : undefined;
}

/** Texts that the format writes behind a value, which is that of a parameter of a tool, or behind a call. */
export function marksOf(
  format: ToolCallFormat,
  tool: string,
  parameter: string,
  tools: readonly ToolDefinition[],
): string[] {
  const text = format.write([{ name: tool, arguments: { [parameter]: '\u0001' } }], tools);
  const behind = text
    .slice(text.indexOf('\u0001') + 1)
    .split('\n')
    .filter(Boolean);
  return [...behind, ...behind.map((mark) => `\n${mark}`), format.callEnd, '"', '}'];
}

/** Whether a text is a sentence of the machine. */
export function accepts(machine: Machine, text: string): boolean {
  return walk(machine, machine.start, new TextEncoder().encode(text))?.accepting ?? false;
}

/** The set behind a text, or null where it cannot stand. */
export function walk(machine: Machine, from: ConfigurationSet, text: Uint8Array): ConfigurationSet | null {
  let set: ConfigurationSet | null = from;
  for (const byte of text) {
    set = machine.step(set, byte);
    if (set === null) return null;
  }
  return set;
}

/** One of the bytes that may come next: often a printable one, where there is any. */
function randomByte(
  machine: Machine,
  set: ConfigurationSet,
  random: () => number,
): [number, ConfigurationSet] {
  const first = Math.floor(random() * 256);
  const isPlain = random() < 0.8;
  for (let offset = 0; offset < 512; offset++) {
    const byte = (first + offset) % 256;
    if (isPlain && offset < 256 && (byte < 0x21 || byte > 0x7e)) continue;
    const next = machine.step(set, byte);
    if (next !== null) return [byte, next];
  }
  throw new Error('no byte can come next');
}
