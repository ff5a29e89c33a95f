/* The C ABI of libespalier_cuda.so: one decoder on one CUDA device, or shared by several (tensor parallelism). The library knows nothing of requests, prefixes or
 * grammars; the addon opens it at run time, and works without it.
 *
 * Conventions. Functions return 0, or -1 with a message in last_error() (of the calling thread). Nothing throws. One
 * context is used by one thread at a time; weights of its ranks may be loaded by a thread for each. Sizes are in elements unless they say bytes; matrices are row-major
 * [outputs, inputs] as in Hugging Face checkpoints. */
#ifndef ESPALIER_CUDA_H
#define ESPALIER_CUDA_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised whenever anything below changes. */
#define ESP_CUDA_ABI_VERSION 9
/* The one exported symbol: const esp_cuda_api* esp_cuda_open(uint32_t abi_version), null for another version. */
#define ESP_CUDA_OPEN "esp_cuda_open"

typedef enum esp_cuda_dtype { ESP_CUDA_F32 = 0, ESP_CUDA_F16 = 1, ESP_CUDA_BF16 = 2 } esp_cuda_dtype;

/* Matrices; `part` of load() counts the experts of the last three and the heads of ESP_CUDA_KEY_UP and _VALUE_UP. */
typedef enum esp_cuda_tensor {
  ESP_CUDA_EMBEDDING,
  ESP_CUDA_LM_HEAD,
  ESP_CUDA_Q,
  ESP_CUDA_K,
  ESP_CUDA_V,
  ESP_CUDA_O,
  ESP_CUDA_GATE,
  ESP_CUDA_UP,
  ESP_CUDA_DOWN,
  /* Latent attention: queries, from the hidden state or by way of a bottleneck; latent vectors with the key's rotated
   * part; per head [kv_rank, nope_size], from a query to the latent space, and [value_size, kv_rank]. */
  ESP_CUDA_Q_DOWN,
  ESP_CUDA_Q_UP,
  ESP_CUDA_KV_DOWN,
  ESP_CUDA_KEY_UP,
  ESP_CUDA_VALUE_UP,
  ESP_CUDA_ROUTER,
  ESP_CUDA_SHARED_GATE,
  ESP_CUDA_SHARED_UP,
  ESP_CUDA_SHARED_DOWN,
  /* [1, hidden]: how much of the shared network's output counts. */
  ESP_CUDA_SHARED_SHARE,
  ESP_CUDA_EXPERT_GATE,
  ESP_CUDA_EXPERT_UP,
  ESP_CUDA_EXPERT_DOWN,
} esp_cuda_tensor;

/* Vectors of float32. */
typedef enum esp_cuda_vector {
  ESP_CUDA_FINAL_NORM,
  ESP_CUDA_INPUT_NORM,
  ESP_CUDA_POST_NORM,
  ESP_CUDA_ATTENTION_OUTPUT_NORM,
  ESP_CUDA_MLP_OUTPUT_NORM,
  ESP_CUDA_Q_NORM,
  ESP_CUDA_K_NORM,
  ESP_CUDA_LATENT_Q_NORM,
  ESP_CUDA_LATENT_KV_NORM,
  ESP_CUDA_Q_BIAS,
  ESP_CUDA_K_BIAS,
  ESP_CUDA_V_BIAS,
  ESP_CUDA_O_BIAS,
  ESP_CUDA_GATE_BIAS,
  ESP_CUDA_UP_BIAS,
  ESP_CUDA_DOWN_BIAS,
  ESP_CUDA_ROUTER_BIAS,
} esp_cuda_vector;

/* Latent attention; kv_rank 0: there is none. As espalier::LatentAttention. */
typedef struct esp_cuda_latent {
  size_t kv_rank, q_rank, nope_size, value_size;
  float norm_eps;
} esp_cuda_latent;

/* Mixtures of experts; count 0: there are none. As espalier::Experts and espalier::Router. */
typedef struct esp_cuda_experts {
  size_t count, per_token, intermediate_size, shared_intermediate_size;
  int32_t shared_gate;
  int32_t sigmoid; /* scores are sigmoids, not a softmax */
  int32_t bias;
  size_t groups, groups_kept, group_members;
  int32_t normalize;
  float scale;
} esp_cuda_experts;

/* A rank's part of a decoder that several devices share (espalier's models/shard.h); count 0: it has all of it. */
typedef struct esp_cuda_shard {
  int32_t rank, count;
  size_t first_token, tokens; /* whose logits it computes */
  size_t kv_heads;            /* of the whole decoder */
} esp_cuda_shard;

