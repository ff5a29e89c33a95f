// The device's sampler against engine/sampler.h: greedy token for token; otherwise the kept tokens are those of a
// sorted list in double precision, and the drawn one is where the draw falls when they are laid out in order of ids.
#include "engine/sampler.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "support.h"

using namespace espalier;
using namespace espalier::cuda;
using namespace espalier::cuda::test;

namespace {

struct Row {
  std::vector<float> logits;
  std::vector<int32_t> mask;
  Sampling sampling;
  double draw = 0;
};

bool allowed(const Row& row, size_t token) {
  return row.mask.empty() || (static_cast<uint32_t>(row.mask[token / 32]) >> token % 32 & 1);
}

std::vector<int32_t> sample_all(const std::vector<Row>& rows) {
  const size_t vocab = rows[0].logits.size();
  std::vector<Buffer<float>> logits;
  std::vector<Buffer<int32_t>> masks;
  std::vector<SampleRow> parameters;
  for (const Row& row : rows) {
    logits.push_back(to_device(row.logits));
    masks.push_back(to_device(row.mask));
    parameters.push_back({logits.back().get(), row.mask.empty() ? nullptr : masks.back().get(),
                          static_cast<float>(row.sampling.temperature), static_cast<float>(row.sampling.top_p),
                          static_cast<float>(row.sampling.min_p), static_cast<uint32_t>(row.sampling.top_k), row.draw});
  }
  const auto device_rows = to_device(parameters);
  const int size = static_cast<int>(vocab);
  auto tokens = poisoned<int32_t>(rows.size()), spread = poisoned<int32_t>(rows.size());
  sample_rows(device_rows.get(), static_cast<int>(rows.size()), size, nullptr, tokens.get(), nullptr);
  // Spread over blocks, as few rows are.
  for (size_t first = 0; first < rows.size(); first += 5) {
    const int count = static_cast<int>(std::min<size_t>(5, rows.size() - first));
    auto room = poisoned<float2>(sample_room(count, size));
    sample_rows(device_rows.get() + first, count, size, room.get(), spread.get() + first, nullptr);
    CHECK(cudaDeviceSynchronize() == cudaSuccess);
  }
  CHECK(to_host(spread) == to_host(tokens));
  return to_host(tokens);
}

struct Candidate {
  double weight;
  int token;
};

// What the filters keep, in order of ids.
std::vector<Candidate> kept(const Row& row) {
  std::vector<Candidate> all;
  float most = -INFINITY;
  for (size_t t = 0; t < row.logits.size(); ++t)
    if (allowed(row, t)) most = std::max(most, row.logits[t]);
  double total = 0;
  for (size_t t = 0; t < row.logits.size(); ++t) {
    if (!allowed(row, t) || !std::isfinite(row.logits[t])) continue;
    const double weight = std::exp((static_cast<double>(row.logits[t]) - most) / row.sampling.temperature);
    all.push_back({weight, static_cast<int>(t)});
    total += weight;
  }
  std::ranges::stable_sort(all, [](const auto& a, const auto& b) { return a.weight > b.weight; });
  if (row.sampling.top_k > 0 && row.sampling.top_k < all.size()) all.resize(row.sampling.top_k);
  if (row.sampling.top_p < 1) {
    double before = 0;
    size_t count = 0;
    while (count < all.size() && before <= row.sampling.top_p * total) before += all[count++].weight;
    all.resize(count);
  }
  std::erase_if(all, [&](const Candidate& c) { return c.weight < row.sampling.min_p; });
  std::ranges::sort(all, {}, &Candidate::token);
  return all;
}

// Rounding may move a border between two tokens by a millionth of the whole, or the cut of top-p by one token that
// light.
bool agrees(const Row& row, int32_t token) {
  const std::vector<Candidate> all = kept(row);
  double total = 0, before = 0;
  for (const Candidate& c : all) total += c.weight;
  double lightest = 1;
  for (const Candidate& c : all) lightest = std::min(lightest, c.weight);
  const double slack = 2e-6 * total + (row.sampling.top_p < 1 ? lightest * 1.001 : 0);
  for (const Candidate& c : all) {
    if (c.token == token) {
      const double target = row.draw * total;
      return target >= before - slack && target <= before + c.weight + slack;
    }
    before += c.weight;
  }
  return false;
}

Row random_row(size_t vocab, float deviation) {
  Row row;
  row.logits = random_elements<float>(vocab, deviation);
  for (int i = 0; i < 5; ++i) row.logits[pick(0, static_cast<int>(vocab) - 1)] = NAN;
  for (int i = 0; i < 5; ++i) row.logits[pick(0, static_cast<int>(vocab) - 1)] = -INFINITY;
  if (pick(0, 1)) {
    row.mask.assign((vocab + 31) / 32, 0);
    const int density = pick(1, 60);
    for (size_t t = 0; t < vocab; ++t)
      if (pick(1, density) == 1 || t == vocab - 1) row.mask[t / 32] |= static_cast<int32_t>(1u << t % 32);
    if (!std::isfinite(row.logits[vocab - 1])) row.logits[vocab - 1] = 0;
  }
  row.draw = std::uniform_real_distribution<double>(0, 1)(generator());
  return row;
}

void check_rows(const std::vector<Row>& rows) {
  const std::vector<int32_t> tokens = sample_all(rows);
  for (size_t i = 0; i < rows.size(); ++i) {
    const Sampling& s = rows[i].sampling;
    if (agrees(rows[i], tokens[i])) continue;
    ++failures;
    std::printf("  row %zu: token %d for draw %.9f, temperature %g top_k %llu top_p %g min_p %g, vocabulary %zu\n", i,
                tokens[i], rows[i].draw, s.temperature, static_cast<unsigned long long>(s.top_k), s.top_p, s.min_p,
                rows[i].logits.size());
  }
}

const std::vector<size_t> kVocabularies{40, 2048, 32001, 128256};

}  // namespace

