// Decode, prefill and generic attention on scattered pages, against a plain softmax in double precision. Keys and
// values enter the pages by rope_and_store with turns of zero.
#include <cstring>

#include "cuda/device/features.h"
#include "sequences.h"

using namespace espalier::cuda;
using namespace espalier::cuda::test;

namespace {

struct Case {
  HeadShape shape;
  int page_size;
  std::vector<int> lengths;
  float soft_cap = 0;
  int window = 0;
  // Of the products; 0: 1 / sqrt(dim).
  float scale = 0;

  Attention attention() const {
    return {shape, {scale > 0 ? scale : 1 / std::sqrt(static_cast<float>(shape.dim)), soft_cap, window}};
  }
};

template <class Element>
class Fixture {
 public:
  explicit Fixture(const Case& c)
      : attention_(c.attention()),
        shape_(c.shape),
        page_size_(c.page_size),
        all_(c.lengths, c.lengths, c.page_size),
        qkv_host_(random_elements<Element>(all_.tokens.size() * row_size())),
        qkv_(to_device(qkv_host_)) {
    const size_t plane = all_.page_count * page_size_ * shape_.kv_heads * shape_.dim;
    keys_ = poisoned<Element>(plane);
    values_ = poisoned<Element>(plane);
    const int longest = *std::ranges::max_element(c.lengths);
    const auto none = to_device(std::vector<float2>(static_cast<size_t>(longest * shape_.dim / 2), float2{1, 0}));
    rope_and_store(qkv_.get(), all_.rows(), shape_, none.get(), kv(), nullptr);
    ESP_CUDA_CHECK(cudaDeviceSynchronize());
  }

  size_t row_size() const { return static_cast<size_t>(shape_.heads + 2 * shape_.kv_heads) * shape_.dim; }
  const Sequences& all() const { return all_; }
  const Element* qkv() const { return qkv_.get(); }
  KvLayer<Element> kv() const { return {keys_.get(), values_.get(), page_size_}; }

  std::vector<float> expected(size_t row) const {
    const int length = all_.positions[row] + 1, dim = shape_.dim;
    const size_t first = row - static_cast<size_t>(length - 1);
    std::vector<float> out;
    for (int head = 0; head < shape_.heads; ++head) {
      const size_t kv_head = static_cast<size_t>(shape_.heads + head / (shape_.heads / shape_.kv_heads));
      const auto element = [&](size_t at, size_t which, int d) {
        return static_cast<double>(static_cast<float>(qkv_host_[at * row_size() + which * dim + d]));
      };
      std::vector<double> weights(length), sums(dim, 0.0);
      double total = 0;
      for (int i = 0; i < length; ++i) {
        for (int d = 0; d < dim; ++d) weights[i] += element(row, head, d) * element(first + i, kv_head, d);
        const double score = weights[i] * attention_.rule.scale, cap = attention_.rule.soft_cap;
        const bool seen = attention_.rule.window == 0 || i >= length - attention_.rule.window;
        weights[i] = seen ? std::exp(cap > 0 ? cap * std::tanh(score / cap) : score) : 0;
        total += weights[i];
      }
      for (int i = 0; i < length; ++i)
        for (int d = 0; d < dim; ++d) sums[d] += weights[i] / total * element(first + i, kv_head + shape_.kv_heads, d);
      for (const double sum : sums) out.push_back(static_cast<float>(sum));
    }
    return out;
  }