/* Zeros are Llama's: without that part of a decoder. Sizes are those of the rank's part. */
typedef struct esp_cuda_config {
  int32_t device;
  int32_t compute; /* esp_cuda_dtype of weights, activations and KV pages */
  size_t vocab_size, hidden_size, intermediate_size, layers, heads, kv_heads, head_dim, max_positions;
  float rms_norm_eps;
  int32_t tied_embeddings; /* the output head is the embedding */
  float embedding_scale;   /* 0: 1 */
  size_t rope_size;        /* elements of a head that are rotated, the first ones; 0: all. Of latent attention the last. */
  int32_t rope_interleaved;       /* element 2i turns with 2i + 1, not i with i + rope_size / 2 */
  const float* rope_frequencies;  /* half as many as elements are rotated, radians per position */
  float rope_factor;              /* of cosines and sines; 0: 1 */
  const float* window_frequencies; /* of layers with a window, without a factor; null: as the others */
  float attention_scale;    /* of products of queries and keys; 0: one over the root of a query's size */
  float attention_soft_cap; /* scores become cap * tanh(score / cap); 0: off */
  float logit_soft_cap;
  /* Per layer: a token sees itself and so many - 1 before, 0: all. Null: all in all layers. */
  const int32_t* windows;
  int32_t qkv_bias, output_bias, mlp_bias, qk_norm, output_norms;
  int32_t gelu; /* the gate's activation: GELU by tanh, not SiLU */
  esp_cuda_latent latent;
  esp_cuda_experts experts;
  const int32_t* expert_layers; /* per layer: whether it has experts in place of one network. Null: none has. */
  esp_cuda_shard shard;
} esp_cuda_config;

/* As espalier::Segment: consecutive tokens of one sequence and the pages that hold its keys and values. A negative token,
 * where a segment has only one, stands for the token that entry -1 - token of the last sample() chose. */
typedef struct esp_cuda_segment {
  const int32_t* tokens;
  size_t count, start;
  const int32_t* pages;
  size_t logit_rows;
} esp_cuda_segment;

/* Pages of the host have numbers of their own. */
typedef enum esp_cuda_page_way { ESP_CUDA_ON_DEVICE, ESP_CUDA_TO_HOST, ESP_CUDA_TO_DEVICE } esp_cuda_page_way;

typedef struct esp_cuda_page_copy {
  int32_t way; /* esp_cuda_page_way */
  int32_t from, to;
} esp_cuda_page_copy;

/* What changes the logit of one token before a choice, in this order: where `seen`, the repetition penalty (positive logits
 * are divided by it, others multiplied); minus frequency_penalty for each of `outputs`; minus presence_penalty where
 * there are any; plus bias, where minus infinity forbids the token. */
typedef struct esp_cuda_adjustment {
  int32_t token;
  float bias;
  uint32_t outputs, seen;
} esp_cuda_adjustment;

/* Most alternatives of a choice. */
#define ESP_CUDA_MOST_ALTERNATIVES 20

/* Natural logarithms of probabilities in the distribution of the row's logits as they are, without adjustments, mask and
 * temperature: of the chosen token, and of the most probable ones, of equal ones those with lower ids first; token -1
 * where there are no more. */
typedef struct esp_cuda_logprobs {
  float chosen;
  int32_t tokens[ESP_CUDA_MOST_ALTERNATIVES];
  float values[ESP_CUDA_MOST_ALTERNATIVES];
} esp_cuda_logprobs;

/* One token to choose from a row of the last forward's logits. */
typedef struct esp_cuda_choice {
  size_t logit_row;
  int32_t mask;       /* number of a mask row (allocate_masks), or -1: all tokens */
  double temperature; /* 0: greedy */
  uint64_t top_k;     /* 0: off */
  double top_p;       /* 1: off */
  double min_p;       /* 0: off */
  double uniform;     /* the draw, in [0, 1) */
  float repetition_penalty, frequency_penalty, presence_penalty;
  /* Each token at most once. No other choice of the same row may come with one that has any. */
  const esp_cuda_adjustment* adjustments;
  size_t adjustment_count;
  int32_t wants_logprobs; /* 0: none */
  int32_t alternatives;   /* with them: how many, up to ESP_CUDA_MOST_ALTERNATIVES */
} esp_cuda_choice;

typedef struct esp_cuda_device_info {
  char name[128];
  size_t memory_bytes, free_bytes;
  int32_t multiprocessors, capability; /* 90: compute capability 9.0 */
} esp_cuda_device_info;

typedef struct esp_cuda_context esp_cuda_context;

