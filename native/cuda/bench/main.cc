// Speed of the CUDA library on random weights: decode at several batch sizes, prefill, sampling, and the whole engine
// on many requests, each beside what the device's memory or arithmetic allows. Prints one line per figure and, last,
// one JSON object. Usage: espalier_cuda_bench [decode|prefill|sample|load|throughput|prefix|probe|all] [--layers N]
// [--batch N] [--steps N] [--tp N] [--no-overlap] [--bandwidth BYTES_PER_SECOND] [--profile]
// --profile: a profiler that waits for it (ncu --profile-from-start off) sees one step of decode of each size, warmed up.
#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <numeric>
#include <string>
#include <vector>

#include "cuda/bench/random_backend.h"
#include "cuda/client/library.h"
#include "engine/engine.h"
#include "models/shard.h"

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// Llama-3-8B.
constexpr size_t kVocab = 128256, kHidden = 4096, kIntermediate = 14336, kHeads = 32, kKvHeads = 8, kHeadDim = 128;
constexpr size_t kPageSize = 16;
constexpr size_t kPromptTokens = 512, kMostSteps = 128;
size_t decode_steps = 120;
bool profiles = false;

std::string json;
void report(const char* name, double value) {
  char text[128];
  std::snprintf(text, sizeof(text), "%s\"%s\": %.6g", json.empty() ? "" : ", ", name, value);
  json += text;
}

struct Model {
  esp_cuda_context* context = nullptr;
  size_t layers = 0, ranks = 1;
  double weight_bytes = 0;

  double kv_bytes_per_token() const { return 2.0 * 2 * static_cast<double>(layers * kKvHeads * kHeadDim); }
};

// The configurations of the ranks that share the model.
std::vector<esp_cuda_config> shared(const esp_cuda_config& whole, size_t ranks) {
  std::vector<esp_cuda_config> configs(ranks, whole);
  for (size_t rank = 0; ranks > 1 && rank < ranks; ++rank) {
    const espalier::TokenRange tokens = espalier::tokens_of(kVocab, {rank, ranks});
    esp_cuda_config& config = configs[rank];
    config.device = static_cast<int32_t>(rank);
    config.heads /= ranks;
    config.kv_heads /= ranks;
    config.intermediate_size /= ranks;
    config.shard = {static_cast<int32_t>(rank), static_cast<int32_t>(ranks), tokens.first, tokens.count, kKvHeads};
  }
  return configs;
}

Model make_model(size_t layers, size_t ranks) {
  std::vector<float> frequencies(kHeadDim / 2);
  for (size_t i = 0; i < frequencies.size(); ++i)
    frequencies[i] = static_cast<float>(1.0 / (1 + static_cast<double>(i)));
  esp_cuda_config config{};
  config.compute = ESP_CUDA_BF16;
  config.vocab_size = kVocab;
  config.hidden_size = kHidden;
  config.intermediate_size = kIntermediate;
  config.layers = layers;
  config.heads = kHeads;
  config.kv_heads = kKvHeads;
  config.head_dim = kHeadDim;
  config.max_positions = 8192;
  config.rms_norm_eps = 1e-5f;
  config.rope_frequencies = frequencies.data();
  Model model;
  model.layers = layers;
  model.ranks = ranks;
  const auto start = Clock::now();
  check(api->create(shared(config, ranks).data(), ranks, &model.context));
  check(api->load_dummy(model.context, 1));
  std::printf("weights filled in %.2f s\n", seconds_since(start));
  const double layer = static_cast<double>(kHidden * (kHeads + 2 * kKvHeads) * kHeadDim + kHidden * kHeads * kHeadDim +
                                           3 * kHidden * kIntermediate);
  // What a step reads: of the embedding, one row.
  model.weight_bytes = 2 * (layer * static_cast<double>(layers) + static_cast<double>(kVocab * kHidden));
  return model;
}

struct Sequence {
  std::vector<int32_t> tokens, pages;
};

std::vector<Sequence> make_sequences(size_t count, size_t tokens, size_t room) {
  std::vector<Sequence> sequences(count);
  int32_t page = 0;
  for (Sequence& s : sequences) {
    for (size_t i = 0; i < tokens; ++i) s.tokens.push_back(std::rand() % static_cast<int>(kVocab));
    for (size_t i = 0; i < (tokens + room + kPageSize - 1) / kPageSize; ++i) s.pages.push_back(page++);
  }
  return sequences;
}

void prefill(const Model& model, const std::vector<Sequence>& sequences, size_t first, size_t count) {
  std::vector<esp_cuda_segment> segments;
  for (size_t i = first; i < first + count; ++i)
    segments.push_back({sequences[i].tokens.data(), sequences[i].tokens.size(), 0, sequences[i].pages.data(), 1});
  check(api->forward(model.context, segments.data(), segments.size(), nullptr));
}

