// The device's sampler against engine/sampler.h: greedy token for token; otherwise the kept tokens are those of a
// sorted list in double precision, and the drawn one is where the draw falls when they are laid out in order of ids.
#include "engine/sampler.h"

#include <algorithm>

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
  auto tokens = poisoned<int32_t>(rows.size());
  sample_rows(to_device(parameters).get(), static_cast<int>(rows.size()), static_cast<int>(vocab), tokens.get(),
              nullptr);
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
