// The formats that are enforced, each as the regular expression of its specification; the rest stay annotations.
// Each is an automaton over code points, which combines with pattern, lengths and the others; most come along as data.
// A text that a specification allows and these expressions leave out is listed in docs/json-schema.md.
import {
  type Dfa,
  type DfaEdge,
  FLAT_WORDS,
  FlatBuilder,
  type FlatDfa,
  flatOf,
  renumberFlat,
} from '../../automata/index.js';
import { regexToDfa } from '../regex/index.js';
import { namesWithEncodedLabels } from './encoded-names.js';
import { FORMAT_TABLES } from './format-tables.js';
import { idnHostnameDfa } from './idn-formats.js';
import type { Draft } from './keywords.js';
import { unpackDfa } from './packed-automata.js';
import { REGEX_FORMAT, WHOLE_REGEX } from './regex-format.js';
import type { WholeFormat } from './shape.js';

// RFC 3339, section 5.6.
const LEAP_YEAR = '(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)';
const DAY_OF_MONTH =
  '(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))';
const DATE = `(?:\\d{4}-${DAY_OF_MONTH}|${LEAP_YEAR}-02-29)`;
const HOUR_MINUTE = '(?:[01]\\d|2[0-3]):[0-5]\\d';
const FRACTION = '(?:\\.\\d+)?';
const MOST_TIMES = `${HOUR_MINUTE}:(?:[0-5]\\d|60)${FRACTION}(?:[Zz]|[+-]${HOUR_MINUTE})`;
const TIME = `(?:${HOUR_MINUTE}:[0-5]\\d${FRACTION}(?:[Zz]|[+-]${HOUR_MINUTE})|23:59:60${FRACTION}[Zz]|${leapSeconds()})`;

/** A leap second is 23:59:60 UTC; with an offset of whole or half hours it is that much later or earlier. */
function leapSeconds(): string {
  const two = (value: number) => String(value % 24).padStart(2, '0');
  return Array.from({ length: 24 }, (_, hour) => {
    const half = `29:60${FRACTION}(?:\\+${two(hour)}|-${two(23 - hour)}):30`;
    const whole = `59:60${FRACTION}(?:\\+${two(hour + 1)}|-${two(23 - hour)}):00`;
    return `${two(hour)}:(?:${half}|${whole})`;
  }).join('|');
}

// RFC 3339, appendix A.
const DURATION_TIME = 'T(?:\\d+H(?:\\d+M(?:\\d+S)?)?|\\d+M(?:\\d+S)?|\\d+S)';
const DURATION_DATE = '(?:\\d+Y(?:\\d+M(?:\\d+D)?)?|\\d+M(?:\\d+D)?|\\d+D)';
const DURATION = `P(?:${DURATION_DATE}(?:${DURATION_TIME})?|${DURATION_TIME}|\\d+W)`;

// RFC 3986, section 3.2.2.
const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = `${OCTET}(?:\\.${OCTET}){3}`;
const PIECE = '[0-9A-Fa-f]{1,4}';
const LAST_PIECES = `(?:${PIECE}:${PIECE}|${IPV4})`;
const IPV6 = `(?:${ipv6Forms().join('|')})`;

/** The ways to shorten an address: `::` may stand for any run of pieces. */
function ipv6Forms(): string[] {
  const forms = [`(?:${PIECE}:){6}${LAST_PIECES}`];
  for (let after = 5; after >= 0; after--) {
    forms.push(`${leading(5 - after)}::(?:${PIECE}:){${after}}${LAST_PIECES}`);
  }
  forms.push(`${leading(6)}::${PIECE}`, `${leading(7)}::`);
  return forms;
}

/** Up to `count` pieces before the `::`. */
function leading(count: number): string {
  return count === 0 ? '' : `(?:(?:${PIECE}:){0,${count - 1}}${PIECE})?`;
}

// RFC 1123, section 2.1. From draft 7 on labels that begin with `xn--` are encoded ones, which encoded-names.ts reads. The limit
// of 253 characters is kept by position: two labels of up to 63, then five of up to 24.
const HOSTNAME = names(notEncodedLabel);
/** As RFC 1123 alone has it, which drafts 4 and 6 and mail addresses go by. */
const PLAIN_HOSTNAME = names(plainLabel);