 private:
  const Attention attention_;
  const HeadShape shape_;
  const int page_size_;
  const Sequences all_;
  const std::vector<Element> qkv_host_;
  Buffer<Element> qkv_, keys_, values_;
};

template <class Element>
std::vector<Element> row_of(const std::vector<Element>& out, size_t row, const HeadShape& shape) {
  const auto size = static_cast<ptrdiff_t>(shape.heads * shape.dim);
  return {out.begin() + static_cast<ptrdiff_t>(row) * size, out.begin() + static_cast<ptrdiff_t>(row + 1) * size};
}

template <class Element>
void check_generic(const Case& c) {
  const Fixture<Element> fixture(c);
  auto out = poisoned<Element>(fixture.all().tokens.size() * c.shape.heads * c.shape.dim);
  attention_generic(fixture.qkv(), fixture.all().rows(), c.attention(), fixture.kv(), out.get(), nullptr);
  const auto host = to_host(out);
  for (size_t row = 0; row < fixture.all().tokens.size(); row += 1 + fixture.all().tokens.size() / 9)
    CHECK_NEAR(row_of(host, row, c.shape), fixture.expected(row), 2 * kTolerance<Element>);
}

// The last row of each sequence, by way of a list of selected rows.
template <class Element>
void check_decode(const Case& c, const DecodePlan& plan) {
  const Fixture<Element> fixture(c);
  std::vector<int32_t> last;
  int row = -1;
  for (const int length : c.lengths) last.push_back(row += length);
  const int count = static_cast<int>(last.size());
  auto partials = poisoned<float>(decode_attention_floats(c.shape, count, plan.splits));
  const auto counters = to_device(std::vector<unsigned>(last.size() * c.shape.heads, 0));
  auto out = poisoned<Element>(fixture.all().tokens.size() * c.shape.heads * c.shape.dim);
  for (int round = 0; round < 2; ++round)
    attention_decode(fixture.qkv(), static_cast<const float2*>(nullptr), fixture.all().rows(), to_device(last).get(), count, c.attention(), fixture.kv(),
                     plan, partials.get(), counters.get(), out.get(), nullptr);
  const auto host = to_host(out);
  for (const int32_t r : last) CHECK_NEAR(row_of(host, r, c.shape), fixture.expected(r), 2 * kTolerance<Element>);
}

// The last `own` rows of each sequence, rotated and stored by the attention, against a kernel of their own before it: the same
// pages, and the same bits.
template <class Element>
void check_own(const Case& c, int own, const DecodePlan& plan) {
  const Sequences all(c.lengths, c.lengths, c.page_size);
  const HeadShape& shape = c.shape;
  const size_t count = all.tokens.size(), row_size = static_cast<size_t>(shape.heads + 2 * shape.kv_heads) * shape.dim;
  const size_t plane = all.page_count * c.page_size * shape.kv_heads * shape.dim, out_size = count * shape.heads * shape.dim;
  const auto qkv = random_elements<Element>(count * row_size);
  const int longest = *std::ranges::max_element(c.lengths);
  const auto turns = to_device(random_elements<float>(static_cast<size_t>(longest) * shape.dim));
  const auto* const pairs = reinterpret_cast<const float2*>(turns.get());
  std::vector<int32_t> selected, starts(count), before = all.positions;
  int end = 0;
  for (const int length : c.lengths) {
    const int fresh = std::min(own, length);
    for (int i = end + length - fresh; i < end + length; ++i) {
      selected.push_back(i);
      starts[i] = length - fresh;
      before[i] = -1;
    }
    end += length;
  }
  const int rows = static_cast<int>(selected.size());
  const auto device_selected = to_device(selected), device_starts = to_device(starts), device_before = to_device(before);
  auto partials = poisoned<float>(decode_attention_floats(shape, rows, plan.splits));
  const auto counters = to_device(std::vector<unsigned>(selected.size() * shape.heads, 0));
  const auto run = [&](bool rotates, Buffer<Element>& keys, Buffer<Element>& values) {
    auto device_qkv = to_device(qkv);
    auto out = poisoned<Element>(out_size);
    const KvLayer<Element> kv{keys.get(), values.get(), c.page_size};
    Rows batch = all.rows();
    batch.starts = device_starts.get();
    Rows stored = batch;
    if (rotates) stored.positions = device_before.get();
    rope_and_store(device_qkv.get(), stored, shape, pairs, kv, nullptr);
    // Older tokens are those of earlier steps, which the attention reads before it waits for its predecessor.
    ESP_CUDA_CHECK(cudaDeviceSynchronize());
    attention_decode(device_qkv.get(), rotates ? pairs : nullptr, batch, device_selected.get(), rows, c.attention(), kv,
                     plan, partials.get(), counters.get(), out.get(), nullptr);
    return to_host(out);
  };
  auto keys = poisoned<Element>(plane), values = poisoned<Element>(plane);
  auto own_keys = poisoned<Element>(plane), own_values = poisoned<Element>(plane);
  const auto expected = run(false, keys, values), found = run(true, own_keys, own_values);
  const auto same = [](const std::vector<Element>& a, const std::vector<Element>& b) {
    return std::memcmp(a.data(), b.data(), a.size() * sizeof(Element)) == 0;
  };
  for (const int32_t row : selected) CHECK_NEAR(row_of(found, row, shape), row_of(expected, row, shape), kTolerance<Element>);
  CHECK(same(expected, found));
  CHECK(same(to_host(keys), to_host(own_keys)));
  CHECK(same(to_host(values), to_host(own_values)));
}

// The last rows of each sequence as tiles: a prefix is in the pages already.
template <class Element>
void check_prefill(const Case& c) {
  const Fixture<Element> fixture(c);
  std::vector<PrefillTile> tiles;
  std::vector<size_t> rows;
  int end = 0;
  for (const int length : c.lengths) {
    end += length;
    int at = end - pick(1, length);
    while (at < end) {
      const int count = std::min(kPrefillTileRows, end - at);
      tiles.push_back({at, count});
      rows.push_back(static_cast<size_t>(at));
      rows.push_back(static_cast<size_t>(at + count / 2));
      at += count;
      rows.push_back(static_cast<size_t>(at - 1));
    }
  }
  auto out = poisoned<Element>(fixture.all().tokens.size() * c.shape.heads * c.shape.dim);
  attention_prefill(fixture.qkv(), fixture.all().rows(), to_device(tiles).get(), static_cast<int>(tiles.size()),
                    c.attention(), fixture.kv(), out.get(), nullptr);
  const auto host = to_host(out);
  for (const size_t r : rows) CHECK_NEAR(row_of(host, r, c.shape), fixture.expected(r), 2 * kTolerance<Element>);
}

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {{8, 8, 32}, 16, {1, 17, 64, 130}},
      {{8, 4, 64}, 32, {3, 16, 200}},
      {{8, 2, 128}, 16, {1, 15, 33, 257, 700}},
      {{8, 1, 128}, 64, {65, 128}},
      {{6, 2, 96}, 16, {1, 18, 140}},
      {{8, 4, 256}, 16, {1, 15, 65, 300}},
      // More query heads on a KV head than a block takes.
      {{16, 1, 128}, 16, {33, 200}},
      {{24, 2, 64}, 16, {1, 90}},
  };
  return all;
}

