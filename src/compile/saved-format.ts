// A compiled grammar as bytes, and back: header, GrammarImage, what is known beside it as JSON, and masks for one tokenizer.
import { contentHash } from '../automata/index.js';
import { CompileError } from '../errors.js';
import type { KeywordNote } from './compiled-grammar.js';
import { decodeMasks, encodeMasks, type PrecomputedMasks } from './saved-masks.js';

const MAGIC = 0x53505345; // ESPS
const VERSION = 2;
const HEADER_WORDS = 16;
/** Two words of content hash, where {@link contentHash} expects them. */
const HASH_WORD = 8;

/** What texts stand for: parsed JSON, the text itself, or what code makes of it, which cannot be saved. */
export type ReadingKind = 'json' | 'text' | 'code';

/** What is known of a grammar beside its image, as data. */
export interface SavedDetails {
  readonly annotations: readonly KeywordNote[];
  readonly unenforced: readonly KeywordNote[];
  readonly compileMs?: number;
  readonly maxConfigurations?: number;
  readonly isBytes: boolean;
  readonly reading: ReadingKind;
  /** Source and options as JSON texts; missing where code is part of the source. */
  readonly job?: { readonly source: string; readonly options: string };
}

export interface SavedParts {
  readonly image: Uint8Array;
  readonly details: SavedDetails;
  readonly masks?: PrecomputedMasks;
}

/** Little-endian words: magic "ESPS", version, bytes, bytes of image, details and masks, 0, 0, hash (2), 0 …; the sections. */
export function encodeSaved({ image, details, masks }: SavedParts): Uint8Array {
  const json = paddedJson(details);
  const maskWords = masks ? encodeMasks(masks) : new Int32Array();
  const total = HEADER_WORDS * 4 + image.byteLength + json.byteLength + maskWords.byteLength;
  const bytes = new Uint8Array(total);
  const words = new Int32Array(bytes.buffer);
  words.set([MAGIC, VERSION, total, image.byteLength, json.byteLength, maskWords.byteLength]);
  bytes.set(image, HEADER_WORDS * 4);
  bytes.set(json, HEADER_WORDS * 4 + image.byteLength);
  words.set(maskWords, (total - maskWords.byteLength) / 4);
  words.set(contentHash(words), HASH_WORD);
  return bytes;
}

/**
 * The parts of a saved grammar; the image is not looked into.
 * @throws CompileError `invalid_image` when it is damaged, of another version, or something else
 */
export function decodeSaved(given: Uint8Array): SavedParts {
  if (!(given instanceof Uint8Array)) throw damaged('it is not a Uint8Array');
  if (given.byteLength < HEADER_WORDS * 4 || given.byteLength % 4 !== 0) throw damaged('its length is wrong');
  const bytes = given.slice(); // aligned, and the caller may write to its own
  const words = new Int32Array(bytes.buffer);
  const [magic, version, total, imageBytes, jsonBytes, maskBytes] = words;
  if (magic !== MAGIC) throw damaged('it does not begin with the magic word');
  if (version !== VERSION) throw damaged(`it has version ${version}, this build reads ${VERSION}`);
  const sizes = [imageBytes, jsonBytes, maskBytes];
  const sum = sizes.reduce((a, b) => a + b, HEADER_WORDS * 4);
  if (sizes.some((size) => size < 0 || size % 4 !== 0) || sum !== total || total !== bytes.byteLength)
    throw damaged('its sections do not fit its length');
  const [low, high] = contentHash(words);
  if (words[HASH_WORD] !== low || words[HASH_WORD + 1] !== high)
    throw damaged('its content does not match its hash');
  const jsonAt = HEADER_WORDS * 4 + imageBytes;
  const masksAt = jsonAt + jsonBytes;
  return {
    image: bytes.slice(HEADER_WORDS * 4, jsonAt),
    details: readDetails(bytes.subarray(jsonAt, masksAt)),
    ...(maskBytes > 0 && { masks: decodeMasks(words.subarray(masksAt / 4)) }),
  };
}

function paddedJson(value: unknown): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(value));
  const padded = new Uint8Array(Math.ceil(text.length / 4) * 4).fill(0x20);
  padded.set(text);
  return padded;
}

function readDetails(json: Uint8Array): SavedDetails {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch (cause) {
    throw damaged('its details are not JSON', { cause });
  }
  if (!isDetails(value)) throw damaged('its details are not what they should be');
  return value;
}

function isDetails(value: unknown): value is SavedDetails {
  if (typeof value !== 'object' || value === null) return false;
  const { annotations, unenforced, compileMs, maxConfigurations, isBytes, reading, job } = value as Partial<
    Record<keyof SavedDetails, unknown>
  >;
  return (
    isNotes(annotations) &&
    isNotes(unenforced) &&
    (compileMs === undefined || typeof compileMs === 'number') &&
    (maxConfigurations === undefined ||
      (Number.isInteger(maxConfigurations) && Number(maxConfigurations) > 0)) &&
    typeof isBytes === 'boolean' &&
    ['json', 'text', 'code'].includes(reading as string) &&
    (job === undefined || isJob(job))
  );
}

function isNotes(value: unknown): value is KeywordNote[] {
  const isNote = (note: Partial<KeywordNote> | null) =>
    typeof note?.pointer === 'string' &&
    typeof note.keyword === 'string' &&
    (note.reason === undefined || typeof note.reason === 'string');
  return Array.isArray(value) && value.every(isNote);
}

function isJob(value: unknown): value is NonNullable<SavedDetails['job']> {
  const { source, options } = (value ?? {}) as Record<string, unknown>;
  return [source, options].every((text) => typeof text === 'string' && isObjectText(text));
}

function isObjectText(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function damaged(reason: string, options?: ErrorOptions): CompileError {
  return new CompileError(
    'invalid_image',
    `this is not a usable saved grammar: ${reason}; compile the grammar again`,
    {},
    options,
  );
}
