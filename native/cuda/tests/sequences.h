// Random sequences in scattered pages, on the host and on the device, for the tests of rope and attention.
#pragma once
#include <algorithm>
#include <numeric>

#include "support.h"

namespace espalier::cuda::test {

/// Rows of several sequences: sequence s has rows for its last counts[s] tokens.
struct Sequences {
  std::vector<int32_t> tokens, positions, tables, pages;
  size_t page_count = 0;
  Buffer<int32_t> device_tokens, device_positions, device_tables, device_pages;

  Sequences(const std::vector<int>& lengths, const std::vector<int>& counts, int page_size) {
    std::vector<int32_t> order;
    for (const int length : lengths) page_count += static_cast<size_t>((length + page_size - 1) / page_size);
    order.resize(page_count);
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), generator());
    for (size_t s = 0; s < lengths.size(); ++s) {
      const auto start = static_cast<int32_t>(pages.size());
      for (int i = 0; i * page_size < lengths[s]; ++i) pages.push_back(order[pages.size()]);
      for (int i = lengths[s] - counts[s]; i < lengths[s]; ++i) {
        tokens.push_back(pick(0, 99));
        positions.push_back(i);
        tables.push_back(start);
      }
    }
    device_tokens = to_device(tokens);
    device_positions = to_device(positions);
    device_tables = to_device(tables);
    device_pages = to_device(pages);
  }

  Rows rows() const {
    return {static_cast<int>(tokens.size()), device_tokens.get(), nullptr, device_positions.get(), device_positions.get(),
            device_tables.get(), device_pages.get()};
  }
};

}  // namespace espalier::cuda::test
