// The prefix cache: a radix tree whose edges are runs of whole KV pages, labelled with the tokens that the pages hold
// (RadixAttention, Zheng et al., arXiv:2312.07104). It owns its pages in the pool together with the requests that use
// them.
//
// A request that uses a page of the tree also owns every page above it, because insert() hands it the tree's pages in
// place of its own copies. So owner counts never grow downwards, a page owned by the tree alone has only such pages
// below it, and locking needs no counters in the nodes: a page with a second owner is locked.
//
// Prefixes of one salt are never found under another: each salt has a root of its own, which lives while it has pages.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/page_pool.h"

namespace espalier {

/// Which leaf is evicted first: the one used longest ago, or the one found least often (of those, longest ago).
enum class Eviction : uint8_t { LeastRecent, LeastFrequent };

/// A node of the tree as a list shows it.
struct CachedPrefix {
  /// Index in the list; -1 under a salt's root.
  int64_t parent = -1;
  std::string salt;
  std::vector<int32_t> tokens;
  uint64_t pages = 0;
  /// Of these, owned by requests too: they cannot be evicted.
  uint64_t locked_pages = 0;
  /// How often a request found it, and the tree's clock when it was last used.
  uint64_t hits = 0, used = 0;
};

class RadixTree {
 public:
  RadixTree(PagePool& pool, size_t page_size, Eviction eviction = Eviction::LeastRecent);
  RadixTree(const RadixTree&) = delete;
  RadixTree& operator=(const RadixTree&) = delete;
  ~RadixTree();

  /// How many whole pages of `tokens` are cached under the salt, at most `most`.
  size_t matched_pages(const std::string& salt, std::span<const int32_t> tokens, size_t most) const;

  /// The same pages, with the caller as a further owner of each; their path becomes the most recently used, and was
  /// found once more.
  std::vector<int32_t> acquire(const std::string& salt, std::span<const int32_t> tokens, size_t most);

  /// Caches the first `count` pages of a request, which hold the first count * page_size of `tokens`. Where the tree
  /// has a page for the same prefix already, the request's copy is given up and replaced in `pages`.
  void insert(const std::string& salt, std::span<const int32_t> tokens, std::vector<int32_t>& pages, size_t count);

  /// Frees up to `wanted` pages that no request owns, leaves in the order of Eviction, from their ends. Returns how
  /// many.
  size_t evict(size_t wanted);
  /// Takes pages from the pool until there are `wanted`, evicting for those that are not free. False, and nothing is
  /// taken, where there are too few.
  bool grow(std::vector<int32_t>& pages, size_t wanted);

  /// Nodes, salts' roots left out, and pages that were evicted, ever.
  size_t nodes() const { return nodes_; }
  uint64_t evicted() const { return evicted_; }

  /// At most `most` nodes, parents before children, the nearest to the roots first.
  std::vector<CachedPrefix> list(size_t most) const;

  /// Adds the tree's ownership of each page to `owners`; returns what is wrong with the tree's shape, or "".
  std::string check(std::vector<uint32_t>& owners) const;

 private:
  struct Before {
    using is_transparent = void;
    bool operator()(std::span<const int32_t> a, std::span<const int32_t> b) const;
  };
  struct Node {
    Node* parent = nullptr;
    std::vector<int32_t> tokens;
    std::vector<int32_t> pages;
    // By the tokens of the child's first page.
    std::map<std::vector<int32_t>, std::unique_ptr<Node>, Before> children;
    uint64_t used = 0, hits = 0;
    // Of a root alone: the key that it is filed under.
    const std::string* salt = nullptr;
  };
  using Rank = std::pair<uint64_t, uint64_t>;

  std::span<const int32_t> page_tokens(std::span<const int32_t> tokens, size_t page) const;
  // Equal pages of the node's edge and of tokens from page `from` on, at most `most`.
  size_t common_pages(const Node& node, std::span<const int32_t> tokens, size_t from, size_t most) const;
  bool is_leaf(const Node& node) const { return node.children.empty() && node.parent; }
  Rank rank(const Node& node) const;
  void touch(Node& node, bool found);
  std::string check_node(const Node& node, std::vector<uint32_t>& owners) const;
  Node& split(Node& node, size_t pages);
  Node& add_leaf(Node& parent, std::span<const int32_t> tokens, std::span<const int32_t> pages);
  void remove_leaf(Node& node);

  PagePool& pool_;
  const size_t page_size_;
  const Eviction eviction_;
  std::map<std::string, Node> roots_;
  uint64_t clock_ = 0, evicted_ = 0;
  size_t nodes_ = 0;
  // Leaves in the order of eviction; clock values are unique.
  std::map<Rank, Node*> leaves_;
};

}  // namespace espalier
