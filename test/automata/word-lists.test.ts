// Interning of lists of words: a number for each content, whatever was interned and forgotten before.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { WordLists } from '../../src/automata/index.js';

const list = fc.array(fc.integer({ min: -2, max: 3 }), { maxLength: 4 });
const round = fc.array(list, { maxLength: 200 });

it('numbers lists by content, in the order of their first appearance, and begins again when cleared', () => {
  fc.assert(
    fc.property(fc.array(round, { maxLength: 4 }), (rounds) => {
      const lists = new WordLists(2);
      for (const contents of rounds) {
        lists.clear();
        const known = new Map<string, number>();
        for (const words of contents) {
          for (const word of words) lists.put(word);
          const key = words.join();
          if (!known.has(key)) known.set(key, known.size);
          expect(lists.end()).toBe(known.get(key));
        }
        expect(lists.count).toBe(known.size);
        for (const [key, id] of known)
          expect(lists.words.slice(lists.starts[id], lists.starts[id + 1]).join()).toBe(key);
      }
    }),
    { numRuns: 200 },
  );
});