TEST(sampler_greedy) {
  for (const size_t vocab : kVocabularies) {
    std::vector<Row> rows;
    for (int i = 0; i < 40; ++i) {
      rows.push_back(random_row(vocab, 3));
      // Equal highest logits: the lowest id wins.
      if (i % 2) {
        for (float& logit : rows.back().logits) logit = std::round(logit);
        const size_t last = vocab - 1;
        if (!std::isfinite(rows.back().logits[last])) rows.back().logits[last] = 0;
      }
    }
    const std::vector<int32_t> tokens = sample_all(rows);
    for (size_t i = 0; i < rows.size(); ++i)
      CHECK(tokens[i] == sample(rows[i].logits, rows[i].mask.empty() ? nullptr : rows[i].mask.data(), {}, 0));
  }
}

TEST(sampler_without_candidates) {
  Row none;
  none.logits.assign(300, -INFINITY);
  Row masked = random_row(300, 1);
  masked.mask.assign(10, 0);
  Row infinite = random_row(300, 1);
  infinite.mask.clear();
  infinite.logits[7] = INFINITY;
  for (const double temperature : {0.0, 1.0}) {
    std::vector<Row> rows{none, masked, infinite};
    for (Row& row : rows) row.sampling.temperature = temperature;
    CHECK((sample_all(rows) == std::vector<int32_t>{-1, -1, -1}));
  }
}

TEST(sampler_temperature) {
  for (const size_t vocab : kVocabularies) {
    std::vector<Row> rows;
    for (int i = 0; i < 40; ++i) {
      rows.push_back(random_row(vocab, 2));
      rows.back().sampling.temperature = std::vector{0.3, 1.0, 2.5}[static_cast<size_t>(pick(0, 2))];
    }
    rows.back().draw = 0;
    check_rows(rows);
  }
}

TEST(sampler_filters) {
  for (const size_t vocab : kVocabularies) {
    std::vector<Row> rows;
    for (int i = 0; i < 60; ++i) {
      rows.push_back(random_row(vocab, 3));
      Sampling& s = rows.back().sampling;
      s.temperature = std::vector{0.5, 1.0, 1.7}[static_cast<size_t>(pick(0, 2))];
      if (i % 3 != 0)
        s.top_k = static_cast<uint64_t>(std::vector{1, 2, 40, 1000, 30000}[static_cast<size_t>(pick(0, 4))]);
      if (i % 3 != 1) s.top_p = std::vector{0.1, 0.5, 0.9, 0.999}[static_cast<size_t>(pick(0, 3))];
      if (i % 4 == 0) s.min_p = std::vector{0.01, 0.1, 1.0}[static_cast<size_t>(pick(0, 2))];
    }
    check_rows(rows);
  }
}

// All logits equal, or only a few values: the cut is among equals, in order of ids.
TEST(sampler_ties) {
  for (const size_t vocab : {size_t{2048}, size_t{128256}}) {
    std::vector<Row> rows;
    for (const uint64_t top_k : {1, 3, 1500, 20000}) {
      for (const float step : {0.0f, 1.0f}) {
        Row row = random_row(vocab, 1);
        for (float& logit : row.logits) logit = std::isfinite(logit) ? std::round(logit) * step : logit;
        row.sampling.temperature = 1;
        row.sampling.top_k = top_k;
        rows.push_back(row);
        row.sampling.top_k = 0;
        row.sampling.top_p = 0.3;
        rows.push_back(row);
      }
    }
    check_rows(rows);
  }
}