void choose(const Model& model, size_t rows, std::vector<int32_t>& tokens) {
  std::vector<esp_cuda_choice> choices;
  for (size_t i = 0; i < rows; ++i) choices.push_back({i, -1, 0, 0, 1, 0, 0});
  check(api->sample(model.context, choices.data(), choices.size()));
  check(api->take(model.context, tokens.data(), nullptr, rows));
}

void step(const Model& model, std::vector<Sequence>& sequences) {
  std::vector<esp_cuda_segment> segments;
  for (const Sequence& s : sequences)
    segments.push_back({s.tokens.data() + s.tokens.size() - 1, 1, s.tokens.size() - 1, s.pages.data(), 1});
  check(api->forward(model.context, segments.data(), segments.size(), nullptr));
  std::vector<int32_t> tokens(sequences.size());
  choose(model, sequences.size(), tokens);
  for (size_t i = 0; i < sequences.size(); ++i) sequences[i].tokens.push_back(tokens[i]);
}

// Requests through the engine, all at once: scheduler, forward passes and sampling, without JavaScript.
class EngineLoad {
 public:
  EngineLoad(const Model& model, bool overlap, size_t chunk)
      : engine_(options_of(overlap, chunk), std::make_unique<RandomBackend>(model.context), nullptr, [this] {
          const std::lock_guard lock(mutex_);
          ready_ = true;
          wake_.notify_one();
        }) {}

  // Seconds for `requests` of `shared` tokens in common and `own` of their own, none of them seen before.
  double run(size_t requests, size_t shared, size_t own, size_t output) {
    std::vector<int32_t> prefix(shared);
    for (int32_t& token : prefix) token = std::rand() % static_cast<int>(kVocab);
    const auto start = Clock::now();
    for (size_t i = 0; i < requests; ++i) {
      espalier::Submission submission;
      submission.id = ++last_id_;
      submission.prompt = prefix;
      for (size_t t = 0; t < own; ++t) submission.prompt.push_back(std::rand() % static_cast<int>(kVocab));
      submission.max_tokens = output;
      engine_.submit(std::move(submission));
    }
    for (size_t finished = 0; finished < requests;) {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return ready_; });
      ready_ = false;
      lock.unlock();
      for (const espalier::Event& event : engine_.take_events()) finished += event.finish.has_value();
    }
    return seconds_since(start);
  }

 private:
  static constexpr size_t kMostRequests = 512;

  static espalier::EngineOptions options_of(bool overlap, size_t chunk) {
    espalier::EngineOptions options;
    options.scheduler.pages = kMostRequests * (kPromptTokens + kMostSteps + kPageSize) / kPageSize;
    options.scheduler.page_size = kPageSize;
    options.scheduler.max_running = kMostRequests;
    options.scheduler.chunked_prefill_size = chunk;
    options.vocab_size = kVocab;
    options.max_positions = 8192;
    options.overlap = overlap;
    return options;
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  bool ready_ = false;
  uint64_t last_id_ = 0;
  espalier::Engine engine_;
};

void bench_engine(EngineLoad& load, const char* name, size_t requests, size_t shared, size_t own, size_t output) {
  double time = 0;
  for (int round = 0; round < 3; ++round) {
    time = load.run(requests, shared, own, output);
    std::printf("%s: %zu x (%zu shared + %zu own, %zu out): %.3f s, %.0f output tok/s\n", name, requests, shared, own,
                output, time, static_cast<double>(requests * output) / time);
    std::fflush(stdout);
  }
  report(name, time);
}

// The driver's switch of whatever profiler this runs under.
template <class Run>
void profile(const Run& run) {
  void* const driver = dlopen("libcuda.so.1", RTLD_NOW);
  const auto call = [&](const char* name) {
    const auto function = driver ? reinterpret_cast<int (*)()>(dlsym(driver, name)) : nullptr;
    if (!function || function() != 0) std::fprintf(stderr, "espalier_cuda_bench: no %s\n", name);
  };
  call("cuProfilerStart");
  run();
  call("cuProfilerStop");
}

