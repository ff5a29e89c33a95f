// A stand-in for libespalier_cuda.so on machines without a GPU: passes take as long as they took for Llama-3-8B on an H100,
// tokens are drawn evenly among those that a mask allows. What the host costs between two passes shows as idle time of this
// device, printed when a context ends. ESPALIER_CUDA_LIBRARY=build/native/libespalier_timed_device.so npm run bench -- gpu
#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "espalier_cuda.h"

namespace {

using Clock = std::chrono::steady_clock;
using Micros = std::chrono::duration<double, std::micro>;

// Of docs/cuda.md: a decode pass without its attention by rows, what attention reads of a token of context, and a
// prompt token.
constexpr double kPassMicros[][2] = {{1, 5400}, {16, 6300}, {64, 6700}, {128, 7300}, {256, 8000}, {512, 10600}};
constexpr size_t kTokenBytes = 131072;
constexpr double kContextTokenMicros = kTokenBytes / 2.87e6, kPromptTokenMicros = 1e6 / 42500;
constexpr double kSampleMicros = 60;
// The host's share of launching a graph, and of launching every kernel of a pass.
constexpr double kGraphMicros = 60, kLaunchMicros = 1300;
constexpr size_t kMostGraphRows = 512, kShortSegment = 32;
// Mixed passes run products that were not timed for their size.
constexpr double kMixedFactor = 1.15;

double pass_micros(double rows) {
  constexpr size_t kPoints = std::size(kPassMicros);
  for (size_t i = 1; i < kPoints; ++i) {
    const auto [low, low_time] = kPassMicros[i - 1];
    const auto [high, high_time] = kPassMicros[i];
    if (rows <= high || i + 1 == kPoints)
      return std::max(low_time, low_time + (high_time - low_time) * (rows - low) / (high - low));
  }
  return 0;
}

void busy(double micros) {
  const auto end = Clock::now() + Micros(micros);
  while (Clock::now() < end) continue;
}

uint64_t mix(uint64_t z) {
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

thread_local std::string message;

int refuse(const char* why) {
  message = why;
  return -1;
}

}  // namespace

struct esp_cuda_context {
  size_t vocab = 0;
  std::vector<int32_t> masks, tokens;
  // When all that is queued will be done; when the tokens of the last sample() are there.
  Clock::time_point free = Clock::now(), chosen;
  uint64_t draws = 0;
  size_t passes = 0, mixed = 0, rows = 0;
  double idle = 0, computing = 0;

  void work(double micros) {
    const auto now = Clock::now();
    // A longer pause is one between two loads.
    if (const double gap = Micros(now - free).count(); gap > 0 && gap < 5e4) idle += gap;
    free = std::max(free, now) + std::chrono::duration_cast<Clock::duration>(Micros(micros));
    computing += micros;
  }