namespace {

// Adjustments of distinct tokens: every kind, and some that forbid.
std::vector<Adjustment> random_adjustments(size_t vocab, size_t count) {
  std::vector<int32_t> tokens(vocab);
  std::iota(tokens.begin(), tokens.end(), 0);
  std::ranges::shuffle(tokens, generator());
  std::vector<Adjustment> all;
  for (size_t i = 0; i < std::min(count, vocab - 1); ++i) {
    const auto outputs = static_cast<uint32_t>(pick(0, 3));
    const float bias = pick(0, 9) == 0 ? -INFINITY : pick(0, 1) ? normal(2) : 0;
    all.push_back({tokens[i], bias, outputs, outputs > 0 || pick(0, 1) ? 1u : 0u});
  }
  return all;
}

std::vector<esp_cuda_adjustment> to_abi(const std::vector<Adjustment>& all) {
  std::vector<esp_cuda_adjustment> out;
  for (const Adjustment& a : all) out.push_back({a.token, a.bias, a.outputs, a.seen});
  return out;
}

}  // namespace

// Bit for bit what the CPU makes of them, and back again.
TEST(sampler_adjustments) {
  for (const size_t vocab : kVocabularies)
    for (const size_t count : {size_t{1}, size_t{300}, size_t{5000}}) {
      const Row row = random_row(vocab, 3);
      const std::vector<Adjustment> all = random_adjustments(vocab, count);
      const Sampling sampling{.repetition_penalty = 1 + static_cast<float>(pick(1, 9)) / 7,
                              .frequency_penalty = normal(1),
                              .presence_penalty = normal(1)};
      auto logits = to_device(row.logits);
      const auto adjustments = to_device(to_abi(all));
      auto before = poisoned<float>(all.size());
      const auto rows = to_device(
          std::vector<AdjustRow>{{logits.get(), adjustments.get(), before.get(), static_cast<uint32_t>(all.size()),
                                  sampling.repetition_penalty, sampling.frequency_penalty, sampling.presence_penalty}});
      const auto same = [&](const std::vector<float>& expected) {
        const std::vector<float> found = to_host(logits);
        return std::memcmp(found.data(), expected.data(), vocab * sizeof(float)) == 0;
      };
      adjust_rows(rows.get(), 1, nullptr);
      std::vector<float> expected = row.logits;
      for (const Adjustment& a : all) {
        float& logit = expected[static_cast<size_t>(a.token)];
        // NaNs have many bit patterns.
        if (std::isnan(logit))
          logit = to_host(logits)[static_cast<size_t>(a.token)];
        else
          logit = adjusted(logit, a, sampling);
      }
      CHECK(same(expected));
      restore_rows(rows.get(), 1, nullptr);
      CHECK(same(row.logits));
    }
}

TEST(sampler_logprobs) {
  for (const size_t vocab : kVocabularies) {
    std::vector<Row> all;
    std::vector<Buffer<float>> logits;
    std::vector<LogprobRow> rows;
    std::vector<int32_t> tokens;
    for (int i = 0; i < 24; ++i) {
      Row row = random_row(vocab, 4);
      // Ties, within bins and across.
      if (i % 3 == 1)
        for (float& logit : row.logits) logit = std::round(logit);
      // Fewer than asked for.
      if (i % 8 == 2) std::fill(row.logits.begin() + 3, row.logits.end(), i % 16 == 2 ? -INFINITY : NAN);
      int token = pick(0, static_cast<int>(vocab) - 1);
      while (!std::isfinite(row.logits[static_cast<size_t>(token)])) token = (token + 1) % static_cast<int>(vocab);
      tokens.push_back(token);
      logits.push_back(to_device(row.logits));
      rows.push_back({logits.back().get(), i, std::vector{0, 1, 5, 20}[static_cast<size_t>(i % 4)]});
      all.push_back(std::move(row));
    }
    // In another order than the choices.
    std::ranges::reverse(rows);
    auto out = poisoned<esp_cuda_logprobs>(rows.size());
    find_logprobs(to_device(rows).get(), static_cast<int>(rows.size()), static_cast<int>(vocab),
                  to_device(tokens).get(), out.get(), nullptr);
    const auto found = to_host(out);
    for (size_t i = 0; i < rows.size(); ++i) {
      const auto choice = static_cast<size_t>(rows[i].choice), count = static_cast<size_t>(rows[i].alternatives);
      const Logprobs expected = espalier::find_logprobs(all[choice].logits, tokens[choice], count);
      const auto near = [](float a, float b) { return a == b || std::abs(a - b) <= 2e-6f * (1 + std::abs(b)); };
      bool right = near(found[i].chosen, expected.chosen);
      for (size_t k = 0; k < count; ++k)
        right = right && found[i].tokens[k] == expected.tokens[k] && near(found[i].values[k], expected.values[k]);
      if (!right) std::printf("  vocabulary %zu, row %zu of %zu alternatives\n", vocab, i, count);
      CHECK(right);
    }
  }
}