function plainLabel(longest: number): string {
  return `[A-Za-z0-9](?:[A-Za-z0-9\\-]{0,${longest - 2}}[A-Za-z0-9])?`;
}

function names(labels: (longest: number) => string): string {
  return `${labels(63)}(?:\\.${labels(63)})?(?:\\.${labels(24)}){0,5}`;
}

/** A plain label without `xn--` ahead: character by character, which costs less than a lookahead. */
function notEncodedLabel(longest: number): string {
  const upTo = (inner: number) => `[A-Za-z0-9\\-]{0,${inner}}[A-Za-z0-9]`;
  const afterHyphen = `[A-Za-z0-9](?:${upTo(longest - 5)})?`;
  const afterXn = `(?:[A-Za-z0-9](?:${upTo(longest - 4)})?|-${afterHyphen})?`;
  const afterX = `(?:[A-MO-Za-mo-z0-9](?:${upTo(longest - 3)})?|-${upTo(longest - 3)}|[Nn]${afterXn})?`;
  return `(?:[A-WYZa-wyz0-9](?:${upTo(longest - 2)})?|[Xx]${afterX})`;
}

/** A label of at most so many characters, of a class of letters and digits, without hyphens in both third and fourth place. */
function label(longest: number, alphanumeric = 'A-Za-z0-9'): string {
  const edge = `[${alphanumeric}]`;
  const inner = `[${alphanumeric}\\-]`;
  const end = `${inner}{0,${longest - 5}}${edge}`;
  const tail = `${edge}{2}|${edge}${inner}${end}|-${edge}(?:${end})?`;
  return `${edge}(?:${inner}?${edge}|${inner}(?:${tail}))?`;
}

// RFC 5321, section 4.1.2; the domain is a host name or one of these addresses.
// RFC 6531, section 3.3, adds characters beyond ASCII.
function mailbox(beyond: string): string {
  const atom = `[A-Za-z0-9!#$%&'*+/=?^_\`{|}~${beyond}\\-]+`;
  const quoted = `"(?:[ !#-\\[\\]-~${beyond}]|\\\\[ -~])*"`;
  return `(?:${atom}(?:\\.${atom})*|${quoted})@`;
}
const ADDRESS_LITERAL = `\\[(?:${IPV4}|[Ii][Pp][Vv]6:${IPV6})\\]`;

/** RFC 3986 for ASCII, RFC 3987 with the characters beyond it given. */
function uriForms(beyond: string, privateUse: string): { readonly uri: string; readonly reference: string } {
  const unreserved = `A-Za-z0-9._~${beyond}\\-`;
  const subDelimiters = "!$&'()*+,;=";
  const percent = '%[0-9A-Fa-f]{2}';
  const characters = (more: string) => `(?:[${unreserved}${subDelimiters}${more}]|${percent})`;
  const segment = characters(':@');
  const future = `[vV][0-9A-Fa-f]+\\.[A-Za-z0-9._~${subDelimiters}:\\-]+`;
  const host = `(?:\\[(?:${IPV6}|${future})\\]|${characters('')}*)`;
  const authority = `(?:${characters(':')}*@)?${host}(?::\\d*)?`;
  const absolutePath = `\\/(?:${segment}+(?:\\/${segment}*)*)?`;
  const rooted = `\\/\\/${authority}(?:\\/${segment}*)*|${absolutePath}`;
  const tail = `(?:\\?${characters(`:@/?${privateUse}`)}*)?(?:#${characters(':@/?')}*)?`;
  const uri = `[A-Za-z][A-Za-z0-9+.\\-]*:(?:${rooted}|${segment}+(?:\\/${segment}*)*|)${tail}`;
  const relative = `(?:${rooted}|${characters('@')}+(?:\\/${segment}*)*|)${tail}`;
  return { uri, reference: `(?:${uri}|${relative})` };
}

