// What the tests of families run: every way that a token can take to the pages.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <numeric>
#include <vector>

#include "engine/backend.h"
#include "models/decoder.h"
#include "support.h"

namespace espalier::cuda::test {

inline constexpr size_t kPages = 24, kPageSize = 16;

inline std::vector<std::filesystem::path> families() {
  const char* folder = std::getenv("ESPALIER_FAMILIES");
  std::vector<std::filesystem::path> found;
  if (folder)
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      if (entry.path().extension() == ".spec") found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

struct Run {
  std::shared_ptr<const Decoder> decoder;
  std::vector<int32_t> prompt;
  size_t vocab;
};

// Pages of three sequences, the third sharing the first page of the first.
inline const std::vector<std::vector<int32_t>>& page_tables() {
  static const std::vector<std::vector<int32_t>> tables{{7, 2, 19, 5, 11}, {0, 13, 4, 21, 9}, {7, 3, 16, 8, 20}};
  return tables;
}

// Logits of the prompt at once, in chunks, behind a shared page, and of decode rows beside another sequence's prompt.
inline std::vector<float> all_logits(Backend& backend, const Run& run) {
  backend.allocate_kv(kPages, kPageSize);
  std::vector<float> all;
  const auto forward = [&](const std::vector<Segment>& segments) {
    size_t rows = 0;
    for (const Segment& segment : segments) rows += segment.logit_rows;
    std::vector<float> logits(rows * run.vocab, NAN);
    backend.forward(segments, logits.data());
    all.insert(all.end(), logits.begin(), logits.end());
  };
  const auto part = [&](size_t table, size_t start, size_t count, size_t rows) -> Segment {
    return {run.prompt.data() + start, count, start, page_tables()[table].data(), rows};
  };
  const size_t length = run.prompt.size();
  forward({part(0, 0, length, length)});
  forward({part(2, kPageSize, length - kPageSize, 5)});
  for (const size_t chunk : {1, 7, 33}) {
    for (size_t start = 0; start < length; start += chunk)
      forward({part(1, start, std::min(chunk, length - start), 1)});
  }
  // Longer than a batch by rows may be: tiles, with a decode row among them; then few rows with logits of many.
  forward({part(0, length - 1, 1, 1), part(1, 0, length, 1), part(2, kPageSize, length - kPageSize, 0)});
  forward({part(0, length - 1, 1, 1), part(1, length - 2, 2, 2), part(2, length - 1, 1, 1)});
  return all;
}

inline std::vector<int32_t> continued(Backend& backend, const Run& run, size_t count) {
  backend.allocate_kv(kPages, kPageSize);
  std::vector<int32_t> tokens = run.prompt, pages(kPages);
  std::iota(pages.begin(), pages.end(), 0);
  for (size_t computed = 0; tokens.size() < run.prompt.size() + count;) {
    const Segment segment{tokens.data() + computed, tokens.size() - computed, computed, pages.data(), 1};
    backend.forward({&segment, 1}, nullptr);
    computed = tokens.size();
    const Choice choice{0, nullptr, -1, {}, tokens.size(), {}};
    int32_t token = kNoToken;
    backend.choose({&choice, 1});
    backend.take({&token, 1}, {});
    tokens.push_back(token);
  }
  return {tokens.begin() + static_cast<ptrdiff_t>(run.prompt.size()), tokens.end()};
}

// The distance of each row's logits, sorted.
inline std::vector<double> row_distances(const std::vector<float>& found, const std::vector<float>& expected, size_t vocab) {
  std::vector<double> distances;
  for (size_t at = 0; at + vocab <= expected.size(); at += vocab) {
    const auto row = [&](const std::vector<float>& all) {
      return std::vector<float>(all.begin() + static_cast<ptrdiff_t>(at),
                                all.begin() + static_cast<ptrdiff_t>(at + vocab));
    };
    distances.push_back(distance(row(found), row(expected)));
  }
  std::ranges::sort(distances);
  return distances;
}

}  // namespace espalier::cuda::test
