// A file of the cache: a TokenizerImage and, behind it, the facts that the image does not hold and a hash of them. It is
// written beside its place and renamed, so that readers see a whole file or none, and it is checked whole when it is
// read: a file that is damaged, cut off, foreign or of another version is as good as none.
import { createHash, randomBytes } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { NativeAddon, TokenizerHandle } from '../native/index.js';
import {
  type LeadingSpaceRule,
  openTokenizerImage,
  type TokenizerFacts,
  type TokenizerImage,
  viewTokenizerImage,
} from '../tokenizer/index.js';

/** Most images that are kept; the ones that were not opened for longest go first. Each has some 5 to 15 MB. */
export const MAX_CACHED_IMAGES = 32;
const EXTENSION = '.tokenizer';
/** What a process that ended while it wrote left behind is removed after this time. */
const ABANDONED_MILLIS = 3_600_000;
/** The header word that holds the image's length. */
const LENGTH_OFFSET = 7 * 4;
const DIGEST_LENGTH = 64;

/** What opens images natively. */
export type ImageReader = Pick<NativeAddon, 'openTokenizer'>;

/** An image from a file, with the handle of the mapped one where it was opened natively. */
export interface StoredImage {
  readonly image: TokenizerImage;
  readonly facts: TokenizerFacts;
  readonly native?: TokenizerHandle;
}

/** The file of an image in a cache folder. */
export function imageFile(folder: string, key: string): string {
  return join(folder, 'tokenizers', key + EXTENSION);
}

/**
 * The image of `key`, undefined where there is no file.
 * @throws Error that says what is wrong with the file
 */
export function readImageFile(file: string, key: string, addon?: ImageReader): StoredImage | undefined {
  if (!statSync(file, { throwIfNoEntry: false })) return undefined;
  const { image, tail, native } = addon ? openMapped(file, addon) : openRead(file);
  const facts = readTail(tail, key, image.hash);
  const now = new Date();
  try {
    utimesSync(file, now, now); // what is used is kept
  } catch {
    // Of another user, or gone by now: it is open all the same.
  }
  return { image, facts, ...(native && { native }) };
}

interface Opened {
  readonly image: TokenizerImage;
  readonly tail: Uint8Array;
  readonly native?: TokenizerHandle;
}

/** The native reader checks hash and structure. */
function openMapped(file: string, addon: ImageReader): Opened {
  const { tokenizer, image, tail } = addon.openTokenizer(file);
  return { image: viewTokenizerImage(image), tail: new Uint8Array(tail), native: tokenizer };
}

function openRead(file: string): Opened {
  const bytes = new Uint8Array(readFileSync(file));
  if (bytes.length < LENGTH_OFFSET + 4) throw new Error(`it has only ${bytes.length} bytes`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(LENGTH_OFFSET, true);
  if (length < 0 || length > bytes.length) throw new Error('it is shorter than its image');
  return { image: openTokenizerImage(bytes.slice(0, length).buffer), tail: bytes.subarray(length) };
}

/**
 * Puts an image in its place at once, and removes what has not been used for longest.
 * @throws Error of the file system; nothing is left behind then
 */
export function writeImageFile(
  file: string,
  key: string,
  image: TokenizerImage,
  facts: TokenizerFacts,
): void {
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const temporary = `${file}.${randomBytes(8).toString('hex')}.tmp`;
  // Others map this file: nobody is to write into it. Windows neither maps it nor renames over files that say so.
  const mode = process.platform === 'win32' ? 0o600 : 0o400;
  try {
    const content = Buffer.concat([new Uint8Array(image.buffer), writeTail(key, image.hash, facts)]);
    writeFileSync(temporary, content, { flag: 'wx', mode });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  removeUnused(folder);
}

function writeTail(key: string, image: string, { bosTokenId, leadingSpace }: TokenizerFacts): Buffer {
  const text = JSON.stringify({ key, image, bosTokenId, leadingSpace });
  return Buffer.from(text + digest(text));
}

/** The facts behind an image. @throws Error where they are not those that were written for it */
function readTail(bytes: Uint8Array, key: string, image: string): TokenizerFacts {
  const text = Buffer.from(bytes).toString('utf8');
  const json = text.slice(0, -DIGEST_LENGTH);
  if (digest(json) !== text.slice(-DIGEST_LENGTH))
    throw new Error('what stands behind its image does not match its hash');
  const facts = JSON.parse(json) as Record<string, unknown>;
  if (facts.key !== key || facts.image !== image) throw new Error('it was written for another tokenizer');
  const { bosTokenId, leadingSpace } = facts;
  if (bosTokenId !== undefined && !isCount(bosTokenId)) throw new Error('its begin token is not an id');
  if (!isLeadingSpace(leadingSpace)) throw new Error('its rule for the leading space is unknown');
  return { bosTokenId, leadingSpace };
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

function isLeadingSpace(value: unknown): value is LeadingSpaceRule {
  const { kind, count, metaspace } = (value ?? {}) as Record<string, unknown>;
  if (kind === 'spaces') return isCount(count);
  return kind === 'none' || (kind === 'first-token' && typeof metaspace === 'string');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Another process may do the same: a file that is gone is no fault. */
function removeUnused(folder: string): void {
  const images: { path: string; usedAt: number }[] = [];
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const usedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (usedAt === undefined) continue;
    if (name.endsWith(EXTENSION)) images.push({ path, usedAt });
    else if (name.endsWith('.tmp') && Date.now() - usedAt > ABANDONED_MILLIS) rmSync(path, { force: true });
  }
  images.sort((a, b) => b.usedAt - a.usedAt);
  for (const { path } of images.slice(MAX_CACHED_IMAGES)) rmSync(path, { force: true });
}
