// Pieces of source text with small faults: tokens and characters taken out, put in, exchanged, or cut off.

const CHARACTERS = ' \t\n()[]{}:;,.=+-*/"\'\\#xif0123_@é';

/** `count` pieces of 5 to 40 lines, some whole, most changed in one or two places. */
export function mutants(texts: readonly string[], count: number, random: () => number): string[] {
  const below = (n: number) => Math.floor(random() * n);
  return Array.from({ length: count }, () => {
    const lines = texts[below(texts.length)].split('\n');
    const first = below(Math.max(1, lines.length - 40));
    let text = `${dedented(lines.slice(first, first + 5 + below(35)), random() < 0.5).join('\n')}\n`;
    for (let changes = below(3); changes > 0 && text.length > 0; changes--)
      text = changed(text, below, random);
    return text;
  });
}

function changed(text: string, below: (n: number) => number, random: () => number): string {
  const words = [...text.matchAll(/\w+|\s+|[^\w\s]/g)];
  const word = words[below(words.length)];
  const other = words[below(words.length)][0];
  const at = below(text.length);
  const chance = random();
  if (chance < 0.3) return text.slice(0, word.index) + text.slice(word.index + word[0].length);
  if (chance < 0.5) return text.slice(0, word.index) + other + text.slice(word.index);
  if (chance < 0.7) return text.slice(0, at) + text.slice(at + 1);
  if (chance < 0.9) return text.slice(0, at) + CHARACTERS[below(CHARACTERS.length)] + text.slice(at);
  return text.slice(0, at);
}

/** Without the indentation of the first line, where all have it. */
function dedented(lines: readonly string[], wanted: boolean): readonly string[] {
  const indent = /^[ \t]*/.exec(lines[0])![0];
  if (!wanted || !lines.every((line) => line.startsWith(indent) || line.trim() === '')) return lines;
  return lines.map((line) => line.slice(indent.length));
}
