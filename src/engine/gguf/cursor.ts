// Reads the head of a file from its beginning, a piece at a time. Every error says at which byte.
import { createHash, type Hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { ModelError } from '../../errors.js';
import { MAX_GGUF_HEAD_BYTES } from './limits.js';

const PIECE_BYTES = 1 << 20;

export class Cursor {
  readonly fileSize: number;
  readonly #file: number;
  readonly #hash: Hash = createHash('sha256');
  #piece: Buffer = Buffer.alloc(0);
  #at = 0;
  /** Where in the file the piece begins. */
  #pieceStart = 0;

  /** @throws ModelError `model_not_found`, `model_file` */
  constructor(readonly path: string) {
    try {
      this.#file = openSync(path, 'r');
    } catch (cause) {
      throw new ModelError('model_not_found', `cannot open ${path}: ${(cause as Error).message}`, { cause });
    }
    this.fileSize = fstatSync(this.#file).size;
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#pieceStart + this.#at;
  }

  get remaining(): number {
    return this.fileSize - this.position;
  }

  /** Names what was read: the hash of whole pieces, at least of all bytes up to here. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  /** The next bytes, valid until the next call. @throws ModelError `model_file` where the file or the limit ends before */
  take(count: number, what: string): Buffer {
    if (this.#at + count > this.#piece.length) this.#read(count, what);
    const bytes = this.#piece.subarray(this.#at, this.#at + count);
    this.#at += count;
    return bytes;
  }

  u32(what: string): number {
    return this.take(4, what).readUInt32LE();
  }

  /** A 64-bit count, at most `most`. */
  count(what: string, most: number, limit: string): number {
    const at = this.position;
    const value = this.take(8, what).readBigUInt64LE();
    if (value > BigInt(most)) throw this.fault(`${what} is ${value} (limit ${limit} = ${most})`, at);
    return Number(value);
  }

  fault(reason: string, at = this.position): ModelError {
    return new ModelError('model_file', `${this.path} is not a valid GGUF file: ${reason}, at byte ${at}`);
  }

  #read(count: number, what: string): void {
    const at = this.position;
    if (count > this.fileSize - at)
      throw new ModelError(
        'model_file',
        `${this.path} is truncated: ${what} at byte ${at} needs ${count} bytes, the file has ${this.fileSize}; fetch it again`,
      );
    if (at + count > MAX_GGUF_HEAD_BYTES)
      throw this.fault(
        `what comes before its tensors is too long (limit MAX_GGUF_HEAD_BYTES = ${MAX_GGUF_HEAD_BYTES})`,
      );
    const left = this.#piece.subarray(this.#at);
    const wanted = Math.min(Math.max(count, PIECE_BYTES), this.fileSize - at);
    const piece = Buffer.allocUnsafe(wanted);
    left.copy(piece);
    const read = readSync(this.#file, piece, left.length, wanted - left.length, at + left.length);
    if (left.length + read < count) throw this.fault(`${what} could not be read`);
    this.#piece = piece.subarray(0, left.length + read);
    this.#hash.update(this.#piece.subarray(left.length));
    this.#pieceStart = at;
    this.#at = 0;
  }
}
