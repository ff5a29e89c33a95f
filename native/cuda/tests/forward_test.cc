// Whole forward passes through the engine's back-end interface: a random Llama in a weight file, the CPU back end in
// float32 beside the CUDA one, over ragged batches, chunks and shared pages.
#include <algorithm>
#include <numeric>

#include "cpu/backend.h"
#include "cuda/client/backend.h"
#include "engine/adjustments.h"
#include "random_model.h"

using namespace espalier;
using namespace espalier::cuda::test;

namespace {

struct Sequence {
  std::vector<int32_t> tokens, pages;
  size_t computed = 0;
};

constexpr size_t kPages = 96, kPageSize = 16;

// Both back ends on the same batches.
class Pair {
 public:
  Pair(const RandomModel& model, CudaCompute compute)
      : vocab_(model.decoder->config().vocab_size), cpu_(model.decoder, 4), gpu_(model.decoder, compute) {
    cpu_.allocate_kv(kPages, kPageSize);
    gpu_.allocate_kv(kPages, kPageSize);
    free_.resize(kPages);
    std::iota(free_.begin(), free_.end(), 0);
    std::shuffle(free_.begin(), free_.end(), generator());
  }

  Sequence sequence(size_t length) {
    Sequence sequence;
    for (size_t i = 0; i < length; ++i) sequence.tokens.push_back(pick(0, static_cast<int>(vocab_) - 1));
    return sequence;
  }

  // Runs the next counts[i] tokens of each sequence, with logits of its last rows[i]; both back ends' logits.
  std::pair<std::vector<float>, std::vector<float>> run(const std::vector<Sequence*>& sequences,
                                                        const std::vector<size_t>& counts,
                                                        const std::vector<size_t>& rows) {
    std::vector<Segment> segments;
    size_t wanted = 0;
    for (size_t i = 0; i < sequences.size(); ++i) {
      Sequence& s = *sequences[i];
      while (s.pages.size() * kPageSize < s.computed + counts[i]) s.pages.push_back(fresh_page());
      segments.push_back({s.tokens.data() + s.computed, counts[i], s.computed, s.pages.data(), rows[i]});
      s.computed += counts[i];
      wanted += rows[i];
    }
    std::vector<float> expected(wanted * vocab_), found(wanted * vocab_, NAN);
    cpu_.forward(segments, expected.data());
    gpu_.forward(segments, found.data());
    return {found, expected};
  }

  void allocate_host(size_t pages) {
    cpu_.allocate_host_kv(pages);
    gpu_.allocate_host_kv(pages);
  }
  void copy(const std::vector<PageCopy>& copies) {
    cpu_.copy_pages(copies);
    gpu_.copy_pages(copies);
  }

  int32_t fresh_page() {
    const int32_t page = free_.back();
    free_.pop_back();
    return page;
  }

  CpuBackend& cpu() { return cpu_; }
  CudaBackend& gpu() { return gpu_; }
  size_t vocab() const { return vocab_; }