// Windows that end within a step, at its border and beyond the sequence; caps that bend most scores.
const std::vector<Case>& ruled_cases() {
  static const std::vector<Case> all{
      {{8, 8, 32}, 16, {1, 17, 64, 130}, 0, 16},
      {{8, 4, 64}, 32, {3, 16, 200, 400}, 0, 65},
      {{8, 2, 128}, 16, {1, 15, 33, 257, 700}, 0, 100},
      {{8, 2, 128}, 16, {500, 900}, 0, 128},
      {{8, 2, 128}, 16, {40, 300}, 0, 1},
      {{8, 2, 128}, 16, {40, 300}, 3, 0, 0.3f},
      {{8, 4, 64}, 32, {20, 333}, 2, 70, 0.5f},
      {{8, 4, 64}, 32, {90}, 0, 1000, 0.02f},
      {{8, 4, 256}, 16, {20, 290}, 4, 33, 0.2f},
      {{6, 2, 96}, 16, {300}, 0, 60},
  };
  return all;
}

}  // namespace

TEST(attention_windows_and_soft_caps) {
  for (const Case& c : ruled_cases()) {
    check_generic<float>(c);
    check_generic<bf16>(c);
    for (const int splits : {1, 3, 16}) {
      check_decode<bf16>(c, {splits, 4});
      check_decode<f16>(c, {splits, 2});
    }
    if (prefill_attention_fits(c.shape)) {
      check_prefill<bf16>(c);
      check_prefill<f16>(c);
    }
  }
}

TEST(attention_generic) {
  check_generic<float>({{6, 3, 16}, 16, {1, 20, 50}});
  check_generic<float>({{4, 1, 80}, 32, {70}});
  check_generic<float>({{2, 2, 256}, 16, {33}});
  for (const Case& c : cases()) check_generic<bf16>(c);
  check_generic<f16>(cases()[1]);
}

TEST(attention_decode) {
  for (const Case& c : cases())
    for (const int splits : {1, 2, 7, 16})
      for (const int warps : {2, 4}) {
        check_decode<bf16>(c, {splits, warps});
        check_decode<f16>(c, {splits, warps});
      }
}

TEST(attention_decode_rotates_its_own) {
  for (const Case& c : cases())
    for (const int own : {1, 5, 32})
      for (const int splits : {1, 7}) {
        check_own<bf16>(c, own, {splits, 2});
        check_own<f16>(c, own, {splits, 4});
      }
  check_own<bf16>(ruled_cases()[2], 20, {3, 4});
}

TEST(attention_decode_of_blocks_that_stay) {
  constexpr int kManyRows = 1 << 12;
  std::vector<Case> all = cases();
  all.insert(all.end(), ruled_cases().begin(), ruled_cases().end());
  for (const Case& c : all) {
    if (plan_decode_attention(c.shape, kManyRows, 1).staying == 0) continue;
    for (const int blocks : {1, 3, 132}) {
      check_decode<bf16>(c, {1, 2, blocks});
      check_decode<f16>(c, {1, 2, blocks});
      for (const int own : {1, 5, 32}) check_own<bf16>(c, own, {1, 2, blocks});
      check_own<f16>(c, 32, {1, 2, blocks});
    }
  }
}

TEST(attention_prefill) {
  for (const Case& c : cases()) {
    if (!prefill_attention_fits(c.shape)) continue;
    check_prefill<bf16>(c);
    check_prefill<f16>(c);
  }
}

TEST(attention_padding_rows_are_zero) {
  const Case c{{8, 2, 128}, 16, {40}};
  const Fixture<bf16> fixture(c);
  Rows rows = fixture.all().rows();
  const auto positions = to_device(std::vector<int32_t>(40, -1));
  rows.positions = rows.starts = positions.get();
  const auto counters = to_device(std::vector<unsigned>(80, 0));
  auto partials = poisoned<float>(decode_attention_floats(c.shape, 40, 3));
  for (const DecodePlan& plan : {DecodePlan{1, 4}, DecodePlan{3, 4}, DecodePlan{1, 2, features().clusters ? 2 : 0}}) {
    auto out = poisoned<bf16>(40 * 8 * 128);
    attention_decode(fixture.qkv(), static_cast<const float2*>(nullptr), rows, nullptr, 40, c.attention(), fixture.kv(), plan, partials.get(),
                     counters.get(), out.get(), nullptr);
    const auto host = to_host(out);
    CHECK(std::ranges::all_of(host, [](bf16 value) { return static_cast<float>(value) == 0; }));
  }
}
