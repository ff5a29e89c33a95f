// The radix tree on small cases. radix_oracle.cc holds it against a plain dictionary.
#include "engine/radix_tree.h"

#include <string>

#include "check.h"

using espalier::Eviction;
using espalier::PagePool;
using espalier::RadixTree;

namespace {

constexpr size_t kPage = 3;

std::vector<int32_t> take(PagePool& pool, size_t count) {
  std::vector<int32_t> pages;
  for (size_t i = 0; i < count; ++i) pages.push_back(pool.take());
  return pages;
}

void release(PagePool& pool, const std::vector<int32_t>& pages) {
  for (const int32_t page : pages) pool.release(page);
}

bool sound(const PagePool& pool, const RadixTree& tree, const std::vector<std::vector<int32_t>>& held) {
  std::vector<uint32_t> owners(pool.total(), 0);
  if (!tree.check(owners).empty()) return false;
  for (const auto& pages : held)
    for (const int32_t page : pages) ++owners[static_cast<size_t>(page)];
  for (size_t page = 0; page < owners.size(); ++page)
    if (owners[page] != pool.owners(static_cast<int32_t>(page))) return false;
  return true;
}

}  // namespace

TEST(prefixes_match_by_whole_pages_and_edges_split) {
  PagePool pool(20);
  RadixTree tree(pool, kPage);
  const std::vector<int32_t> a = {1, 2, 3, 4, 5, 6, 7, 8, 9}, b = {1, 2, 3, 4, 5, 6, 7, 8, 0, 5},
                             c = {1, 2, 3, 9, 9, 9};
  std::vector<int32_t> pages_a = take(pool, 3), pages_b = take(pool, 3), pages_c = take(pool, 2);
  tree.insert("", a, pages_a, 3);
  tree.insert("", b, pages_b, 3);
  CHECK(pages_b[0] == pages_a[0] && pages_b[1] == pages_a[1] && pages_b[2] != pages_a[2]);
  tree.insert("", c, pages_c, 2);
  CHECK(pages_c[0] == pages_a[0] && pages_c[1] != pages_a[1]);
  CHECK(sound(pool, tree, {pages_a, pages_b, pages_c}));
  CHECK(pool.free() == 20 - 5 && pool.evictable() == 0);
  CHECK(tree.matched_pages("", a, 3) == 3 && tree.matched_pages("", a, 2) == 2);
  CHECK(tree.matched_pages("", std::vector<int32_t>{1, 2, 3, 4, 5, 7}, 2) == 1);
  CHECK(tree.matched_pages("", std::vector<int32_t>{2, 2, 3}, 1) == 0);
  CHECK(tree.evict(100) == 0);
  release(pool, pages_b);
  CHECK(pool.evictable() == 1 && tree.evict(100) == 1);
  CHECK(tree.matched_pages("", b, 3) == 2 && sound(pool, tree, {pages_a, pages_c}));
}

TEST(the_least_recently_used_leaf_goes_first_from_its_end) {
  PagePool pool(9);
  RadixTree tree(pool, kPage);
  const std::vector<int32_t> a = {1, 1, 1, 1, 1, 1}, b = {2, 2, 2, 2, 2, 2}, c = {1, 1, 1, 3, 3, 3};
  for (const auto& tokens : {a, b, c}) {
    std::vector<int32_t> pages = take(pool, 2);
    tree.insert("", tokens, pages, 2);
    release(pool, pages);
  }
  release(pool, tree.acquire("", a, 2));
  CHECK(tree.evict(1) == 1 && tree.matched_pages("", b, 2) == 1);
  CHECK(tree.evict(1) == 1 && tree.matched_pages("", b, 2) == 0);
  CHECK(tree.evict(1) == 1 && tree.matched_pages("", c, 2) == 1 && tree.matched_pages("", a, 2) == 2);
  CHECK(tree.evict(9) == 2 && pool.free() == 9);
}

TEST(the_least_often_found_leaf_goes_first_where_that_is_asked) {
  PagePool pool(6);
  RadixTree tree(pool, kPage, Eviction::LeastFrequent);
  const std::vector<int32_t> a = {1, 1, 1, 1, 1, 1}, b = {2, 2, 2, 2, 2, 2};
  for (const auto& tokens : {a, b}) {
    std::vector<int32_t> pages = take(pool, 2);
    tree.insert("", tokens, pages, 2);
    release(pool, pages);
  }
  for (int i = 0; i < 2; ++i) release(pool, tree.acquire("", a, 2));
  release(pool, tree.acquire("", b, 2));
  CHECK(tree.evict(2) == 2 && tree.matched_pages("", a, 2) == 2 && tree.matched_pages("", b, 2) == 0);
  CHECK(tree.counts().evicted == 2);
}

TEST(what_is_behind_a_match_is_not_used_by_it) {
  PagePool pool(6);
  RadixTree tree(pool, kPage, Eviction::LeastFrequent);
  const std::vector<int32_t> a = {1, 1, 1, 1, 1, 1};
  std::vector<int32_t> pages = take(pool, 2);
  tree.insert("", a, pages, 2);
  release(pool, pages);
  release(pool, tree.acquire("", a, 1));
  const auto listed = tree.list(10);
  CHECK(listed.size() == 2 && listed[0].hits == 1 && listed[1].hits == 0 && listed[1].parent == 0);
  CHECK(listed[0].tokens == std::vector<int32_t>({1, 1, 1}) && listed[0].pages == 1 && listed[0].locked_pages == 0);
  CHECK(tree.list(1).size() == 1);
}

TEST(salts_do_not_share) {
  PagePool pool(6);
  RadixTree tree(pool, kPage);
  const std::vector<int32_t> a = {1, 1, 1, 1, 1, 1};
  for (const std::string salt : {"x", "y"}) {
    std::vector<int32_t> pages = take(pool, 2);
    tree.insert(salt, a, pages, 2);
    release(pool, pages);
  }
  CHECK(tree.matched_pages("x", a, 2) == 2 && tree.matched_pages("y", a, 2) == 2 && tree.matched_pages("", a, 2) == 0);
  CHECK(pool.free() == 2 && tree.evict(2) == 2 && tree.matched_pages("x", a, 2) == 0);
  CHECK(tree.matched_pages("y", a, 2) == 2 && tree.nodes() == 1 && sound(pool, tree, {}));
}