const UCS = [
  '\\u{A0}-\\u{D7FF}\\u{F900}-\\u{FDCF}\\u{FDF0}-\\u{FFEF}',
  ...Array.from(
    { length: 13 },
    (_, plane) => `\\u{${(plane + 1).toString(16)}0000}-\\u{${(plane + 1).toString(16)}FFFD}`,
  ),
  '\\u{E1000}-\\u{EFFFD}',
].join('');
const PRIVATE = '\\u{E000}-\\u{F8FF}\\u{F0000}-\\u{FFFFD}\\u{100000}-\\u{10FFFD}';
const ASCII_URI = uriForms('', '');
const UNICODE_URI = uriForms(UCS, PRIVATE);

// RFC 6901, and the draft of relative JSON pointers.
const JSON_POINTER = '(?:\\/(?:[^~/]|~[01])*)*';

// RFC 6570, section 2.
const LITERAL = `(?:[!#$&'()*+,\\-./0-9:;=?@A-Z\\[\\]_a-z~${UCS}${PRIVATE}]|%[0-9A-Fa-f]{2})`;
const VARIABLE_CHARACTER = '(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})';
const VARIABLE = `${VARIABLE_CHARACTER}(?:\\.?${VARIABLE_CHARACTER})*(?::[1-9]\\d{0,3}|\\*)?`;
const URI_TEMPLATE = `(?:${LITERAL}|\\{[+#./;?&=,!@|]?${VARIABLE}(?:,${VARIABLE})*\\})*`;

/** Not a name that a schema can ask for. */
const PLAIN_NAMES = 'hostname of RFC 1123';

const SOURCES: ReadonlyMap<string, string> = new Map([
  [PLAIN_NAMES, PLAIN_HOSTNAME],
  ['date', DATE],
  ['time', TIME],
  ['date-time', `${DATE}[Tt]${TIME}`],
  ['duration', DURATION],
  ['hostname', HOSTNAME],
  ['ipv4', IPV4],
  ['ipv6', IPV6],
  ['uri', ASCII_URI.uri],
  ['uri-reference', ASCII_URI.reference],
  ['iri', UNICODE_URI.uri],
  ['iri-reference', UNICODE_URI.reference],
  ['uri-template', URI_TEMPLATE],
  ['uuid', '[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}'],
  ['json-pointer', JSON_POINTER],
  ['regex', REGEX_FORMAT],
  ['relative-json-pointer', `(?:0|[1-9]\\d*)(?:#|${JSON_POINTER})`],
]);

/** Formats that are put together from automata. */
const BUILT: ReadonlyMap<string, () => Dfa> = new Map([
  ['email', () => addressesDfa('', knownFormat(PLAIN_NAMES)!)],
  ['idn-email', () => addressesDfa('\\u{80}-\\u{10FFFF}', idnHostnameDfa(label, [0x2e], false))],
  ['idn-hostname', () => idnHostnameDfa(label, [0x2e, 0x3002, 0xff0e, 0xff61], true)],
]);

/** Formats whose automata come along as data; those of the others are large, or hang on the runtime's Unicode. */
export const FORMATS_AS_DATA: readonly string[] = [...SOURCES.keys(), 'email'].filter(
  (name) => name !== 'regex',
);

const known = new Map<string, Dfa>();

/** The strings of a format of the specification, in a draft where it is known; undefined for any other name. */
export function formatDfa(name: string, draft?: Draft): Dfa | undefined {
  if (name === PLAIN_NAMES) return undefined;
  return knownFormat(name === 'hostname' && draft !== undefined && draft <= 6 ? PLAIN_NAMES : name);
}

function knownFormat(name: string): Dfa | undefined {
  let dfa = known.get(name);
  if (!dfa) {
    const table = FORMAT_TABLES.get(name);
    dfa = table === undefined ? makeFormat(name) : unpackDfa(table);
    if (dfa) known.set(name, dfa);
  }
  return dfa;
}

/** The automaton of a format, made from its expression. */
export function makeFormat(name: string): Dfa | undefined {
  const source = SOURCES.get(name);
  return source === undefined ? BUILT.get(name)?.() : regexToDfa(source);
}