void bench_decode(const Model& model, double bandwidth, const std::vector<size_t>& batches) {
  for (const size_t batch : batches) {
    std::vector<Sequence> sequences = make_sequences(batch, kPromptTokens, kMostSteps + kPageSize);
    for (size_t i = 0; i < batch; i += 16) prefill(model, sequences, i, std::min<size_t>(16, batch - i));
    std::vector<int32_t> last((batch - 1) % 16 + 1);
    choose(model, last.size(), last);
    for (Sequence& s : sequences) s.tokens.push_back(1);
    const auto warm = Clock::now();
    for (int i = 0; i < 4; ++i) step(model, sequences);
    const double first = seconds_since(warm);
    if (profiles) profile([&] { step(model, sequences); });
    const size_t steps = decode_steps;
    const auto start = Clock::now();
    for (size_t i = 0; i < steps; ++i) step(model, sequences);
    const double time = seconds_since(start) / static_cast<double>(steps);
    const double tokens = static_cast<double>(batch) * (kPromptTokens + 4 + static_cast<double>(steps) / 2);
    const double limit = (model.weight_bytes + tokens * model.kv_bytes_per_token()) /
                         (bandwidth * static_cast<double>(model.ranks));
    std::printf("decode %3zu: %8.3f ms/step %9.1f tok/s, limit %9.1f tok/s, ratio %.3f (first steps %.2f s)\n", batch,
                time * 1e3, static_cast<double>(batch) / time, static_cast<double>(batch) / limit, limit / time, first);
    std::fflush(stdout);
    report(("decode_b" + std::to_string(batch)).c_str(), static_cast<double>(batch) / time);
    report(("decode_b" + std::to_string(batch) + "_ratio").c_str(), limit / time);
  }
}

void bench_prefill(const Model& model) {
  for (const size_t count : {1, 4, 8}) {
    constexpr size_t kTokens = 2048;
    const std::vector<Sequence> sequences = make_sequences(count, kTokens, 0);
    std::vector<int32_t> tokens(count);
    double best = 1e9;
    for (int round = 0; round < 4; ++round) {
      const auto start = Clock::now();
      prefill(model, sequences, 0, count);
      choose(model, count, tokens);
      best = std::min(best, seconds_since(start));
    }
    const double all = static_cast<double>(count * kTokens);
    const double operations = all * (model.weight_bytes - 2.0 * kVocab * kHidden) +
                              static_cast<double>(model.layers) * 2.0 * all * kTokens * kHeads * kHeadDim;
    std::printf("prefill %zu x %zu: %.1f ms %9.0f tok/s, %.0f TFLOP/s\n", count, kTokens, best * 1e3, all / best,
                operations / best / 1e12);
    std::fflush(stdout);
    report(("prefill_" + std::to_string(count)).c_str(), all / best);
  }
}

void bench_sample(const Model& model) {
  constexpr size_t kRows = 256, kWords = kVocab / 32;
  std::vector<Sequence> sequences = make_sequences(kRows, 1, 0);
  std::vector<esp_cuda_segment> segments;
  for (const Sequence& s : sequences) segments.push_back({s.tokens.data(), 1, 0, s.pages.data(), 1});
  check(api->forward(model.context, segments.data(), segments.size(), nullptr));
  enum class Masks : uint8_t { None, Resident, Fresh };
  int32_t* rows = nullptr;
  check(api->allocate_masks(model.context, kRows, &rows));
  std::fill_n(rows, kRows * kWords, -1);
  std::vector<int32_t> tokens(kRows), all(kRows);
  std::iota(all.begin(), all.end(), 0);
  // As many tokens as a prompt with its output holds.
  std::vector<esp_cuda_adjustment> seen(1024);
  for (size_t i = 0; i < seen.size(); ++i) seen[i] = {static_cast<int32_t>(i * 125), 0, 1, 1};
  std::vector<esp_cuda_logprobs> logprobs(kRows);
  const auto time = [&](const char* name, double temperature, uint64_t top_k, double top_p, Masks masks,
                        bool penalties = false, int32_t alternatives = -1) {
    std::vector<esp_cuda_choice> choices;
    for (size_t i = 0; i < kRows; ++i)
      choices.push_back({i, masks == Masks::None ? -1 : static_cast<int32_t>(i), temperature, top_k, top_p, 0,
                         static_cast<double>(i) / kRows, 1.1f, 0.1f, 0.1f, seen.data(), penalties ? seen.size() : 0,
                         alternatives >= 0, std::max(alternatives, 0)});
    const auto sample = [&] {
      if (masks == Masks::Fresh) check(api->send_masks(model.context, all.data(), kRows));
      check(api->sample(model.context, choices.data(), kRows));
      check(api->take(model.context, tokens.data(), alternatives >= 0 ? logprobs.data() : nullptr, kRows));
    };
    for (int i = 0; i < 3; ++i) sample();
    constexpr int kRounds = 20;
    const auto start = Clock::now();
    for (int i = 0; i < kRounds; ++i) sample();
    const double micros = seconds_since(start) / kRounds * 1e6;
    std::printf("sample 256 rows, %-24s %8.1f us (call to tokens on the host)\n", name, micros);
    std::fflush(stdout);
    report((std::string("sample_") + name).c_str(), micros);
  };
  time("greedy", 0, 0, 1, Masks::None);
  time("temperature", 1, 0, 1, Masks::None);
  time("temperature_masks", 1, 0, 1, Masks::Resident);
  time("temperature_new_masks", 1, 0, 1, Masks::Fresh);
  time("top_k", 1, 50, 1, Masks::None);
  time("top_k_top_p", 1, 50, 0.9, Masks::None);
  time("top_p", 1, 0, 0.9, Masks::None);
  time("penalties_1024_tokens", 1, 0, 1, Masks::None, true);
  time("logprobs", 1, 0, 1, Masks::None, false, 0);
  time("logprobs_top_5", 1, 0, 1, Masks::None, false, 5);
  time("logprobs_top_20", 1, 0, 1, Masks::None, false, 20);
}

