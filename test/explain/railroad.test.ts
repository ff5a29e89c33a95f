// Railroad diagrams: well-formed, escaped, with a diagram a rule, and bounded.
import { describe, expect, it } from 'vitest';
import { g } from '../../src/builder/index.js';
import { CompiledGrammar, compile } from '../../src/compile/index.js';
import { LimitError } from '../../src/errors.js';
import { type GrammarName, grammars } from '../../src/grammars/index.js';

const names = (Object.keys(grammars) as GrammarName[]).filter((name) => !('lark' in grammars[name]));
/** Our own grammar of XML judges the images; that tags match is checked apart. */
const xml = compile(grammars.xml);

function unmatchedTags(text: string): string[] {
  const open: string[] = [];
  for (const [, close, name, self] of text.matchAll(/<(\/?)([a-z0-9]+)[^>]*?(\/?)>/g)) {
    if (self) continue;
    if (!close) open.push(name);
    else if (open.pop() !== name) return [name];
  }
  return open;
}

describe('railroad', () => {
  it.each(names)('%s as an image', (name) => {
    const svg = compile(grammars[name]).railroad({ title: name });
    expect(xml.explainText(svg).message).toBe('accepted');
    expect(unmatchedTags(svg)).toEqual([]);
    expect(/="[^"]*(NaN|undefined)/.test(svg)).toBe(false);
  });

  it('has a diagram for every rule, and links between them', () => {
    const page = compile(grammars.json).railroad({ format: 'html', title: 'JSON' });
    expect(page).toMatch(/^<!doctype html>/);
    for (const rule of ['root', 'value', 'object', 'member', 'array', 'string', 'number'])
      expect(page).toContain(`<h2>${rule}</h2>`);
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    const links = [...page.matchAll(/ href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.length).toBeGreaterThan(10);
    for (const link of links) expect(ids).toContain(link);
    expect(unmatchedTags(page.slice(page.indexOf('<body>'), page.indexOf('</html>')))).toEqual([]);
  });

  it('escapes names and texts', () => {
    const nasty = `</text><script>alert("1")&'\u0000\u202e`;
    for (const format of ['svg', 'html'] as const) {
      const drawn = compile(g.rule(nasty, g.seq(nasty, g.rule('b', 'c')))).railroad({ format, title: nasty });
      expect(drawn).not.toContain('<script');
      expect(drawn).not.toContain('\u0000');
      expect(drawn).not.toContain('\u202e');
      if (format === 'svg') expect(xml.test(drawn)).toBe(true);
    }
  });

  it('draws every kind of part', () => {
    const drawn = compile(
      g.seq(
        g.optional('maybe'),
        g.repeat('some', { min: 2, max: 3 }),
        g.repeat('few', { max: 4 }),
        g.repeat('many', { min: 5 }),
        g.regex(/x{2}y/),
        g.choice('a1', 'b2', ''),
        g.token('<end>'),
        g.until('stop'),
      ),
    ).railroad();
    for (const text of ['maybe', '2 to 3 times', 'up to 4 times', '5 or more', 'xxy', 'a1', '&lt;end&gt;'])
      expect(drawn.includes(text), text).toBe(true);
  });

  it('is bounded', () => {
    const wide = compile(g.seq(...Array.from({ length: 500 }, (_, i) => g.rule(`r${i}`, 'x'))));
    expect(wide.railroad().length).toBeGreaterThan(1000);
    expect(() => wide.railroad({ maxElements: 100 })).toThrow(LimitError);
    let deep = g.seq('x');
    for (let i = 0; i < 800; i++) deep = g.seq('a', g.optional(deep));
    expect(() => compile(deep).railroad()).toThrow(LimitError);
  });

  it('is refused by name where only the image is known', () => {
    expect(() => new CompiledGrammar(compile(grammars.json).image).railroad()).toThrow(
      'compile the grammar from',
    );
  });
});
