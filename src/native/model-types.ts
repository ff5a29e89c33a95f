// A model as the native addon is told of it: its shape, and where its weights lie.

/** How elements lie in a file; from `Q8_0` on in blocks, as ggml defines them. */
export type NativeDtype = 'F32' | 'F16' | 'BF16' | 'Q8_0' | 'Q4_0' | 'Q4_K' | 'Q6_K';

/** One tensor in a memory-mapped file; offsets and sizes were checked by JavaScript. */
export interface NativeTensor {
  readonly name: string;
  readonly dtype: NativeDtype;
  readonly shape: readonly number[];
  /** Index into {@link NativeModelSpec.files}. */
  readonly file: number;
  /** Byte offset in the file. */
  readonly offset: number;
  /** Rows of a head, where they lie as ggml has them for interleaved rotation: the halves by turns. */
  readonly headRows?: number;
}

/** A decoder-only transformer described by data. Counts are numbers of elements; theta and eps as in config.json. */
export interface NativeModelSpec {
  /** Random weights in place of files: in the host's memory, or made by the back end on its device. */
  readonly random?: 'host' | 'device';
  readonly files: readonly string[];
  readonly tensors: readonly NativeTensor[];
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly maxPositions: number;
  readonly ropeTheta: number;
  readonly rmsNormEps: number;
  readonly tiedEmbeddings: boolean;
  /** Absent for plain rope. */
  readonly ropeScaling?: NativeRopeScaling;
  /** One for each layer; absent: every layer sees all tokens and has one feed-forward network. */
  readonly layerKinds?: readonly NativeLayerKind[];
  /** How many of a head's elements are rotated: the first ones, of latent attention the last. Absent: all. */
  readonly ropeSize?: number;
  /** Element 2i is rotated with 2i + 1, not i with i + ropeSize / 2. */
  readonly ropeInterleaved?: boolean;
  /** Base of the plain frequencies that layers with a window rotate by; absent: as the others. */
  readonly windowRopeTheta?: number;
  readonly qkvBias?: boolean;
  readonly outputBias?: boolean;
  readonly mlpBias?: boolean;
  /** Heads of queries and keys are normalised before they are rotated. */
  readonly qkNorm?: boolean;
  /** What attention and feed-forward give is normalised before it is added. */
  readonly outputNorms?: boolean;
  /** Norms multiply by this plus their weight; absent: 0. */
  readonly normOffset?: number;
  /** Absent: 'silu'. */
  readonly activation?: 'silu' | 'gelu-tanh';
  readonly embeddingScale?: number;
  /** Scores are multiplied by this; absent: one over the root of the query's size. */
  readonly attentionScale?: number;
  /** Scores and logits x become cap * tanh(x / cap). */
  readonly attentionSoftCap?: number;
  readonly logitSoftCap?: number;
  /** Then kvHeads is 1, headDim kvRank + ropeSize. */
  readonly latent?: NativeLatentAttention;
  readonly experts?: NativeExperts;
}

/** How rotary frequencies differ from plain ones. 'factors' divides each by its own (longrope). */
export interface NativeRopeScaling {
  readonly kind: 'linear' | 'llama3' | 'yarn' | 'factors';
  readonly factor?: number;
  /** llama3 and yarn. */
  readonly originalMaxPositions?: number;
  readonly lowFreqFactor?: number;
  readonly highFreqFactor?: number;
  /** Yarn: turns within the original positions; frequencies that make more are kept, fewer divided. */
  readonly betaFast?: number;
  readonly betaSlow?: number;
  /** Yarn: whether the ramp begins and ends at whole frequencies; absent: true. */
  readonly truncate?: boolean;
  readonly factors?: readonly number[];
  /** Cosines and sines are multiplied by this; absent: 1. */
  readonly attentionFactor?: number;
}

export interface NativeLayerKind {
  /** A token sees this many of the newest tokens, itself included; absent or 0: all. */
  readonly window?: number;
  /** A mixture of experts in place of one feed-forward network. */
  readonly experts?: boolean;
}

/** DeepSeek's multi-head latent attention; a query's head has nopeSize elements and then ropeSize rotated ones. */
export interface NativeLatentAttention {
  readonly kvRank: number;
  /** Absent: queries come from the hidden state without a bottleneck. */
  readonly qRank?: number;
  readonly nopeSize: number;
  readonly valueSize: number;
  /** Of the norms of both bottlenecks; absent: 1e-6. */
  readonly normEps?: number;
}

export interface NativeExperts {
  readonly count: number;
  readonly perToken: number;
  readonly intermediateSize: number;
  /** Of the network that every token goes through as well; absent: there is none. */
  readonly sharedIntermediateSize?: number;
  /** That network's output is multiplied by the sigmoid of a product with the token. */
  readonly sharedGate?: boolean;
  readonly router: {
    readonly scores: 'softmax' | 'sigmoid';
    /** A bias for each expert counts in the choice, not in the weights. */
    readonly bias?: boolean;
    /** Experts are in groups; the best groupsKept take part, by the sum of their groupMembers highest scores. */
    readonly groups?: number;
    readonly groupsKept?: number;
    readonly groupMembers?: number;
    /** Weights are divided by their sum, then multiplied by scale. */
    readonly normalize?: boolean;
    readonly scale?: number;
  };
}
