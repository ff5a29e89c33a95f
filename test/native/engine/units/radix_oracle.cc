// The radix tree under random use against a plain dictionary that has every cached prefix of whole pages by itself: which
// pages are found, which are given up for the tree's, and which are evicted, in which order.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <string>

#include "check.h"
#include "engine/radix_tree.h"

using espalier::Eviction;
using espalier::PagePool;
using espalier::RadixTree;

namespace {

constexpr size_t kPage = 3, kPages = 60;

using Tokens = std::vector<int32_t>;

// A request as far as its pages go: the first `cached` of them were inserted.
struct Holder {
  std::string salt;
  Tokens tokens;
  std::vector<int32_t> pages;
  size_t cached = 0;
};

class Dictionary {
 public:
  struct Entry {
    int32_t page = 0;
    uint64_t used = 0, hits = 0;
  };

  Entry* find(const std::string& salt, const Tokens& tokens, size_t pages) {
    const auto entry = entries_.find({salt, {tokens.begin(), tokens.begin() + static_cast<ptrdiff_t>(pages * kPage)}});
    return entry == entries_.end() ? nullptr : &entry->second;
  }

  std::vector<int32_t> acquire(const std::string& salt, const Tokens& tokens, size_t most) {
    std::vector<int32_t> pages;
    ++clock_;
    for (size_t count = 1; count <= most; ++count) {
      Entry* entry = find(salt, tokens, count);
      if (!entry) break;
      pages.push_back(entry->page);
      entry->used = clock_;
      ++entry->hits;
    }
    return pages;
  }

  void insert(const std::string& salt, const Tokens& tokens, std::vector<int32_t>& pages, size_t most) {
    ++clock_;
    for (size_t count = 1; count <= most; ++count) {
      const Tokens prefix(tokens.begin(), tokens.begin() + static_cast<ptrdiff_t>(count * kPage));
      Entry& entry = entries_.try_emplace({salt, prefix}, Entry{pages[count - 1]}).first->second;
      entry.used = clock_;
      pages[count - 1] = entry.page;
    }
  }

  // Takes out the prefix that goes first among those that nothing extends and nobody holds.
  bool evict(Eviction eviction, const std::map<int32_t, size_t>& holders) {
    const auto rank = [&](const Entry& entry) {
      return std::pair(eviction == Eviction::LeastFrequent ? entry.hits : 0, entry.used);
    };
    auto first = entries_.end();
    for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
      if (holders.contains(entry->second.page) || is_extended(entry->first)) continue;
      if (first == entries_.end() || rank(entry->second) < rank(first->second)) first = entry;
    }
    if (first == entries_.end()) return false;
    entries_.erase(first);
    return true;
  }

  size_t size() const { return entries_.size(); }
  const std::map<std::pair<std::string, Tokens>, Entry>& entries() const { return entries_; }

 private:
  bool is_extended(const std::pair<std::string, Tokens>& key) const {
    const auto next = std::next(entries_.find(key));
    return next != entries_.end() && next->first.first == key.first && next->first.second.size() > key.second.size() &&
           std::equal(key.second.begin(), key.second.end(), next->first.second.begin());
  }

  std::map<std::pair<std::string, Tokens>, Entry> entries_;
  uint64_t clock_ = 0;
};

class Run {
 public:
  Run(uint32_t seed, Eviction eviction) : random_(seed), eviction_(eviction), tree_(pool_, kPage, eviction) {}

  void go(int steps) {
    for (int step = 0; step < steps; ++step) {
      switch (below(4)) {
        case 0:
          evict(below(4));
          break;
        case 1:
          if (!holders_.empty()) cache(holders_[below(holders_.size())]);
          break;
        case 2:
          if (!holders_.empty()) leave(below(holders_.size()));
          break;
        default:
          join();
      }
      check();
    }
    while (!holders_.empty()) leave(0);
    check();
    CHECK(pool_.free() + pool_.evictable() == kPages);
    evict(kPages);
    check();
    CHECK(pool_.free() == kPages && tree_.nodes() == 0);
  }

