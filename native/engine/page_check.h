// What must hold between page pool, prefix cache and the requests that use their pages. For tests.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/page_pool.h"
#include "engine/radix_tree.h"

namespace espalier {

/// One request's pages, how many of its tokens are computed, and how many of these may be shared.
struct PageUse {
  const std::vector<int32_t>* pages;
  size_t computed, settled;
};

/// What contradicts what, or "".
std::string check_pages(const PagePool& pool, const RadixTree& tree, size_t page_size, std::span<const PageUse> uses);

}  // namespace espalier