// Weights from host memory that the page cache could hold: bytes a second that arrive in their places.
void bench_load(const Model& model) {
  const std::vector<uint16_t> matrix(kHidden * kIntermediate, 0x3c00);
  const size_t layers = std::min<size_t>(model.layers, 8);
  const auto start = Clock::now();
  for (size_t layer = 0; layer < layers; ++layer)
    for (const esp_cuda_tensor tensor : {ESP_CUDA_GATE, ESP_CUDA_UP, ESP_CUDA_DOWN})
      check(api->load(model.context, 0, tensor, layer, 0, matrix.data(), 0, ESP_CUDA_BF16));
  const double bytes = 2.0 * 3 * static_cast<double>(layers * matrix.size()), time = seconds_since(start);
  std::printf("load: %.2f GB in %.2f s, %.2f GB/s\n", bytes / 1e9, time, bytes / time / 1e9);
  report("load_gb_per_second", bytes / time / 1e9);
}

}  // namespace

int main(int count, char** values) {
  std::string what = "all";
  size_t layers = 32, ranks = 1;
  bool overlap = true;
  size_t chunk = 16384;
  // Bytes a second that a large copy on this device moves, for the limits.
  double bandwidth = 4.28e12;
  std::vector<size_t> batches{1, 16, 64, 256};
  for (int i = 1; i < count; ++i) {
    const std::string value = values[i];
    if (value == "--layers" && i + 1 < count)
      layers = std::strtoul(values[++i], nullptr, 10);
    else if (value == "--steps" && i + 1 < count)
      decode_steps = std::clamp<size_t>(std::strtoul(values[++i], nullptr, 10), 1, kMostSteps - 8);
    else if (value == "--profile")
      profiles = true;
    else if (value == "--tp" && i + 1 < count)
      ranks = std::clamp<size_t>(std::strtoul(values[++i], nullptr, 10), 1, kKvHeads);
    else if (value == "--no-overlap")
      overlap = false;
    else if (value == "--chunk" && i + 1 < count)
      chunk = std::clamp<size_t>(std::strtoul(values[++i], nullptr, 10), 64, 65536);
    else if (value == "--batch" && i + 1 < count)
      batches = {std::strtoul(values[++i], nullptr, 10)};
    else if (value == "--bandwidth" && i + 1 < count)
      bandwidth = std::strtod(values[++i], nullptr);
    else
      what = value;
  }
  std::string why;
  api = espalier::cuda_library(why);
  if (!api) {
    std::fprintf(stderr, "espalier_cuda_bench: %s\n", why.c_str());
    return 2;
  }
  esp_cuda_device_info info{};
  check(api->device_info(0, &info));
  std::printf("%s, %d multiprocessors, %.1f GB free of %.1f; limits at %.2f TB/s\n", info.name, info.multiprocessors,
              static_cast<double>(info.free_bytes) / 1e9, static_cast<double>(info.memory_bytes) / 1e9,
              bandwidth / 1e12);
  if (what == "probe") {
    double copies = 0;
    check(api->copy_bandwidth(0, &copies));
    std::printf("copies within the device: %.3f TB/s\n", copies / 1e12);
    report("copy_bytes_per_second", copies);
  }
  const Model model = make_model(layers, ranks);
  const auto wants = [&](const char* name) { return what == name || what == "all"; };
  const bool of_engine = wants("throughput") || wants("prefix");
  if (!of_engine || what == "all")
    check(api->allocate_kv(
        model.context,
        std::max<size_t>(256, std::ranges::max(batches)) * (kPromptTokens + kMostSteps + kPageSize) / kPageSize,
        kPageSize));
  if (wants("decode")) bench_decode(model, bandwidth, batches);
  if (wants("prefill")) bench_prefill(model);
  if (wants("sample") || what == "probe") bench_sample(model);
  // Whole matrices.
  if (wants("load") && ranks == 1) bench_load(model);
  if (of_engine) {
    EngineLoad load(model, overlap, chunk);
    if (wants("throughput")) bench_engine(load, "throughput_512", 512, 0, kPromptTokens, 128);
    if (wants("prefix")) {
      bench_engine(load, "prefix_1024", 256, 1024, 64, 32);
      bench_engine(load, "prefix_4096", 512, 4096, 32, 8);
    }
  }
  api->destroy(model.context);
  std::printf("{%s}\n", json.c_str());
  return 0;
}
