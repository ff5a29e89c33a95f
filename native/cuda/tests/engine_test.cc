// The engine over the CUDA back end beside the same engine over the CPU's, in float32: drafts, whose rows are several of one
// request, prompts whose tokens are scored, and embeddings; on one device and on two.
#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "cpu/backend.h"
#include "cuda/client/backend.h"
#include "devices.h"
#include "engine/engine.h"
#include "random_model.h"

using namespace espalier;
using namespace espalier::cuda::test;

namespace {

struct Output {
  std::vector<int32_t> tokens;
  LogprobList logprobs, prompt_logprobs;
  std::vector<float> embedding;
};

class Served {
 public:
  Served(std::unique_ptr<Backend> backend, size_t vocab, SpeculationOptions speculation = {},
         std::unique_ptr<Backend> draft = nullptr, size_t hidden = 0, bool overlap = false)
      : engine_(options_of(vocab, hidden, speculation, overlap), std::move(backend), nullptr,
                [this] {
                  const std::lock_guard lock(mutex_);
                  ready_ = true;
                  wake_.notify_one();
                },
                std::move(draft)) {}

  // All at once; their outputs in order.
  std::vector<Output> run(std::vector<Submission> submissions) {
    std::vector<Output> outputs(submissions.size());
    for (size_t i = 0; i < submissions.size(); ++i) {
      submissions[i].id = i;
      engine_.submit(std::move(submissions[i]));
    }
    for (size_t finished = 0; finished < outputs.size();) {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return ready_; });
      ready_ = false;
      lock.unlock();
      for (Event& event : engine_.take_events()) {
        Output& output = outputs[event.id];
        output.tokens.insert(output.tokens.end(), event.tokens.begin(), event.tokens.end());
        output.logprobs.append(event.logprobs);
        output.prompt_logprobs.append(event.prompt_logprobs);
        if (!event.finish) continue;
        output.embedding = std::move(event.embedding);
        CHECK(event.finish->reason == (output.embedding.empty() ? FinishReason::Length : FinishReason::Stop));
        ++finished;
      }
    }
    CHECK(engine_.check().empty());
    return outputs;
  }

  EngineStats stats() const { return engine_.stats(); }

 private:
  static EngineOptions options_of(size_t vocab, size_t hidden, const SpeculationOptions& speculation, bool overlap) {
    EngineOptions options;
    options.scheduler.pages = 128;
    options.scheduler.page_size = 16;
    options.scheduler.max_running = 8;
    options.scheduler.chunked_prefill_size = 96;
    options.vocab_size = vocab;
    options.hidden_size = hidden;
    options.max_positions = 1024;
    options.speculation = speculation;
    options.overlap = overlap;
    return options;
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  bool ready_ = false;
  Engine engine_;
};

// Prompts that repeat themselves, so that looking up finds something; greedy and seeded in turns.
std::vector<Submission> requests(size_t vocab, int32_t logprobs = -1) {
  std::vector<Submission> all(6);
  for (size_t i = 0; i < all.size(); ++i) {
    std::vector<int32_t> words;
    for (int w = 0; w < 5; ++w) words.push_back(static_cast<int32_t>((i * 131 + static_cast<size_t>(w) * 37) % vocab));
    for (size_t t = 0; t < 20 + 30 * i; ++t) all[i].prompt.push_back(words[t % words.size()]);
    all[i].max_tokens = 48;
    all[i].logprobs = logprobs;
    if (i % 2 > 0) all[i].sampling = {.temperature = 0.8, .seed = i};
  }
  return all;
}

std::unique_ptr<Backend> gpu_of(const RandomModel& model, size_t ranks = 1) {
  return std::make_unique<CudaBackend>(model.decoder, CudaCompute::F32, ranks);
}

// Of the second list, which ran on the device.
void check_logprobs(const LogprobList& cpu, const LogprobList& gpu) {
  CHECK_NEAR(gpu.chosen, cpu.chosen, 1e-5);
  CHECK(gpu.alternatives == cpu.alternatives);
  CHECK_NEAR(gpu.alternative_logprobs, cpu.alternative_logprobs, 1e-5);
}