const IDN_SEPARATORS = ['.', '\u3002', '\uff0e', '\uff61'];
/** Host names of any number of labels, and texts of the characters that international ones may have. */
const MOST_HOSTNAMES = `${plainLabel(63)}(?:\\.${plainLabel(63)})*`;
const MOST_IDN_HOSTNAMES = '[A-Za-z0-9.\\-\\u{80}-\\u{10FFFF}]+';
/** What may be of a format whose automaton leaves something out. */
const MOST: ReadonlyMap<string, string> = new Map([
  ['hostname', MOST_HOSTNAMES],
  ['idn-hostname', MOST_IDN_HOSTNAMES],
  ['email', '[^]+@[!-~]+'],
  ['idn-email', '[^]+@[^]+'],
  ['time', MOST_TIMES],
  ['date-time', `${DATE}[Tt]${MOST_TIMES}`],
]);
const wholes = new Map<string, WholeFormat>();

/** What goes beyond the automaton of a format, where something does. */
export function wholeFormat(name: string, language: Dfa): WholeFormat | undefined {
  if (name === 'regex') return WHOLE_REGEX;
  const most = MOST.get(name);
  if (most === undefined || language === known.get(PLAIN_NAMES)) return undefined;
  let whole = wholes.get(name);
  if (!whole) {
    whole = beyond(most, namesGrammar(name, language));
    wholes.set(name, whole);
  }
  return whole;
}

/** Host names are a grammar that goes beyond their automaton. */
function namesGrammar(name: string, language: Dfa): WholeFormat['grammar'] {
  if (name === 'hostname') return namesWithEncodedLabels(language, notEncodedLabel, ['.'], false);
  return name === 'idn-hostname' ? namesWithEncodedLabels(language, label, IDN_SEPARATORS, true) : undefined;
}

/** The automaton of what may be of a format is for complements alone, and made when one is asked for. */
function beyond(most: string, grammar: WholeFormat['grammar']): WholeFormat {
  let within: Dfa | undefined;
  return {
    get within() {
      within ??= regexToDfa(most);
      return within;
    },
    ...(grammar && { grammar }),
  };
}

/**
 * Mail addresses. The mailbox's automaton has one accepting state, without edges; in its place comes a state with the edges
 * of the starts of names and of address literals, which begin with different characters. Put together by hand, since the
 * operations would look at every edge of the names many times.
 */
function addressesDfa(beyond: string, names: Dfa): Dfa {
  const local = flatOf(regexToDfa(mailbox(beyond)));
  const literal = flatOf(regexToDfa(ADDRESS_LITERAL));
  const parts = [local, flatOf(names), literal];
  const end = local.accept.indexOf(1);
  const builder = new FlatBuilder();
  let first = 0;
  for (const { edgeStart, edges, accept } of parts) {
    for (let state = 0; state < accept.length; state++) {
      if (first === 0 && state === end) addStarts(builder, parts);
      for (let at = edgeStart[state] * FLAT_WORDS; at < edgeStart[state + 1] * FLAT_WORDS; at += FLAT_WORDS)
        builder.edge(edges[at], edges[at + 1], first + edges[at + 2]);
      builder.close();
    }
    first += accept.length;
  }
  const accept = new Uint8Array(first);
  accept.set(names.accept, local.accept.length);
  accept.set(literal.accept, first - literal.accept.length);
  return renumberFlat(builder.view(accept));
}

/** Adds the edges that the names and the address literals begin with, in order. */
function addStarts(builder: FlatBuilder, [local, names, literal]: readonly FlatDfa[]): void {
  const starts: DfaEdge[] = [];
  let first = local.accept.length;
  for (const { edgeStart, edges, accept } of [names, literal]) {
    for (let at = 0; at < edgeStart[1] * FLAT_WORDS; at += FLAT_WORDS)
      starts.push({ lo: edges[at], hi: edges[at + 1], to: first + edges[at + 2] });
    first += accept.length;
  }
  starts.sort((a, b) => a.lo - b.lo);
  for (const { lo, hi, to } of starts) builder.edge(lo, hi, to);
}
