// Responses that are kept, so that later requests can go on from them: in memory, bounded by number, bytes and time.
import { RequestError } from '../../../errors.js';
import type { ConversationItem } from './items.js';
import type { ResponseObject } from './response.js';
import type { ResponseEvent } from './writer.js';

export interface StoredResponse {
  readonly response: ResponseObject;
  /** The items of its own request, not those of the responses before. */
  readonly input: readonly ConversationItem[];
  /** Those of a background response that was asked to stream. */
  readonly events?: readonly ResponseEvent[];
}

export interface StoreLimits {
  readonly maxStoredResponses: number;
  readonly maxStoredBytes: number;
  /** Milliseconds since it was last used. */
  readonly storedResponseTtl: number;
}

interface Entry extends StoredResponse {
  readonly bytes: number;
  usedAt: number;
}

/** The least recently used go first; a response that is gone on from counts as used, and so do those before it. */
export class ResponseStore {
  readonly #limits: StoreLimits;
  readonly #now: () => number;
  /** By id, the least recently used first. */
  readonly #entries = new Map<string, Entry>();
  /** The response that an item belongs to, by the item's id. */
  readonly #owners = new Map<string, string>();
  #bytes = 0;

  constructor(limits: StoreLimits, now: () => number = Date.now) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Bytes of all that is kept, as JSON. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** One that is larger than the limit by itself is not kept. */
  put(stored: StoredResponse): void {
    const bytes = Buffer.byteLength(JSON.stringify(stored));
    if (bytes > this.#limits.maxStoredBytes) return;
    const { id } = stored.response;
    this.delete(id);
    this.#entries.set(id, { ...stored, bytes, usedAt: this.#now() });
    this.#bytes += bytes;
    for (const item of itemsOf(stored)) this.#owners.set(item.id, id);
    this.#evict();
  }

  get(id: string): StoredResponse | undefined {
    this.#evict();
    const entry = this.#entries.get(id);
    if (!entry) return undefined;
    entry.usedAt = this.#now();
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    return entry;
  }

  /** Whether it was there. */
  delete(id: string): boolean {
    const entry = this.#entries.get(id);
    if (!entry) return false;
    this.#entries.delete(id);
    this.#bytes -= entry.bytes;
    for (const item of itemsOf(entry)) if (this.#owners.get(item.id) === id) this.#owners.delete(item.id);
    return true;
  }

  /** The item with this id in any of the responses. */
  item(id: string): ConversationItem | undefined {
    const owner = this.#owners.get(id);
    const stored = owner === undefined ? undefined : this.get(owner);
    return stored && itemsOf(stored).find((item) => item.id === id);
  }

  /**
   * The conversation up to and with this response: what was asked and answered in it and in all before it.
   * @throws RequestError `previous_response_not_found` where one of them is not kept
   */
  history(id: string): ConversationItem[] {
    const turns: ConversationItem[][] = [];
    for (let at: string | null = id; at !== null; ) {
      const stored = this.get(at);
      if (!stored) throw notFound(id, at);
      turns.push(itemsOf(stored));
      at = stored.response.previous_response_id;
    }
    return turns.reverse().flat();
  }

  #evict(): void {
    const { maxStoredResponses, maxStoredBytes, storedResponseTtl } = this.#limits;
    const oldest = this.#now() - storedResponseTtl;
    for (const [id, { usedAt }] of this.#entries) {
      const isOver = this.#entries.size > maxStoredResponses || this.#bytes > maxStoredBytes;
      if (!isOver && usedAt >= oldest) return;
      this.delete(id);
    }
  }
}

function itemsOf({ response, input }: StoredResponse): ConversationItem[] {
  return [...input, ...response.output];
}

function notFound(id: string, missing: string): RequestError {
  const why = id === missing ? '' : `: the response ${JSON.stringify(missing)} before it is gone`;
  return new RequestError(
    'previous_response_not_found',
    `the response ${JSON.stringify(id)} is not stored here${why}; send the conversation itself`,
    'previous_response_id',
  );
}
