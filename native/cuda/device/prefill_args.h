// What the two prefill kernels are called with.
#pragma once
#include "cuda/device/kernels.h"

namespace espalier::cuda::prefill {

template <class Element>
struct Args {
  const Element* qkv;
  Rows rows;
  const PrefillTile* tiles;
  HeadShape shape;
  AttentionRule rule;
  /// By what scores are multiplied before exp2: a constant of the launch takes no register.
  float exponent;
  KvLayer<Element> kv;
  Element* out;
};

/// Without warpgroups, larger heads fit neither registers nor shared memory.
constexpr int kMostMmaDim = 128;

/// attention_prefill_wgmma.cu: where features().warpgroups. attention_prefill_mma.cu: everywhere.
template <class Element>
void attend_with_warpgroups(const Args<Element>& args, int count, cudaStream_t stream);
template <class Element>
void attend_with_mma(const Args<Element>& args, int count, cudaStream_t stream);

}  // namespace espalier::cuda::prefill
