// The radix tree under random use with tails, heads of pages and a host tier. What each place of each page holds is followed
// through all copies: a request must find its own prefix there, as much of it as any cached path has.
#include <algorithm>
#include <map>
#include <random>
#include <string>

#include "check.h"
#include "engine/radix_tree.h"

using espalier::Eviction;
using espalier::PageCopy;
using espalier::PagePool;
using espalier::PageWay;
using espalier::RadixTree;

namespace {

constexpr size_t kPages = 40;

using Tokens = std::vector<int32_t>;
// What a place of a page holds: all tokens up to it, under their salt.
using Place = std::pair<std::string, Tokens>;
using Memory = std::vector<std::vector<Place>>;

struct Holder {
  std::string salt;
  Tokens tokens;
  std::vector<int32_t> pages;
  size_t computed = 0;
};

class Run {
 public:
  Run(uint32_t seed, size_t page, size_t host_pages)
      : random_(seed),
        page_(page),
        tree_(pool_, page, seed % 2 ? Eviction::LeastRecent : Eviction::LeastFrequent, host_pages),
        device_(kPages, std::vector<Place>(page)),
        host_(host_pages, std::vector<Place>(page)) {}

  void go(int steps) {
    for (int step = 0; step < steps && failures == 0; ++step) {
      const size_t choice = holders_.empty() ? 9 : below(10);
      if (choice < 3)
        compute(holders_[below(holders_.size())]);
      else if (choice < 5)
        leave(below(holders_.size()));
      else if (choice == 5)
        grow(holders_[below(holders_.size())]);
      else
        join();
      if (below(60) == 0) tree_.clear();
      check();
    }
    while (!holders_.empty()) leave(0);
    check();
    CHECK(pool_.free() + pool_.evictable() == kPages);
    const size_t cached = pool_.evictable() + tree_.used_host_pages();
    CHECK(tree_.clear() == cached);
    check();
    CHECK(pool_.free() == kPages && tree_.nodes() == 0 && tree_.used_host_pages() == 0);
  }

  const espalier::RadixCounts& counts() const { return tree_.counts(); }

 private:
  size_t below(size_t n) { return static_cast<size_t>(random_() % n); }

  static Place place_of(const Holder& holder, size_t position) {
    return {holder.salt, {holder.tokens.begin(), holder.tokens.begin() + static_cast<ptrdiff_t>(position) + 1}};
  }
  Place& at(const Holder& holder, size_t position) {
    return device_[static_cast<size_t>(holder.pages[position / page_])][position % page_];
  }

  void copy() {
    for (const auto& [way, from, to] : tree_.take_copies()) {
      const Memory& source = way == PageWay::ToDevice ? host_ : device_;
      (way == PageWay::ToHost ? host_ : device_)[static_cast<size_t>(to)] = source[static_cast<size_t>(from)];
    }
  }

  // As the scheduler admits a request.
  void join() {
    Holder holder{std::string(below(2), 's'), Tokens(1 + below(30)), {}, 0};
    for (int32_t& token : holder.tokens) token = static_cast<int32_t>(below(2));
    const size_t most = holder.tokens.size() - 1;
    const size_t cached = cached_tokens(holder, most);
    CHECK(tree_.matched_tokens(holder.salt, holder.tokens, most) == cached);
    holder.pages = tree_.acquire(holder.salt, holder.tokens, most / page_);
    const uint64_t gone = tree_.counts().evicted + tree_.counts().host_evicted;
    if (!tree_.grow(holder.pages, (holder.tokens.size() + page_ - 1) / page_)) {
      for (const int32_t page : holder.pages) pool_.release(page);
      return;
    }
    holder.computed = tree_.fill(holder.salt, holder.tokens, most, holder.pages);
    copy();
    // What made room for it may have been a part of what it would have found.
    const bool same = gone == tree_.counts().evicted + tree_.counts().host_evicted;
    CHECK(same ? holder.computed == cached : holder.computed <= cached);
    for (size_t i = 0; i < holder.computed; ++i) CHECK(at(holder, i) == place_of(holder, i));
    holders_.push_back(std::move(holder));
  }

