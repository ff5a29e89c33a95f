// Host names with encoded labels: what is taken is what the runtime's URL takes, no text leads into a dead end, and the native
// matcher sees the same.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  completedLabel,
  type Machine,
  mayPassCheck,
  openPda,
  passesCheck,
  RESERVE,
} from '../../../src/automata/index.js';
import { compile } from '../../../src/compile/index.js';
import { compareSentence } from '../../support/compare-matchers.js';
import { randomSentence, seededRandom } from '../../support/random-schema.js';
import { judges } from './examples.js';

const hostname = { type: 'string', format: 'hostname' };
const grammar = compile({ schema: hostname });
const { checks } = openPda(grammar.image);
const international = compile({ schema: { type: 'string', format: 'idn-hostname' } });
const encoder = new TextEncoder();
const decoder = new TextDecoder();

describe('host names with encoded labels', () => {
  judges(
    'are taken where the label encodes a valid one',
    hostname,
    [
      '"xn--bcher-kva.example"',
      '"www.xn--p1ai"',
      '"xn--fiqs8s.xn--fiqs8s"',
      '"a0.xn--4dbc5h"',
      '"xn--4dbc5h"',
    ],
    [
      '"xn--"',
      '"xn--a"',
      '"xn--bcher-kvb"',
      '"xn--example-"',
      '"xn---9uc"',
      '"xn--Bcher-kva"',
      '"0a.xn--4dbc5h"',
      '"xn--0ca24w"',
      '"xn--p1ai-"',
    ],
  );
  judges(
    'of international names too, with their separators',
    { type: 'string', format: 'idn-hostname' },
    ['"xn--ihqwcrb4cv8a8dqg056pqjye"', '"xn--p1ai。a"'],
    ['"xn--7a"', '"xn--X"', '"。xn--p1ai"'],
  );
  judges(
    'as values of enum',
    { ...hostname, enum: ['xn--p1ai', 'xn--a', 'a'] },
    ['"xn--p1ai"', '"a"'],
    ['"xn--a"'],
  );
  judges(
    'under not, neither they nor what else may be a host name is taken',
    { type: 'string', not: { format: 'hostname' } },
    ['"a_b"', '"-a"', '""'],
    ['"xn--p1ai"', '"a.b.c.d.e.f.g.h.i"', `"${'a'.repeat(60)}"`],
  );
  judges('are left out beside a length', { ...hostname, maxLength: 30 }, ['"a.b"'], ['"xn--p1ai"']);
});

describe('labels beyond ASCII', () => {
  const greek = 'παράδειγμαπαράδειγμαπαράδειγμαπαράδειγμαπαράδειγμαπα';
  judges(
    'are taken as long as they can be encoded',
    { type: 'string', format: 'idn-hostname' },
    [`"${greek}.com"`, `"a.b.${greek}"`, '"é.é.é.é"', '"xn--p1ai.é"', '"א.xn--4dbc5h.a"'],
    [
      `"${greek}${greek}"`,
      `"${'ü'.repeat(60)}"`,
      '"e\u0301"',
      '"é-"',
      '"א.0a"',
      '"א.xn--0-gyc.0"',
      '"a\u0378"',
    ],
  );

  test('never lead into a dead end: any walk over bytes can go on or end', () => {
    const machine = international.machine as Machine;
    for (let seed = 0; seed < 25; seed++) {
      const random = seededRandom(seed);
      const letters = ['ü', 'я', '例', 'ß', 'א', 'a'].map((letter) => encoder.encode(letter)[0]);
      let set = machine.step(machine.start, 0x22)!;
      const bytes: number[] = [];
      for (let length = 0; length < 400 && !set.accepting; length++) {
        const possible = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) =>
          machine.step(set, byte),
        );
        expect(possible.length, `after ${decoder.decode(Uint8Array.from(bytes))}`).toBeGreaterThan(0);
        const open = possible.filter((byte) => byte !== 0x22 && byte !== 0x2e && byte < 0xe1);
        const liked = open.filter((byte) => letters.includes(byte) || (byte & 0xc0) === 0x80);
        const from = liked.length > 0 && random() < 0.8 ? liked : open.length > 0 ? open : possible;
        const byte = from[Math.floor(random() * from.length)];
        bytes.push(byte);
        set = machine.step(set, byte)!;
      }
      expect(set.accepting).toBe(true);
    }
  }, 120_000);
});

describe('the checks of encoded labels', () => {
  const text = fc
    .array(fc.constantFrom(...'abxyz059--'), { maxLength: checks[0].longest - RESERVE })
    .map((characters) => encoder.encode(characters.join('')));

  test('complete every short text', () => {
    expect(checks).toHaveLength(2);
    fc.assert(
      fc.property(text, fc.constantFrom(...checks), (begun, check) => {
        const completed = completedLabel(check, begun);
        expect(completed && passesCheck(check, completed), decoder.decode(begun)).toBe(true);
        expect(decoder.decode(completed).startsWith(decoder.decode(begun))).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  test('let every text that they let through go on or end', () => {
    fc.assert(
      fc.property(text, fc.constantFrom(...checks), fc.infiniteStream(fc.nat()), (begun, check, dice) => {
        for (let at = begun; !passesCheck(check, at) || at.length < check.longest - 4; ) {
          const next = Array.from('abcdefghijklmnopqrstuvwxyz0123456789-', (c) => c.charCodeAt(0))
            .map((byte) => Uint8Array.of(...at, byte))
            .filter((longer) => mayPassCheck(check, longer));
          if (next.length === 0) {
            expect(passesCheck(check, at), decoder.decode(at)).toBe(true);
            break;
          }
          at = next[dice.next().value % next.length];
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('walks through host names', () => {
  /** Begins a name and an encoded label, then goes on at random. */
  function randomName(machine: Machine, random: () => number): Uint8Array | undefined {
    const starts = ['"xn--', '"a.xn--', '"xn--p1ai.xn--', '"', '"é'];
    const begun = encoder.encode(starts[Math.floor(random() * (machine === grammar.machine ? 4 : 5))]);
    let set = machine.start;
    for (const byte of begun) set = machine.step(set, byte)!;
    const rest = randomSentence(machine, random, 120, set);
    return rest && Uint8Array.of(...begun, ...rest);
  }

  test.each([
    ['hostname', grammar],
    ['idn-hostname', international],
  ])(
    'of %s end in names that URL takes, and both matchers agree on the way',
    (_, compiled) => {
      let encoded = 0;
      let newer = 0;
      for (let seed = 0; seed < 40; seed++) {
        const random = seededRandom(seed);
        const sentence = randomName(compiled.machine as Machine, random);
        if (!sentence) continue;
        const name: string = JSON.parse(decoder.decode(sentence));
        // The runtime's URL may know an older Unicode than its regular expressions, whose letters the grammar takes.
        const isNew = [...name].some((character) => !URL.canParse(`http://x${character}x.org`));
        if (isNew) newer++;
        else if (/xn--|[^ -~]/.test(name)) {
          encoded++;
          expect(URL.canParse(`http://x.${name}.org`), name).toBe(true);
        }
        compareSentence(compiled, sentence, random, seed % 4 > 0);
      }
      expect(encoded).toBeGreaterThan(10);
      expect(newer).toBeLessThan(20);
    },
    120_000,
  );
});