void check_drafts(const SpeculationOptions& speculation, bool with_model, size_t ranks = 1) {
  const RandomModel model(kMiddle, DType::F32);
  const size_t vocab = model.decoder->config().vocab_size;
  Served plain(std::make_unique<CpuBackend>(model.decoder, 4), vocab);
  Served drafting(gpu_of(model, ranks), vocab, speculation, with_model ? gpu_of(model) : nullptr);
  const std::vector<Output> expected = plain.run(requests(vocab, 3)), found = drafting.run(requests(vocab, 3));
  for (size_t i = 0; i < expected.size(); ++i) {
    CHECK(found[i].tokens == expected[i].tokens);
    check_logprobs(expected[i].logprobs, found[i].logprobs);
  }
  const EngineStats stats = drafting.stats();
  CHECK(stats.accepted_tokens > 0);
  // The model itself as its draft is right wherever it is asked.
  if (with_model) CHECK(stats.accepted_tokens == stats.draft_tokens);
  CHECK(stats.forward_steps < plain.stats().forward_steps);
}

}  // namespace

TEST(engine_with_looked_up_drafts_equals_cpu_in_float32) {
  check_drafts({.source = DraftSource::Lookup, .min_match = 1}, false);
}

TEST(engine_with_a_draft_model_equals_cpu_in_float32) {
  check_drafts({.source = DraftSource::Model, .max_tokens = 4, .draft_pages = 128}, true);
}

TEST(engine_with_drafts_over_two_devices_equals_cpu_in_float32) {
  if (!has_devices(2)) return;
  check_drafts({.source = DraftSource::Lookup, .min_match = 1}, false, 2);
  check_drafts({.source = DraftSource::Model, .max_tokens = 4, .draft_pages = 128}, true, 2);
}

// Seeded and greedy requests, scored prompts and embeddings at once, planned before the tokens of the step before are known.
TEST(engine_over_two_devices_equals_cpu_in_float32) {
  if (!has_devices(2)) return;
  const RandomModel model(kMiddle, DType::F32);
  const size_t vocab = model.decoder->config().vocab_size, hidden = model.decoder->config().hidden_size;
  const auto mixed = [&] {
    std::vector<Submission> all = requests(vocab, 3);
    all[1].prompt_logprobs = 2;
    all[2].pooling = Pooling::Mean;
    all[2].max_tokens = 0;
    all[2].logprobs = -1;
    return all;
  };
  Served cpu(std::make_unique<CpuBackend>(model.decoder, 4), vocab, {}, nullptr, hidden);
  const std::vector<Output> expected = cpu.run(mixed());
  for (const bool direct : {false, true}) {
    const DirectSums sums(direct);
    Served gpu(gpu_of(model, 2), vocab, {}, nullptr, hidden, true);
    for (int round = 0; round < 3; ++round) {
      const std::vector<Output> found = gpu.run(mixed());
      for (size_t i = 0; i < expected.size(); ++i) {
        CHECK(found[i].tokens == expected[i].tokens);
        check_logprobs(expected[i].logprobs, found[i].logprobs);
        check_logprobs(expected[i].prompt_logprobs, found[i].prompt_logprobs);
        CHECK_NEAR(found[i].embedding, expected[i].embedding, 1e-5);
      }
    }
  }
}

// The weights that nobody loads are those of one device.
TEST(random_weights_of_two_devices_are_those_of_one) {
  if (!has_devices(2)) return;
  ModelSpec spec;
  spec.source = WeightSource::RandomOnDevice;
  spec.config = {4000, 512, 1024, 3, 8, 4, 128, 1024};
  const auto decoder = std::make_shared<const Decoder>(spec);
  const std::vector<int32_t> tokens{1, 77, 3999, 2000, 5, 6}, pages{3, 1};
  std::vector<std::vector<float>> logits;
  for (const size_t ranks : {1, 2, 2}) {
    const DirectSums sums(logits.size() < 2);
    CudaBackend backend(decoder, CudaCompute::F32, ranks);
    backend.allocate_kv(8, 16);
    const Segment segment{tokens.data(), tokens.size(), 0, pages.data(), tokens.size()};
    logits.emplace_back(tokens.size() * spec.config.vocab_size, NAN);
    backend.forward({&segment, 1}, logits.back().data());
  }
  CHECK_NEAR(logits[1], logits[0], 1e-5);
  CHECK_NEAR(logits[2], logits[0], 1e-5);
}