 private:
  const size_t vocab_;
  CpuBackend cpu_;
  CudaBackend gpu_;
  std::vector<int32_t> free_;
};

void check_batches(const Shape& shape, DType dtype, CudaCompute compute, double tolerance, bool warm = false) {
  const RandomModel model(shape, dtype);
  Pair pair(model, compute);
  if (warm) {
    // Sizes 1, 2, 4, 8, 16, 24, 32 and 40, one a call.
    for (int call = 0; call < 8; ++call) CHECK(pair.gpu().warm_up(40, 256));
    CHECK(!pair.gpu().warm_up(40, 256));
  }
  Sequence a = pair.sequence(200), b = pair.sequence(150), c = pair.sequence(90), d = pair.sequence(40);
  const auto check = [&](const std::vector<Sequence*>& sequences, const std::vector<size_t>& counts,
                         const std::vector<size_t>& rows) {
    const auto [found, expected] = pair.run(sequences, counts, rows);
    CHECK_NEAR(found, expected, tolerance);
  };
  check({&a}, {70}, {70});
  check({&a, &b, &c}, {1, 100, 17}, {1, 3, 0});
  check({&b, &d, &a, &c}, {1, 20, 64, 1}, {1, 20, 1, 1});
  for (int step = 0; step < 3; ++step) check({&a, &b, &c, &d}, {1, 1, 1, 1}, {1, 1, 1, 1});
  check({&d}, {1}, {1});
  // Short segments run row by row, and their rows read each other's keys.
  check({&a, &b, &d, &c}, {19, 1, 2, 32}, {1, 1, 2, 5});
  check({&c, &b}, {3, 6}, {0, 6});
  // Another sequence continues a's pages, as a request does with a cached prefix.
  Sequence shared = a;
  shared.computed = 32;
  shared.pages.resize(2);
  check({&shared, &b}, {50, 1}, {50, 1});
}

// Pages go to the host, others take their places, and they come back elsewhere; and from page to page.
void check_page_copies(const Shape& shape, DType dtype, CudaCompute compute, double tolerance) {
  const RandomModel model(shape, dtype);
  Pair pair(model, compute);
  pair.allocate_host(3);
  const auto check = [&](Sequence& sequence, size_t count) {
    const auto [found, expected] = pair.run({&sequence}, {count}, {count});
    CHECK_NEAR(found, expected, tolerance);
  };
  Sequence a = pair.sequence(60), other = pair.sequence(48), copied = a;
  check(a, 48);
  copied.pages = {pair.fresh_page(), pair.fresh_page(), pair.fresh_page()};
  copied.computed = 48;
  // What the first one copied is copied on.
  pair.copy({{PageWay::OnDevice, a.pages[1], copied.pages[2]},
             {PageWay::ToHost, a.pages[0], 2},
             {PageWay::ToHost, copied.pages[2], 0},
             {PageWay::ToHost, a.pages[2], 1}});
  other.pages = a.pages;
  check(other, 48);
  pair.copy({{PageWay::ToDevice, 2, copied.pages[0]},
             {PageWay::ToDevice, 0, copied.pages[1]},
             {PageWay::ToDevice, 1, copied.pages[2]}});
  check(copied, 12);
}

// A continuation, each back end following its own tokens; `found`: where its log-probabilities go.
std::vector<int32_t> continued(Backend& backend, const std::vector<int32_t>& prompt, size_t count,
                               const Sampling& sampling = {}, const LogitRules& rules = {},
                               std::vector<Logprobs>* found = nullptr) {
  Adjustments adjustments(sampling, rules, prompt, {});
  std::vector<int32_t> tokens = prompt, pages(kPages);
  std::iota(pages.begin(), pages.end(), 0);
  size_t computed = 0;
  while (tokens.size() < prompt.size() + count) {
    const Segment segment{tokens.data() + computed, tokens.size() - computed, computed, pages.data(), 1};
    backend.forward({&segment, 1}, nullptr);
    computed = tokens.size();
    const Choice choice{0, nullptr, -1, sampling, tokens.size(), adjustments.next(nullptr, -1), found ? 5 : -1};
    int32_t token = kNoToken;
    Logprobs logprobs;
    backend.choose({&choice, 1});
    backend.take({&token, 1}, {&logprobs, found ? size_t{1} : 0});
    tokens.push_back(token);
    adjustments.add_output(token);
    if (found) found->push_back(logprobs);
  }
  return {tokens.begin() + static_cast<ptrdiff_t>(prompt.size()), tokens.end()};
}

// As an overlapped engine does: rows are chosen under masks, the next pass is queued in another order with tokens that
// the host has not seen, and only then are they taken. Returns the tokens and the pass's logits.
std::pair<std::vector<int32_t>, std::vector<float>> unseen_tokens(Backend& backend, size_t vocab) {
  constexpr size_t kRows = 5, kMasks = 8;
  const size_t words = (vocab + 31) / 32;
  std::vector<int32_t> own(kMasks * words);
  int32_t* given = backend.mask_memory(kMasks, words);
  int32_t* masks = given ? given : own.data();
  const auto write_masks = [&](size_t round) {
    std::vector<int32_t> rows;
    for (size_t m = 0; m < kMasks; m += 2) {
      for (size_t w = 0; w < words; ++w)
        masks[m * words + w] = (w + m + round) % 3 == 0 ? static_cast<int32_t>(0x10400421 << (m % 5)) : 0;
      if (vocab % 32 > 0) masks[(m + 1) * words - 1] &= (1 << vocab % 32) - 1;
      rows.push_back(static_cast<int32_t>(m));
    }
    backend.send_masks(rows);
  };
  std::vector<std::vector<int32_t>> prompts(kRows), pages(kRows);
  std::vector<Segment> segments;
  for (size_t i = 0; i < kRows; ++i) {
    for (size_t t = 0; t < 20 + 3 * i; ++t) prompts[i].push_back(static_cast<int32_t>((t * 37 + i * 101) % vocab));
    for (int32_t page = 0; page < 3; ++page) pages[i].push_back(static_cast<int32_t>(3 * i) + page);
    segments.push_back({prompts[i].data(), prompts[i].size(), 0, pages[i].data(), 1});
  }
  backend.forward(segments, nullptr);
  std::vector<int32_t> all;
  std::vector<float> logits(kRows * vocab);
  for (size_t round = 0; round < 3; ++round) {
    write_masks(round);
    std::vector<Choice> choices;
    for (size_t i = 0; i < kRows; ++i) {
      const size_t row = kRows - 1 - i, mask = 2 * (i % 4);
      const bool free = i == 2;
      choices.push_back({row, free ? nullptr : masks + mask * words, free ? -1 : static_cast<int32_t>(mask), {}, 0});
    }
    backend.choose(choices);
    std::vector<int32_t> unseen(kRows);
    segments.clear();
    for (size_t i = 0; i < kRows; ++i) {
      unseen[i] = -1 - static_cast<int32_t>(kRows - 1 - i);
      segments.push_back({&unseen[i], 1, prompts[i].size() + round, pages[i].data(), 1});
    }
    backend.forward(segments, round == 2 ? logits.data() : nullptr);
    std::vector<int32_t> tokens(kRows);
    backend.take(tokens, {});
    for (size_t i = 0; i < kRows; ++i)
      if (choices[i].mask) CHECK(choices[i].mask[tokens[i] / 32] >> tokens[i] % 32 & 1);
    all.insert(all.end(), tokens.begin(), tokens.end());
  }
  return {all, logits};
}

}  // namespace