 private:
  size_t below(size_t n) { return static_cast<size_t>(random_() % n); }

  void join() {
    Holder holder{std::string(below(2), 's'), Tokens(1 + below(24)), {}, 0};
    for (int32_t& token : holder.tokens) token = static_cast<int32_t>(below(2));
    const size_t whole = holder.tokens.size() / kPage;
    const size_t expected = tree_.matched_pages(holder.salt, holder.tokens, whole);
    holder.pages = tree_.acquire(holder.salt, holder.tokens, whole);
    CHECK(holder.pages == known_.acquire(holder.salt, holder.tokens, whole) && holder.pages.size() == expected);
    holder.cached = holder.pages.size();
    const size_t wanted = (holder.tokens.size() + kPage - 1) / kPage;
    while (holder.pages.size() < wanted && pool_.free() > 0) holder.pages.push_back(pool_.take());
    holders_.push_back(std::move(holder));
  }

  // Some more of the holder's whole pages are computed.
  void cache(Holder& holder) {
    const size_t whole = std::min(holder.tokens.size() / kPage, holder.pages.size());
    const size_t count = holder.cached + below(whole - holder.cached + 1);
    std::vector<int32_t> expected = holder.pages;
    if (count > 0) known_.insert(holder.salt, holder.tokens, expected, count);
    tree_.insert(holder.salt, holder.tokens, holder.pages, count);
    CHECK(holder.pages == expected);
    holder.cached = count;
  }

  void leave(size_t index) {
    for (const int32_t page : holders_[index].pages) pool_.release(page);
    holders_.erase(holders_.begin() + static_cast<ptrdiff_t>(index));
  }

  void evict(size_t wanted) {
    const std::map<int32_t, size_t> held = holders_by_page();
    size_t expected = 0;
    while (expected < wanted && known_.evict(eviction_, held)) ++expected;
    CHECK(tree_.evict(wanted) == expected);
  }

  std::map<int32_t, size_t> holders_by_page() const {
    std::map<int32_t, size_t> held;
    for (const Holder& holder : holders_)
      for (const int32_t page : holder.pages) ++held[page];
    return held;
  }

  void check() {
    std::vector<uint32_t> owners(kPages, 0);
    CHECK(tree_.check(owners).empty());
    size_t cached = 0;
    for (const uint32_t count : owners) cached += count;
    CHECK(cached == known_.size());
    for (const auto& [key, entry] : known_.entries()) {
      CHECK(tree_.matched_pages(key.first, key.second, key.second.size() / kPage) == key.second.size() / kPage);
      CHECK(owners[static_cast<size_t>(entry.page)] == 1);
    }
    size_t free = 0, evictable = 0;
    const std::map<int32_t, size_t> held = holders_by_page();
    for (size_t page = 0; page < kPages; ++page) {
      const auto holders = held.find(static_cast<int32_t>(page));
      const size_t count = holders == held.end() ? 0 : holders->second;
      CHECK(owners[page] + count == pool_.owners(static_cast<int32_t>(page)));
      // Only what nobody writes any more is shared.
      CHECK(owners[page] == 1 || count <= 1);
      free += owners[page] + count == 0;
      evictable += owners[page] == 1 && count == 0;
    }
    CHECK(free == pool_.free() && evictable == pool_.evictable());
  }

  std::mt19937 random_;
  const Eviction eviction_;
  PagePool pool_{kPages};
  RadixTree tree_;
  Dictionary known_;
  std::vector<Holder> holders_;
};

}  // namespace

TEST(random_use_agrees_with_a_dictionary_of_prefixes) {
  for (uint32_t seed = 1; seed <= 40 && failures == 0; ++seed) {
    Run(seed, seed % 2 ? Eviction::LeastRecent : Eviction::LeastFrequent).go(300);
    if (failures > 0) std::printf("  with seed %u\n", seed);
  }
}