  // One of the first allowed tokens behind a place that the seed gives.
  int32_t draw(const int32_t* mask, uint64_t seed) const {
    if (!mask) return static_cast<int32_t>(seed % vocab);
    const size_t words = (vocab + 31) / 32;
    for (size_t i = 0, word = seed % words; i < words; ++i, word = word + 1 == words ? 0 : word + 1) {
      auto bits = static_cast<uint32_t>(mask[word]);
      if (bits == 0) continue;
      for (auto skip = (seed >> 32) % static_cast<uint64_t>(std::popcount(bits)); skip > 0; --skip) bits &= bits - 1;
      return static_cast<int32_t>(word * 32) + std::countr_zero(bits);
    }
    return -1;
  }
};

namespace {

int device_info(int32_t, esp_cuda_device_info* out) {
  *out = {};
  std::strcpy(out->name, "timed device, no GPU");
  out->memory_bytes = size_t{80} << 30;
  out->free_bytes = size_t{60} << 30;
  out->multiprocessors = 132;
  out->capability = 90;
  return 0;
}

int create(const esp_cuda_config* config, size_t ranks, esp_cuda_context** out) {
  if (ranks != 1) return refuse("the timed device is one");
  *out = new esp_cuda_context;
  (*out)->vocab = config->vocab_size;
  return 0;
}

void destroy(esp_cuda_context* c) {
  std::fprintf(stderr, "timed device: %zu passes, %zu of them mixed, %.1f rows each; computed %.0f ms, idle %.0f ms\n",
               c->passes, c->mixed, static_cast<double>(c->rows) / static_cast<double>(std::max<size_t>(c->passes, 1)),
               c->computing / 1e3, c->idle / 1e3);
  delete c;
}

int forward(esp_cuda_context* c, const esp_cuda_segment* segments, size_t count, float* logits) {
  if (logits) return refuse("the timed device has no logits");
  size_t rows = 0, context = 0;
  bool graph = true;
  for (size_t i = 0; i < count; ++i) {
    const esp_cuda_segment& segment = segments[i];
    rows += segment.count;
    graph = graph && segment.count <= kShortSegment;
    // Row by row, keys are read for each.
    context += (graph ? segment.count : 1) * (segment.start + segment.count);
  }
  graph = graph && rows <= kMostGraphRows;
  busy(graph ? kGraphMicros : kLaunchMicros);
  const double prompt = static_cast<double>(rows) * kPromptTokenMicros;
  const double decode = pass_micros(static_cast<double>(rows)) + static_cast<double>(context) * kContextTokenMicros;
  c->work(graph ? decode : std::max(prompt, kMixedFactor * decode));
  ++c->passes;
  c->mixed += !graph;
  c->rows += rows;
  return 0;
}

int allocate_masks(esp_cuda_context* c, size_t rows, int32_t** host) {
  c->masks.resize(rows * ((c->vocab + 31) / 32));
  *host = c->masks.data();
  return 0;
}

int sample(esp_cuda_context* c, const esp_cuda_choice* choices, size_t count) {
  const size_t words = (c->vocab + 31) / 32;
  c->work(kSampleMicros);
  c->tokens.clear();
  for (size_t i = 0; i < count; ++i) {
    if (choices[i].wants_logprobs) return refuse("the timed device has no logits");
    const int32_t* mask = choices[i].mask < 0 ? nullptr : c->masks.data() + static_cast<size_t>(choices[i].mask) * words;
    c->tokens.push_back(c->draw(mask, mix(++c->draws * 0x9e3779b97f4a7c15)));
  }
  c->chosen = c->free;
  return 0;
}

int take(esp_cuda_context* c, int32_t* tokens, esp_cuda_logprobs*, size_t count) {
  if (count > c->tokens.size()) return refuse("take: fewer tokens were chosen");
  std::this_thread::sleep_until(c->chosen);
  std::copy_n(c->tokens.begin(), count, tokens);
  return 0;
}

constexpr esp_cuda_api kApi{
    .abi_version = ESP_CUDA_ABI_VERSION,
    .last_error = [] { return message.c_str(); },
    .device_count = []() -> int32_t { return 1; },
    .device_info = device_info,
    .copy_bandwidth = [](int32_t, double* out) { return *out = 3.025e12, 0; },
    .can_share = [] { return refuse("the timed device is one"); },
    .create = create,
    .destroy = destroy,
    .load = [](esp_cuda_context*, size_t, esp_cuda_tensor, size_t, size_t, const void*, size_t,
               esp_cuda_dtype) { return 0; },
    .load_vector = [](esp_cuda_context*, size_t, esp_cuda_vector, size_t, const float*) { return 0; },
    .load_dummy = [](esp_cuda_context*, uint64_t) { return 0; },
    .page_bytes = [](esp_cuda_context*, size_t page_size, size_t* out) { return *out = kTokenBytes * page_size, 0; },
    .allocate_kv = [](esp_cuda_context*, size_t, size_t) { return 0; },
    .warm_up = [](esp_cuda_context*, size_t, size_t, int32_t* more) { return *more = 0, 0; },
    .allocate_host_kv = [](esp_cuda_context*, size_t) { return 0; },
    .copy_pages = [](esp_cuda_context*, const esp_cuda_page_copy*, size_t) { return 0; },
    .forward = forward,
    .wait = [](esp_cuda_context* c) { return std::this_thread::sleep_until(c->free), 0; },
    .allocate_masks = allocate_masks,
    .send_masks = [](esp_cuda_context*, const int32_t*, size_t) { return 0; },
    .sample = sample,
    .take = take,
    .apply_masks = [](void*, esp_cuda_dtype, size_t, size_t, size_t, const int32_t*, const int32_t*, void*) {
      return refuse("the timed device has no logits");
    },
    .share_masks = [](esp_cuda_context*, esp_cuda_context*) { return refuse("the timed device drafts with no model"); },
    .score = [](esp_cuda_context*, const int32_t*, size_t, int32_t, esp_cuda_logprobs*) {
      return refuse("the timed device has no logits");
    },
    .sum_hidden = [](esp_cuda_context*, const esp_cuda_segment*, size_t, float*) {
      return refuse("the timed device has no hidden states");
    },
};

}  // namespace

extern "C" __attribute__((visibility("default"))) const esp_cuda_api* esp_cuda_open(uint32_t abi_version) {
  return abi_version == ESP_CUDA_ABI_VERSION ? &kApi : nullptr;
}