TEST(forward_float32) {
  check_batches(kSmall, DType::F32, CudaCompute::F32, 2e-5);
  check_batches(kMiddle, DType::BF16, CudaCompute::F32, 2e-5);
  check_batches(kWide, DType::F32, CudaCompute::F32, 2e-5);
}

TEST(forward_bfloat16) {
  check_batches(kSmall, DType::BF16, CudaCompute::BF16, 2e-2);
  check_batches(kMiddle, DType::BF16, CudaCompute::BF16, 2e-2);
  check_batches(kWide, DType::BF16, CudaCompute::BF16, 2e-2);
}

TEST(forward_float16) {
  check_batches(kSmall, DType::F16, CudaCompute::Auto, 3e-3);
  check_batches(kMiddle, DType::F16, CudaCompute::F16, 3e-3);
  check_batches(kWide, DType::F32, CudaCompute::F16, 3e-3);
}

TEST(page_copies) {
  check_page_copies(kMiddle, DType::BF16, CudaCompute::F32, 2e-5);
  check_page_copies(kWide, DType::BF16, CudaCompute::BF16, 2e-2);
}

TEST(forward_after_warming_up) {
  check_batches(kMiddle, DType::BF16, CudaCompute::BF16, 2e-2, true);
  check_batches(kWide, DType::F32, CudaCompute::F32, 2e-5, true);
}

TEST(forward_greedy_equals_cpu_in_float32) {
  const RandomModel model(kMiddle, DType::BF16);
  Pair pair(model, CudaCompute::F32);
  for (int i = 0; i < 4; ++i) {
    const std::vector<int32_t> prompt = pair.sequence(static_cast<size_t>(pick(1, 60))).tokens;
    CHECK(continued(pair.cpu(), prompt, 40) == continued(pair.gpu(), prompt, 40));
  }
}

TEST(forward_with_penalties_equals_cpu_in_float32) {
  // Its logits lie close enough for penalties to matter.
  const RandomModel model(kWide, DType::F32);
  Pair pair(model, CudaCompute::F32);
  for (const double temperature : {0.0, 0.7}) {
    Sampling sampling{.temperature = temperature, .seed = 7};
    sampling.repetition_penalty = 1.3f;
    sampling.frequency_penalty = 0.4f;
    sampling.presence_penalty = 0.5f;
    const LogitRules rules{{{5, 6.0f}, {77, -3.0f}}, 0};
    for (int i = 0; i < 3; ++i) {
      const std::vector<int32_t> prompt = pair.sequence(static_cast<size_t>(pick(1, 60))).tokens;
      std::vector<Logprobs> cpu, gpu;
      const auto expected = continued(pair.cpu(), prompt, 40, sampling, rules, &cpu);
      CHECK(continued(pair.gpu(), prompt, 40, sampling, rules, &gpu) == expected);
      CHECK(temperature > 0 || continued(pair.gpu(), prompt, 40) != expected);
      for (size_t t = 0; t < cpu.size(); ++t) {
        CHECK(std::abs(cpu[t].chosen - gpu[t].chosen) < 1e-4f);
        CHECK(std::ranges::equal(std::span(cpu[t].tokens).first(5), std::span(gpu[t].tokens).first(5)));
      }
    }
  }
}

TEST(forward_takes_tokens_that_the_host_has_not_seen) {
  const RandomModel model(kMiddle, DType::BF16);
  Pair pair(model, CudaCompute::F32);
  const auto [cpu_tokens, cpu_logits] = unseen_tokens(pair.cpu(), pair.vocab());
  const auto [gpu_tokens, gpu_logits] = unseen_tokens(pair.gpu(), pair.vocab());
  CHECK(cpu_tokens == gpu_tokens);
  CHECK_NEAR(gpu_logits, cpu_logits, 2e-5);
}

TEST(forward_refuses_what_is_wrong) {
  const RandomModel model(kSmall, DType::BF16);
  CudaBackend backend(model.decoder, CudaCompute::Auto);
  const auto message = [&](const Segment& segment) -> std::string {
    try {
      backend.forward({&segment, 1}, nullptr);
    } catch (const std::exception& error) {
      return error.what();
    }
    return "";
  };
  const int32_t token = 5, wrong_token = 300, page = 0, wrong_page = 7;
  CHECK(message({&token, 1, 0, &page, 1}).find("not allocated") != std::string::npos);
  backend.allocate_kv(4, 16);
  CHECK(message({&token, 1, 0, &page, 1}).empty());
  CHECK(message({&wrong_token, 1, 0, &page, 1}).find("token 300") != std::string::npos);
  const int32_t never_chosen = -1;
  CHECK(message({&never_chosen, 1, 0, &page, 1}).find("no token was chosen for entry 0") != std::string::npos);
  CHECK(message({&token, 1, 0, &wrong_page, 1}).find("page 7") != std::string::npos);
}