  void compute(Holder& holder) {
    const size_t count = below(holder.tokens.size() - holder.computed + 1);
    for (size_t i = 0; i < count; ++i, ++holder.computed) at(holder, holder.computed) = place_of(holder, holder.computed);
    tree_.insert(holder.salt, holder.tokens, holder.pages, holder.computed / page_);
  }

  // One more token of output, where there is room.
  void grow(Holder& holder) {
    holder.tokens.push_back(static_cast<int32_t>(below(2)));
    if (!tree_.grow(holder.pages, (holder.tokens.size() + page_ - 1) / page_)) holder.tokens.pop_back();
    copy();
  }

  void leave(size_t index) {
    Holder& holder = holders_[index];
    tree_.insert_all(holder.salt, std::span(holder.tokens).first(holder.computed), holder.pages);
    for (const int32_t page : holder.pages) pool_.release(page);
    holders_.erase(holders_.begin() + static_cast<ptrdiff_t>(index));
  }

  // The most of its tokens that a path of the list begins with.
  size_t cached_tokens(const Holder& holder, size_t most) const {
    size_t found = 0;
    std::vector<Tokens> paths;
    for (const auto& node : tree_.list(SIZE_MAX)) {
      Tokens path = node.parent < 0 ? Tokens() : paths[static_cast<size_t>(node.parent)];
      path.insert(path.end(), node.tokens.begin(), node.tokens.end());
      const auto end = std::mismatch(path.begin(), path.end(), holder.tokens.begin(), holder.tokens.end()).first;
      if (node.salt == holder.salt) found = std::max(found, static_cast<size_t>(end - path.begin()));
      paths.push_back(std::move(path));
    }
    return std::min(found, most);
  }

  void check() {
    std::vector<uint32_t> owners(kPages, 0);
    const std::string wrong = tree_.check(owners);
    if (!wrong.empty()) std::printf("  %s\n", wrong.c_str());
    CHECK(wrong.empty());
    const std::vector<uint32_t> cached = owners;
    size_t listed = 0, on_host = 0;
    for (const auto& node : tree_.list(SIZE_MAX)) {
      listed += node.pages;
      on_host += node.host_pages;
    }
    for (const Holder& holder : holders_) {
      for (const int32_t page : holder.pages) ++owners[static_cast<size_t>(page)];
      for (size_t i = 0; i < holder.computed; ++i) CHECK(at(holder, i) == place_of(holder, i));
    }
    size_t free = 0, evictable = 0, in_tree = 0;
    for (size_t page = 0; page < kPages; ++page) {
      CHECK(owners[page] == pool_.owners(static_cast<int32_t>(page)) && cached[page] <= 1);
      // Only what nobody writes any more is shared.
      CHECK(cached[page] == 1 || owners[page] <= 1);
      free += owners[page] == 0;
      evictable += cached[page] == 1 && owners[page] == 1;
      in_tree += cached[page];
    }
    CHECK(free == pool_.free() && evictable == pool_.evictable());
    CHECK(on_host == tree_.used_host_pages() && listed == in_tree + on_host && on_host <= host_.size());
  }

  std::mt19937 random_;
  const size_t page_;
  PagePool pool_{kPages};
  RadixTree tree_;
  Memory device_, host_;
  std::vector<Holder> holders_;
};

}  // namespace

TEST(pages_hold_what_they_should_through_tails_heads_and_the_host_tier) {
  espalier::RadixCounts all;
  for (uint32_t seed = 1; seed <= 120 && failures == 0; ++seed) {
    const size_t page = 1 + seed % 5, host_pages = std::vector<size_t>{0, 1, 7, 200}[seed / 5 % 4];
    Run run(seed, page, host_pages);
    run.go(250);
    all.head_tokens += run.counts().head_tokens;
    all.loaded += run.counts().loaded;
    all.host_evicted += run.counts().host_evicted;
    if (failures > 0) std::printf("  with seed %u\n", seed);
  }
  CHECK(all.head_tokens > 1000 && all.loaded > 300 && all.host_evicted > 300);
}
