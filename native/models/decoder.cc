#include "models/decoder.h"

#include "models/check_config.h"
#include "models/layer.h"
#include "models/random_weights.h"
#include "models/rope.h"
#include "models/shard.h"

namespace espalier {

Decoder::Decoder(const ModelSpec& spec) : config_(spec.config), source_(spec.source) {
  check_config(config_);
  rope_frequencies_ = make_rope_frequencies(config_.rope_theta, config_.rotated(), config_.rope_scaling);
  if (config_.window_rope_theta > 0)
    window_rope_frequencies_ = make_rope_frequencies(config_.window_rope_theta, config_.rotated(), {});
  if (source_ != WeightSource::Files) {
    RandomWeights random(source_ == WeightSource::RandomOnHost, 1 - config_.norm_offset, memory_);
    bind(random);
    return;
  }
  FileWeights weights(spec, files_, memory_);
  bind(weights);
  weights.check_all_used();
}

Decoder::Decoder(std::shared_ptr<const Decoder> whole, Shard shard)
    : whole_((check_ranks(*whole, shard.count), std::move(whole))),
      shard_(shard),
      config_(config_of(*whole_, shard)),
      source_(whole_->source()),
      embedding_(whole_->embedding()),
      final_norm_(whole_->final_norm()),
      rope_frequencies_(whole_->rope_frequencies()),
      window_rope_frequencies_(whole_->window_rope_frequencies()) {
  const TokenRange tokens = tokens_of(config_.vocab_size, shard);
  first_token_ = tokens.first;
  lm_head_ = whole_->lm_head().rows_from(tokens.first, tokens.count);
  for (const DecoderLayer& layer : whole_->layers())
    layers_.push_back(layer_of(layer, whole_->config(), shard));
}

void Decoder::bind(Weights& weights) {
  const ModelConfig& c = config_;
  embedding_ = weights.matrix("model.embed_tokens.weight", c.vocab_size, c.hidden_size);
  lm_head_ = c.tied_embeddings ? embedding_ : weights.matrix("lm_head.weight", c.vocab_size, c.hidden_size);
  final_norm_ = bind_norm(weights, c, "model.norm.weight", c.hidden_size);
  for (size_t i = 0; i < c.layers; ++i) layers_.push_back(bind_layer(weights, c, i, memory_));
}

}  // namespace espalier