TEST(engine_scores_prompts) {
  const RandomModel model(kMiddle, DType::F32);
  const size_t vocab = model.decoder->config().vocab_size;
  Served cpu(std::make_unique<CpuBackend>(model.decoder, 4), vocab), gpu(gpu_of(model), vocab);
  const auto scored = [&] {
    std::vector<Submission> all = requests(vocab);
    for (size_t i = 0; i < all.size(); ++i) {
      all[i].prompt_logprobs = static_cast<int32_t>(i);
      all[i].prompt_logprobs_from = i * 7;
    }
    return all;
  };
  const std::vector<Output> expected = cpu.run(scored()), found = gpu.run(scored());
  for (size_t i = 0; i < expected.size(); ++i) {
    CHECK(expected[i].prompt_logprobs.chosen.size() == 20 + 30 * i - std::max<size_t>(1, i * 7));
    CHECK(found[i].tokens == expected[i].tokens);
    check_logprobs(expected[i].prompt_logprobs, found[i].prompt_logprobs);
  }
}

// Prompts that are embedded beside others that decode; of several chunks, and again when their prefixes are cached.
TEST(engine_embeds_prompts) {
  const RandomModel model(kMiddle, DType::F32);
  const size_t vocab = model.decoder->config().vocab_size, hidden = model.decoder->config().hidden_size;
  Served cpu(std::make_unique<CpuBackend>(model.decoder, 4), vocab, {}, nullptr, hidden);
  Served gpu(gpu_of(model), vocab, {}, nullptr, hidden);
  for (const Pooling odd : {Pooling::Mean, Pooling::Last, Pooling::Last}) {
    const auto mixed = [&] {
      std::vector<Submission> all = requests(vocab);
      for (size_t i = 1; i < all.size(); ++i) {
        all[i].pooling = i % 2 > 0 ? odd : i % 4 > 0 ? Pooling::Mean : Pooling::None;
        if (all[i].pooling != Pooling::None) all[i].max_tokens = 0;
      }
      return all;
    };
    const std::vector<Output> expected = cpu.run(mixed()), found = gpu.run(mixed());
    for (size_t i = 0; i < expected.size(); ++i) {
      CHECK(found[i].tokens == expected[i].tokens);
      CHECK(expected[i].embedding.size() == (i % 4 > 0 ? hidden : 0));
      CHECK_NEAR(found[i].embedding, expected[i].embedding, 1e-5);
    }
  }
}

TEST(a_draft_models_choices_obey_the_models_masks) {
  const RandomModel model(kSmall, DType::F32);
  CudaBackend owner(model.decoder, CudaCompute::F32), other(model.decoder, CudaCompute::F32);
  const size_t words = (kSmall.vocab + 31) / 32;
  int32_t* const masks = owner.mask_memory(4, words);
  other.share_masks(owner);
  std::fill_n(masks, 4 * words, 0);
  const int32_t allowed = 77, row = 2, page = 0, prompt = 5;
  masks[row * words + allowed / 32] = 1 << allowed % 32;
  other.send_masks({&row, 1});
  for (CudaBackend* backend : {&other, &owner}) {
    backend->allocate_kv(4, 16);
    const Segment segment{&prompt, 1, 0, &page, 1};
    backend->forward({&segment, 1}, nullptr);
    const Choice choice{.logit_row = 0, .mask = masks + row * words, .mask_row = row};
    int32_t token = kNoToken;
    backend->choose({&choice, 1});
    backend->take({&token, 1}, {});
    CHECK(token == allowed);
  }
}
