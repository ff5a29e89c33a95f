// The head: logits of the rows that are sampled from. It has as many rows as the vocabulary tokens, in small models a
// quarter of all weights, and a grammar often allows but a few of them: so it waits for the masks, and of a row that few
// tokens are chosen from only these are computed, in strips of sixteen as packed weights have them. Embeddings are made of
// the rows before the head. Of several ranks each has the rows of its own tokens, and writes their logits where the first
// rank chooses from them.
#include <algorithm>
#include <cstring>

#include "cpu/backend.h"
#include "models/shard.h"

namespace espalier {
namespace {

static_assert(kTokenGroup % kStripRows == 0);
constexpr size_t kMaskBits = 32, kStripsPerWord = kMaskBits / kStripRows;

bool needs_strip(const int32_t* mask, size_t strip) {
  const uint32_t bits = static_cast<uint32_t>(mask[strip / kStripsPerWord]) >> (strip % kStripsPerWord * kStripRows);
  return (bits & ((1u << kStripRows) - 1)) != 0;
}

// Rows go side by side where they want nearly the same: one that wants more than this share of the strips has them all.
bool wants_most(const int32_t* mask, size_t strips) {
  size_t wanted = 0;
  for (size_t strip = 0; strip < strips; ++strip) wanted += needs_strip(mask, strip);
  return 2 * wanted > strips;
}

}  // namespace

void CpuBackend::keep_logit_rows(std::span<const Segment> segments) {
  const size_t size = config_.hidden_size;
  size_t row = 0;
  logit_rows_ = 0;
  for (const Segment& segment : segments) logit_rows_ += segment.logit_rows;
  if (last_hidden_.size() < logit_rows_ * size) last_hidden_.resize(logit_rows_ * size);
  float* to = last_hidden_.data();
  for (const Segment& segment : segments) {
    row += segment.count;
    for (size_t r = row - segment.logit_rows; r < row; ++r, to += size)
      norm_row(hidden_.data() + r * size, model_->final_norm(), to);
  }
}

void CpuBackend::sum_hidden(std::span<const Segment> segments, std::span<float> sums) {
  forward(segments, nullptr);
  const size_t size = config_.hidden_size;
  const float* hidden = last_hidden_.data();
  float* sum = sums.data();
  for (const Segment& segment : segments) {
    for (size_t i = 0; i < segment.logit_rows; ++i, hidden += size) kernels_.add(sum, hidden, size);
    sum += size;
  }
}

// A row that several choices are made from has all of its logits.
void CpuBackend::plan_head(std::span<const Choice> choices) {
  const size_t strips = strips_of(config_.vocab_size);
  head_rows_.assign(logit_rows_, {});
  for (const Choice& choice : choices) {
    HeadRow& row = head_rows_[choice.logit_row];
    const bool whole = row.wanted || !choice.mask || choice.logprobs >= 0 || wants_most(choice.mask, strips);
    row.mask = whole ? nullptr : choice.mask;
    row.wanted = true;
  }
}

void CpuBackend::compute_logits(std::span<const Choice> choices) {
  const size_t size = config_.hidden_size, vocab = config_.vocab_size;
  plan_head(choices);
  // Whole rows first, then those of few tokens.
  size_t whole = 0, rows = 0;
  for (const bool few : {false, true}) {
    for (size_t r = 0; r < logit_rows_; ++r) {
      HeadRow& row = head_rows_[r];
      if (!row.wanted || (row.mask != nullptr) != few) continue;
      row.place = rows++;
      std::memcpy(normed_.data() + row.place * size, last_hidden_.data() + r * size, size * sizeof(float));
    }
    if (!few) whole = rows;
  }
  const bool chooses = model_->shard().rank == 0;
  if (chooses && logits_.size() < rows * vocab) logits_.resize(rows * vocab);
  float* const all = meeting_ ? meeting_->show(model_->shard().rank, logits_.data())[0] : logits_.data();
  const Input x = input_of(normed_.data(), rows, size);
  for_tokens([&](size_t first, size_t last) {
    if (whole > 0) multiply_head(x, whole, first, last, all);
    for (const HeadRow& row : head_rows_) {
      if (!row.mask) continue;
      float* logits = all + row.place * vocab;
      for (size_t from = first; from < last;) {
        size_t to = from;
        while (to < last && needs_strip(row.mask, to / kStripRows)) to = std::min(to + kStripRows, last);
        if (to > from) multiply_head(x.from(row.place), 1, from, to, logits);
        from = to + kStripRows;
      }
    }
  });
  if (meeting_) meeting_->wait();
}

void CpuBackend::write_logits(float* logits) {
  const Input x = input_of(last_hidden_.data(), logit_rows_, config_.hidden_size);
  for_tokens([&](size_t first, size_t last) { multiply_head(x, logit_rows_, first, last, logits); });
}

// Those that this back end has, in whole strips.
void CpuBackend::for_tokens(const std::function<void(size_t first, size_t last)>& body) {
  const size_t start = model_->first_token();
  for_columns(model_->lm_head().rows, [&](size_t first, size_t last) { body(start + first, start + last); });
}

void CpuBackend::multiply_head(const Input& x, size_t rows, size_t first, size_t last, float* logits) {
  const size_t vocab = config_.vocab_size, start = model_->first_token();
  multiply(x, rows, model_->lm_head(), first - start, last - start, logits + start, vocab);
  const auto cap = static_cast<float>(config_.logit_soft_cap);
  if (cap == 0) return;
  for (size_t r = 0; r < rows; ++r) kernels_.soft_cap(logits + r * vocab + first, last - first, 1, cap);
}

}  // namespace espalier
