// Makes the tokenizer.json that @huggingface/tokenizers encodes with: the same pipeline, with sections that the library
// does otherwise than the Rust one (docs/tokenizer.md lists them) written as sections that it does exactly.
import { TokenizerError } from '../errors.js';
import type { Section, TokenizerJson } from './tokenizer-json.js';

/** Sections that the library follows, or that are rewritten here. */
const NORMALIZERS = new Set([
  'NFC',
  'NFD',
  'NFKC',
  'NFKD',
  'Replace',
  'Prepend',
  'Lowercase',
  'Strip',
  'StripAccents',
  'Precompiled',
]);

/** The words of GPT-2's ByteLevel pre-tokenizer as Oniguruma reads them: its \s is Unicode white space. */
const GPT2_WORDS = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
const PUNCTUATION = '[\\p{P}\\x21-\\x2F\\x3A-\\x40\\x5B-\\x60\\x7B-\\x7E]';

/**
 * The configuration of the encoder.
 * @throws TokenizerError `unsupported_tokenizer` naming a section that would be done otherwise than its author meant
 */
export function encoderConfig(json: TokenizerJson): Record<string, unknown> {
  for (const { type } of json.normalizers) if (!NORMALIZERS.has(type)) unsupported('normalizer', type);
  for (const token of json.addedTokens)
    if (token.singleWord)
      unsupported('added token', `${JSON.stringify(token.content)} with single_word: true`);
  const preTokenizers = json.preTokenizers.flatMap(rewritePreTokenizer);
  return {
    ...json.raw,
    added_tokens: json.raw.added_tokens ?? [],
    normalizer: sequence('normalizers', json.normalizers.map(literalReplacement)),
    pre_tokenizer: sequence('pretokenizers', preTokenizers),
    post_processor: json.raw.post_processor ?? null,
    decoder: null,
  };
}

function sequence(field: string, sections: readonly Section[]): unknown {
  return sections.length === 0 ? null : { type: 'Sequence', [field]: sections };
}

/** The library gives `$` in a replacement JavaScript's meaning. */
function literalReplacement(section: Section): Section {
  if (section.type !== 'Replace' || typeof section.content !== 'string') return section;
  return { ...section, content: section.content.replaceAll('$', '$$$$') };
}

function rewritePreTokenizer(section: Section): Section[] {
  switch (section.type) {
    case 'ByteLevel':
      return rewriteByteLevel(section);
    case 'Metaspace':
      return section.split === false ? [section] : [section, isolate(metaspaceWords(section))];
    case 'Digits':
      return [isolate(section.individual_digits ? '\\p{N}' : '\\p{N}+')];
    case 'Punctuation':
      return [split({ Regex: PUNCTUATION }, section.behavior ?? 'Isolated', false)];
    case 'Split':
      return [split(section.pattern, section.behavior, section.invert === true)];
    default:
      return unsupported('pre-tokenizer', section.type);
  }
}

/** Splits with the Rust library's white space, then turns bytes into their stand-ins. */
function rewriteByteLevel(section: Section): Section[] {
  const bytes = { type: 'ByteLevel', add_prefix_space: false, use_regex: false };
  /** A Metaspace that is a space: puts one before a text that does not start with one, and changes nothing else. */
  const prefix = { type: 'Metaspace', replacement: ' ', prepend_scheme: 'always' };
  return [
    ...(section.add_prefix_space ? [prefix] : []),
    ...(section.use_regex === false ? [] : [isolate(GPT2_WORDS)]),
    bytes,
  ];
}

/** Each metaspace begins a word. */
function metaspaceWords(section: Section): string {
  const mark = escapeRegex(typeof section.replacement === 'string' ? section.replacement : '\u2581');
  return `${mark}[^${mark}]*|[^${mark}]+`;
}

/** A Split whose behaviour the library does: matches and what lies between them, each a piece. */
function split(pattern: unknown, behavior: unknown, invert: boolean): Section {
  const named = String(behavior).toLowerCase().replaceAll('_', '');
  const source = patternSource(pattern);
  switch (named) {
    case 'removed':
      if (invert) return { type: 'Split', pattern: { Regex: source }, behavior: 'Removed', invert };
      break;
    case 'isolated':
      return isolate(source);
    case 'contiguous':
      return isolate(`(?:${source})+`);
    case 'mergedwithprevious':
      if (!invert) return isolate(`[\\s\\S]*?(?:${source})|[\\s\\S]+`);
      break;
    case 'mergedwithnext':
      if (!invert) return isolate(`(?:${source})(?:(?!${source})[\\s\\S])*|(?:(?!${source})[\\s\\S])+`);
      break;
  }
  return unsupported('Split behavior', `${JSON.stringify(behavior)}${invert ? ' inverted' : ''}`);
}

function isolate(source: string): Section {
  return { type: 'Split', pattern: { Regex: source }, behavior: 'Isolated', invert: false };
}

function patternSource(pattern: unknown): string {
  const { Regex, String: text } = (pattern ?? {}) as { Regex?: unknown; String?: unknown };
  if (typeof Regex === 'string') return Regex;
  if (typeof text === 'string' && text !== '') return escapeRegex(text);
  return unsupported('Split pattern', JSON.stringify(pattern));
}

function escapeRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}

function unsupported(what: string, which: string): never {
  throw new TokenizerError('unsupported_tokenizer', `tokenizer.json: ${what} ${which} is not supported`);
}
