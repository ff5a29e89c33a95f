// Random Lark grammars over the letters a, b, c, blanks and newlines: patterns with all that the lexers must get right.
import type { CompileOptions } from '../../src/compile/index.js';

export interface RandomLark {
  readonly source: { readonly lark: string; readonly dialect?: 'llguidance' };
  readonly options: CompileOptions;
}

type Random = () => number;

/** A grammar and a way to match its terminals. */
export function randomLark(random: Random): RandomLark {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const lexer = pick(['basic', 'contextual', 'dynamic', 'dynamic_complete', 'longest'] as const);
  if (lexer === 'longest')
    return { source: { lark: randomDialect(random), dialect: 'llguidance' }, options: { lexer } };
  if (lexer !== 'dynamic' && lexer !== 'dynamic_complete' && random() < 0.4)
    return { source: { lark: randomIndented(random) }, options: { lexer } };
  return { source: { lark: randomPlain(random) }, options: { lexer } };
}

function randomPlain(random: Random): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const terminals = ['T0', 'T1', 'T2'].slice(0, 1 + Math.floor(random() * 3));
  const lines = [`start: ${rule(random, [...terminals, 'r'], 0)}`, `r: ${rule(random, terminals, 0)} | T0`];
  for (const name of terminals)
    lines.push(`${name}${pick(['', '', '.2', '.-1'])}: ${pick([literal, pattern])(random)}`);
  if (random() < 0.5) lines.push(`%ignore ${pick(['" "', '/ +/', '/[ c]/', '"b"'])}`);
  return lines.join('\n');
}

function randomIndented(random: Random): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  return [
    'start: (_NL | stmt)*',
    `stmt: ${pick(['W', 'W W?', '"a" W', 'W | "(" W* ")"'])} _NL | ${pick(['"b"', 'W'])} ":" _NL _INDENT stmt+ _DEDENT`,
    'W: /[abc]+/',
    `_NL: /${pick(['(\\r?\\n[ \\t]*)+', '\\n[ \\t]*'])}/`,
    '%declare _INDENT _DEDENT',
    '%ignore / +/',
  ].join('\n');
}

function randomDialect(random: Random): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const json = pick(['%json {"type":"integer"}', '%json {"enum":["a",1,null]}', '"c"']);
  const lazy = pick(['head[lazy]: TEXT "b"', 'head[stop="c"]: /[ab]*/', 'head[suffix=/b+/]: /a{1,2}/']);
  return [
    `start: (${pick(['head', 'head "a"', 'T0'])})* ${pick(['tail', json, `${json} T0`])}`,
    'tail: TEXT',
    'TEXT: /(\\n|.)*/',
    lazy,
    `T0: ${pattern(random).replaceAll(/\(\?<?[=!][^)]*\)/g, '')}`,
    ...(random() < 0.4 ? ['%ignore / +/'] : []),
  ].join('\n');
}

function rule(random: Random, names: readonly string[], depth: number): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const inner = () => rule(random, names, depth + 1);
  const chance = random();
  if (depth > 2 || chance < 0.45) return pick([...names, '"a"', '"ab"', '/[bc]+/', '/a+?/']);
  if (chance < 0.7) return `${inner()} ${inner()}`;
  if (chance < 0.85) return `(${inner()} | ${inner()})`;
  return `(${inner()})${pick(['*', '+', '?', '~1..2'])}`;
}

function literal(random: Random): string {
  const letters = Array.from({ length: 1 + Math.floor(random() * 3) }, () => 'abc'[Math.floor(random() * 3)]);
  return `"${letters.join('')}"${random() < 0.2 ? 'i' : ''}`;
}

function pattern(random: Random): string {
  return `/${regex(random, 0)}/${random() < 0.2 ? 'i' : ''}`;
}

function regex(random: Random, depth: number): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const inner = () => regex(random, depth + 1);
  const chance = random();
  if (depth > 2 || chance < 0.35) return pick(['a', 'b', 'c', '[ab]', '[^a]', '.', '\\w', 'ab']);
  if (chance < 0.55) return inner() + inner();
  if (chance < 0.7) return `(?:${inner()}|${inner()})`;
  if (chance < 0.88) return `(?:${inner()})${pick(['*', '+', '?', '*?', '+?', '??', '{1,2}'])}`;
  return inner() + pick(['(?!a)', '(?=b)', '(?!ab)', '(?<!a)']);
}
