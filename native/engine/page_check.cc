// Counts the owners of each page and compares.
#include "engine/page_check.h"

namespace espalier {

std::string check_pages(const PagePool& pool, const RadixTree& tree, size_t page_size, std::span<const PageUse> uses) {
  std::vector<uint32_t> owners(pool.total(), 0);
  if (std::string wrong = tree.check(owners); !wrong.empty()) return wrong;
  for (const uint32_t count : owners) {
    if (count > 1) return "a page is twice in the radix tree";
  }
  const std::vector<uint32_t> cached = owners;
  for (const PageUse& use : uses) {
    if (use.pages->size() * page_size < use.computed) return "a request has computed tokens without pages";
    for (const int32_t page : *use.pages) ++owners[static_cast<size_t>(page)];
    for (size_t i = use.settled / page_size; i < use.pages->size(); ++i)
      if (pool.owners((*use.pages)[i]) != 1) return "a page that a request still writes has another owner";
  }
  size_t free = 0, evictable = 0;
  for (size_t page = 0; page < owners.size(); ++page) {
    if (owners[page] != pool.owners(static_cast<int32_t>(page)))
      return "page " + std::to_string(page) + " has " + std::to_string(owners[page]) + " owners but counts " +
             std::to_string(pool.owners(static_cast<int32_t>(page)));
    free += owners[page] == 0;
    evictable += owners[page] == 1 && cached[page] == 1;
  }
  if (free != pool.free()) return "pages are lost from the free list";
  if (evictable != pool.evictable()) return "the count of evictable pages is wrong";
  return "";
}

}  // namespace espalier
