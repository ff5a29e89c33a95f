// Punycode (RFC 3492): how a label of a host name holds characters beyond ASCII in letters, digits and hyphens. Read by the
// checks of texts (text-checks.ts); natively native/grammar/punycode.cc.

// Section 5: the parameters, and the names of section 6.
const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const DAMP = 700;
const INITIAL_BIAS = 72;
const INITIAL_N = 0x80;
const MAX_CODE_POINT = 0x10ffff;
/** Larger deltas lead to no code point in texts of the length of labels. */
const MAX_DELTA = 0x7ffffff;
const HYPHEN = 0x2d;

/** The code points that a text (of ASCII) encodes, without the prefix `xn--`; undefined where it encodes none. */
export function decodePunycode(text: Uint8Array): number[] | undefined {
  const border = text.lastIndexOf(HYPHEN);
  const output = Array.from(text.subarray(0, Math.max(border, 0)));
  let n = INITIAL_N;
  let bias = INITIAL_BIAS;
  let place = 0;
  let isFirst = true;
  for (let at = border < 0 ? 0 : border + 1; at < text.length; ) {
    const before = place;
    let weight = 1;
    for (let k = BASE; ; k += BASE) {
      const digit = at < text.length ? digitOf(text[at++]) : -1;
      if (digit < 0) return undefined;
      place += digit * weight;
      if (place > MAX_DELTA) return undefined;
      const threshold = thresholdAt(k, bias);
      if (digit < threshold) break;
      weight *= BASE - threshold;
      if (weight > MAX_DELTA) return undefined;
    }
    const length = output.length + 1;
    bias = adapted(place - before, length, isFirst);
    isFirst = false;
    n += Math.floor(place / length);
    place %= length;
    if (n > MAX_CODE_POINT) return undefined;
    output.splice(place++, 0, n);
  }
  return output;
}

/** The text that encodes these code points, without the prefix `xn--`. */
export function encodePunycode(codePoints: readonly number[]): Uint8Array {
  const text = codePoints.filter((codePoint) => codePoint < INITIAL_N);
  const basic = text.length;
  if (basic > 0) text.push(HYPHEN);
  let n = INITIAL_N;
  let delta = 0;
  let bias = INITIAL_BIAS;
  for (let handled = basic; handled < codePoints.length; n++, delta++) {
    const next = Math.min(...codePoints.filter((codePoint) => codePoint >= n));
    delta += (next - n) * (handled + 1);
    n = next;
    for (const codePoint of codePoints) {
      if (codePoint < n) delta++;
      if (codePoint !== n) continue;
      putNumber(text, delta, bias);
      handled++;
      bias = adapted(delta, handled, handled === basic + 1);
      delta = 0;
    }
  }
  return Uint8Array.from(text);
}

/** A number of variable length, least digit first. */
function putNumber(text: number[], value: number, bias: number): void {
  let rest = value;
  for (let k = BASE; ; k += BASE) {
    const threshold = thresholdAt(k, bias);
    if (rest < threshold) break;
    const range = BASE - threshold;
    text.push(characterOf(threshold + ((rest - threshold) % range)));
    rest = Math.floor((rest - threshold) / range);
  }
  text.push(characterOf(rest));
}

function thresholdAt(k: number, bias: number): number {
  return Math.min(Math.max(k - bias, T_MIN), T_MAX);
}

function adapted(delta: number, length: number, isFirst: boolean): number {
  let rest = isFirst ? Math.floor(delta / DAMP) : delta >> 1;
  rest += Math.floor(rest / length);
  let k = 0;
  for (; rest > ((BASE - T_MIN) * T_MAX) >> 1; k += BASE) rest = Math.floor(rest / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + SKEW));
}

/** a-z are 0 to 25, 0-9 are 26 to 35; -1 for any other character, capitals among them. */
function digitOf(character: number): number {
  if (character >= 0x61 && character <= 0x7a) return character - 0x61;
  return character >= 0x30 && character <= 0x39 ? character - 0x30 + 26 : -1;
}

function characterOf(digit: number): number {
  return digit < 26 ? digit + 0x61 : digit - 26 + 0x30;
}
