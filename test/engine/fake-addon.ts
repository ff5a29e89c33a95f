// A native addon made of plain objects: it keeps what it is given, and outputs what a test tells it to.
import type {
  GrammarHandle,
  NativeAddon,
  NativeEngineOptions,
  NativeEvent,
  NativeFinish,
  NativeModelSpec,
  NativeRequest,
} from '../../src/native/index.js';

export class FakeAddon {
  readonly submitted: NativeRequest[] = [];
  readonly aborted: number[] = [];
  /** Most masks of each call of precomputeMasks. */
  readonly precomputed: number[] = [];
  readonly grammars: { image: Uint8Array; maxConfigurations: number }[] = [];
  spec: NativeModelSpec | undefined;
  options: NativeEngineOptions | undefined;
  closed = 0;
  /** What `submit` throws, if anything. */
  refusal: Error | undefined;
  #onEvents: (events: NativeEvent[]) => void = () => {};
  #arrived: (() => void)[] = [];

  readonly addon = {
    abiVersion: 3,
    cpuKernels: 'fake',
    loadTokenizer: () => ({}),
    loadGrammar: (image: Uint8Array, _: unknown, { maxConfigurations }: { maxConfigurations: number }) => {
      this.grammars.push({ image, maxConfigurations });
      return { grammar: this.grammars.length };
    },
    precomputeMasks: async (_: unknown, maxMasks: number) => {
      this.precomputed.push(maxMasks);
      throw new Error('nobody waits for this');
    },
    loadModel: async (spec: NativeModelSpec) => {
      this.spec = spec;
      return {};
    },
    createEngine: (_: unknown, options: NativeEngineOptions, onEvents: (events: NativeEvent[]) => void) => {
      this.options = options;
      this.#onEvents = onEvents;
      return {
        submit: (request: NativeRequest) => {
          if (this.refusal) throw this.refusal;
          this.submitted.push(request);
          for (const wake of this.#arrived.splice(0)) wake();
        },
        giveGrammar: (id: number, grammar: GrammarHandle) => {
          const at = this.submitted.findIndex((request) => request.id === id);
          this.submitted[at] = { ...this.submitted[at]!, grammar };
        },
        abort: (id: number) => {
          this.aborted.push(id);
          setImmediate(() => this.finish(id, 'abort'));
        },
        stats: () => ({ running: this.submitted.length }),
        flushCache: async () => 3,
        close: async () => {
          this.closed++;
        },
      };
    },
  } as unknown as NativeAddon;

  /** The request number `index`, once it is submitted. */
  async request(index = 0): Promise<NativeRequest> {
    while (this.submitted.length <= index)
      await new Promise<void>((resolve) => {
        this.#arrived.push(resolve);
      });
    return this.submitted[index]!;
  }

  emit(id: number, tokens: Iterable<number>, allowed = -1, more: Partial<NativeEvent> = {}): void {
    const ids = Int32Array.from(tokens);
    this.#onEvents([{ id, tokens: ids, allowed: new Int32Array(ids.length).fill(allowed), ...more }]);
  }

  finish(
    id: number,
    reason: NativeFinish,
    more: { stopToken?: number; error?: { code: string; message: string } } = {},
    beside: Partial<NativeEvent> = {},
  ): void {
    const none = new Int32Array(0);
    const counts = { promptTokens: 4, cachedTokens: 2, outputTokens: 1, draftTokens: 0, acceptedTokens: 0 };
    const times = { firstTokenMicros: 1500, totalMicros: 2500, maskMicros: 500 };
    this.#onEvents([
      {
        id,
        tokens: none,
        allowed: none,
        ...beside,
        finish: { reason, stopToken: -1, ...more, ...counts, ...times },
      },
    ]);
  }
}
