// Ignoring the case of ASCII's letters alone, written into a pattern: `k` becomes `[kK]`, `[b-d]` becomes `[B-Db-d]`.

/** An escape, a group's head with its name, a class, or one character. */
const PART =
  /\\u\{[0-9A-Fa-f]+\}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|\\c[A-Za-z]|\\[pP]\{[^}]*\}|\\k<[^>]*>|\\[\s\S]|\(\?P?<[^>=!]*>|\(\?:|\[(?:[^\]\\]|\\[\s\S])*\]|[\s\S]/gu;
/** The same inside of a class. */
const MEMBER =
  /\\u\{[0-9A-Fa-f]+\}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|\\c[A-Za-z]|\\[pP]\{[^}]*\}|\\[\s\S]|[\s\S]/gu;
/** Between a capital letter of ASCII and its small one. */
const CASE = 0x20;

/** The pattern, in ECMAScript's syntax, with each letter of ASCII in both cases. */
export function withBothCases(pattern: string): string {
  return pattern.replace(PART, (part) => {
    if (part.length > 1 && part.startsWith('[')) return classWithBothCases(part);
    const code = codeOf(part);
    const other = code === undefined ? [] : otherCase(code, code);
    return other.length === 0 ? part : `[${part}${other.join('')}]`;
  });
}

/** What is added stands in front, so that no `-` of the class comes to mean a range. */
function classWithBothCases(text: string): string {
  const open = text.startsWith('[^') ? '[^' : '[';
  const inside = text.slice(open.length, -1);
  const members = inside.match(MEMBER) ?? [];
  const added: string[] = [];
  for (let i = 0; i < members.length; i++) {
    const lo = codeOf(members[i]);
    const end = members[i + 1] === '-' ? members.at(i + 2) : undefined;
    const hi = end === undefined ? lo : codeOf(end);
    if (lo === undefined || hi === undefined) continue;
    added.push(...otherCase(lo, hi));
    if (end !== undefined) i += 2;
  }
  const isDashFirst = added.length > 0 && inside.startsWith('-');
  return `${open}${added.join('')}${isDashFirst ? '\\' : ''}${inside}]`;
}

/** The letters of the other case for those in [lo, hi], as members of a class. */
function otherCase(lo: number, hi: number): string[] {
  const found: string[] = [];
  for (const [first, last, shift] of [
    [0x41, 0x5a, CASE],
    [0x61, 0x7a, -CASE],
  ]) {
    const [from, to] = [Math.max(lo, first) + shift, Math.min(hi, last) + shift];
    if (from === to) found.push(String.fromCharCode(from));
    else if (from < to) found.push(`${String.fromCharCode(from)}-${String.fromCharCode(to)}`);
  }
  return found;
}

/** The character that a part stands for; undefined for one that stands for several or for none. */
function codeOf(part: string): number | undefined {
  const hex = /^\\(?:u\{(.+)\}|u(.{4})|x(..))$/.exec(part);
  if (hex) return Number.parseInt(hex[1] ?? hex[2] ?? hex[3], 16);
  return part.startsWith('\\') || part.startsWith('(') ? undefined : part.codePointAt(0);
}
