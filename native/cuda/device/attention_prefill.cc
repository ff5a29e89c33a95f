// Which of the prefill kernels a device runs.
#include "cuda/device/features.h"
#include "cuda/device/prefill_args.h"

namespace espalier::cuda {

bool prefill_attention_fits(const HeadShape& shape) {
  return features().warpgroups || shape.dim <= prefill::kMostMmaDim;
}

template <class Element>
void attention_prefill(const Element* qkv, const Rows& rows, const PrefillTile* tiles, int count,
                       const Attention& attention, const KvLayer<Element>& kv, Element* out, cudaStream_t stream) {
  const prefill::Args<Element> args{qkv, rows, tiles, attention.shape, attention.rule, exponent_scale(attention.rule),
                                    kv,  out};
  if (features().warpgroups)
    prefill::attend_with_warpgroups(args, count, stream);
  else
    prefill::attend_with_mma(args, count, stream);
}

#define ESP_INSTANTIATE(E)                                                                             \
  template void attention_prefill<E>(const E*, const Rows&, const PrefillTile*, int, const Attention&, \
                                     const KvLayer<E>&, E*, cudaStream_t);
ESP_INSTANTIATE(bf16)
ESP_INSTANTIATE(f16)
#undef ESP_INSTANTIATE

}  // namespace espalier::cuda