typedef struct esp_cuda_api {
  uint32_t abi_version;
  const char* (*last_error)(void);
  /* Devices this library has code for; 0 without a driver or a GPU. */
  int32_t (*device_count)(void);
  int (*device_info)(int32_t device, esp_cuda_device_info* out);
  /* Bytes a second, read and written, that large copies within the device move; for benchmarks. */
  int (*copy_bandwidth)(int32_t device, double* bytes_per_second);
  /* Whether what several devices need to share a decoder is there: NCCL. */
  int (*can_share)(void);
  /* One configuration for each rank, in their order, each with a device of its own. */
  int (*create)(const esp_cuda_config* configs, size_t ranks, esp_cuda_context** out);
  void (*destroy)(esp_cuda_context* context);
  /* Copies one matrix of a rank's part to its device in the compute type. `layer` and `part` are ignored where there is one.
   * Rows are `row_bytes` apart; 0: side by side. */
  int (*load)(esp_cuda_context* context, size_t rank, esp_cuda_tensor tensor, size_t layer, size_t part,
              const void* data, size_t row_bytes, esp_cuda_dtype dtype);
  int (*load_vector)(esp_cuda_context* context, size_t rank, esp_cuda_vector vector, size_t layer, const float* data);
  /* Random weights of a size that keeps activations finite, the same however many ranks share them, where no size is padded;
   * for benchmarks. */
  int (*load_dummy)(esp_cuda_context* context, uint64_t seed);
  /* What a page of so many tokens takes in all layers, on each device. */
  int (*page_bytes)(esp_cuda_context* context, size_t page_size, size_t* out);
  int (*allocate_kv)(esp_cuda_context* context, size_t pages, size_t page_size);
  /* Prepares what is not prepared yet of passes of up to `rows` tokens as a decode step has them and up to `tokens` in
   * all, a part of it in each call: products are timed, graphs captured. *more: whether there is more to do. What
   * was not prepared is when it is first needed. Drops logits. */
  int (*warm_up)(esp_cuda_context* context, size_t rows, size_t tokens, int32_t* more);
  /* Makes room for so many pages in pinned memory of the host, for each rank its part. After allocate_kv(), once. */
  int (*allocate_host_kv)(esp_cuda_context* context, size_t pages);
  /* Queues copies of whole pages in all layers, one after the other, behind the passes that were queued before. */
  int (*copy_pages)(esp_cuda_context* context, const esp_cuda_page_copy* copies, size_t count);
  /* Queues a forward pass; logit rows stay on the device, in segment order. With `logits` they are copied there too,
   * and the call waits. */
  int (*forward)(esp_cuda_context* context, const esp_cuda_segment* segments, size_t count, float* logits);
  /* Waits until all that was queued is done. */
  int (*wait)(esp_cuda_context* context);
  /* Makes room for `rows` mask rows of (vocab_size + 31) / 32 words on the device, and as many on the host, where the
   * caller writes them: *host, which belongs to the context. Once. */
  int (*allocate_masks)(esp_cuda_context* context, size_t rows, int32_t** host);
  /* Queues copies of these rows to the device. They run beside a forward pass, and before the next sample(). A row must
   * not be written again until the tokens of that sample() were taken. */
  int (*send_masks)(esp_cuda_context* context, const int32_t* rows, size_t count);
  /* Queues the choice of a token for each entry: -1 where no allowed logit is finite. Before they are taken one forward
   * pass may be queued; another sample() drops what was not taken. */
  int (*sample)(esp_cuda_context* context, const esp_cuda_choice* choices, size_t count);
  /* Waits for the tokens of the last sample(), and, where `logprobs` is not null, writes those of entries that wanted
   * them. */
  int (*take)(esp_cuda_context* context, int32_t* tokens, esp_cuda_logprobs* logprobs, size_t count);
  /* For other engines; needs no context. Sets logits to minus infinity where a mask forbids the token, on the current
   * device: row i of `logits`, rows `stride` elements apart, under the mask row indices[i] of `masks`, or i where `indices`
   * is null; a negative index leaves a row as it is. All pointers are to device memory; mask rows are as in espalier.h,
   * (vocab_size + 31) / 32 words each. Queued on `stream`, a cudaStream_t. */
  int (*apply_masks)(void* logits, esp_cuda_dtype dtype, size_t rows, size_t vocab_size, size_t stride,
                     const int32_t* masks, const int32_t* indices, void* stream);
  /* In place of allocate_masks(): the mask rows of `owner`, a context on the same (first) device that lives longer. Rows that
   * either sends both can choose with, once a choice of the sender was taken. */
  int (*share_masks)(esp_cuda_context* context, esp_cuda_context* owner);
  /* Log-probabilities of tokens[i] in logit row i of the last forward pass, and of that row's `alternatives` most probable
   * tokens. Waits for them. Choices that were not taken stay as they are. */
  int (*score)(esp_cuda_context* context, const int32_t* tokens, size_t count, int32_t alternatives,
               esp_cuda_logprobs* out);
  /* Runs a pass without logits, and adds to each segment's row of `sums`, [count, hidden_size] on the host, the final hidden
   * states (behind the last norm) of those of its tokens that have logit rows, in the order of positions. Waits for them.
   * Drops logits; choices that were not taken stay as they are. */
  int (*sum_hidden)(esp_cuda_context* context, const esp_cuda_segment* segments, size_t count, float* sums);
} esp_cuda_api;

typedef const esp_cuda_api* (*esp_cuda_open_fn)(uint32_t abi_version);

#ifdef __cplusplus
}
#endif
#endif
