// The prefix cache: a radix tree whose edges are runs of KV pages, labelled with the tokens that the pages hold
// (RadixAttention, Zheng et al., arXiv:2312.07104). It owns its pages in the pool together with the requests that use
// them.
//
// A request that uses a page of the tree also owns every page above it, because insert() hands it the tree's pages in
// place of its own copies. So owner counts never grow downwards, a page owned by the tree alone has only such pages
// below it, and locking needs no counters in the nodes: a page with a second owner is locked.
//
// All pages are full but tails: the last page of what a request left, a node of its own without children, of which
// others copy what they share. Nobody but the tree owns a tail.
//
// With a host tier, pages that make room on the device move there and stay in the tree, below all that are on the
// device. Requests never own host pages: what they find there is copied to pages of theirs.
//
// Prefixes of one salt are never found under another: each salt has a root of its own, which lives while it has pages.
//
// radix_tree.cc finds and inserts, radix_eviction.cc makes room, radix_check.cc shows and checks the tree.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/page_copy.h"
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
  /// Of these, the last ones, in the host tier.
  uint64_t host_pages = 0;
  /// How often a request found it, and the tree's clock when it was last used.
  uint64_t hits = 0, used = 0;
};

/// What the tree did, ever.
struct RadixCounts {
  /// Pages that left the device, and of these those that went to the host tier.
  uint64_t evicted = 0, stored = 0;
  /// Pages that the host tier gave up, and that requests copied from it.
  uint64_t host_evicted = 0, loaded = 0;
  /// Tokens of pages that requests shared only the beginning of.
  uint64_t head_tokens = 0;
};

class RadixTree {
 public:
  /// `host_pages`: what the host tier holds; 0: there is none.
  RadixTree(PagePool& pool, size_t page_size, Eviction eviction = Eviction::LeastRecent, size_t host_pages = 0);
  RadixTree(const RadixTree&) = delete;
  RadixTree& operator=(const RadixTree&) = delete;
  ~RadixTree();

  /// How many whole pages of `tokens` are cached under the salt, at most `most`.
  size_t matched_pages(const std::string& salt, std::span<const int32_t> tokens, size_t most) const;
  /// The same in tokens, with those of a last page that agrees in its beginning alone.
  size_t matched_tokens(const std::string& salt, std::span<const int32_t> tokens, size_t most) const;

  /// Those of the cached whole pages that are on the device, with the caller as a further owner of each; the path of all
  /// becomes the most recently used, and was found once more.
  std::vector<int32_t> acquire(const std::string& salt, std::span<const int32_t> tokens, size_t most);

  /// Has what else is cached of the first `most` of `tokens` copied to the caller's pages behind those of acquire(), for
  /// which it took enough from the pool. Whole pages become the tree's own, too. Returns the tokens that `pages` hold
  /// once take_copies() is done.
  size_t fill(const std::string& salt, std::span<const int32_t> tokens, size_t most, std::span<const int32_t> pages);

  /// Caches the first `count` pages of a request, which hold the first count * page_size of `tokens`. Where the tree
  /// has a page for the same prefix already, the request's copy is given up and replaced in `pages`; but where that is in
  /// the host tier, the tree takes the request's.
  void insert(const std::string& salt, std::span<const int32_t> tokens, std::vector<int32_t>& pages, size_t count);
  /// Caches all of `tokens`, which the first pages hold. Nobody may write to these any more.
  void insert_all(const std::string& salt, std::span<const int32_t> tokens, std::vector<int32_t>& pages);

  /// Frees up to `wanted` pages of the device that no request owns, leaves in the order of Eviction, from their ends.
  /// Returns how many. What they hold goes to the host tier, which makes room for it in the same way.
  size_t evict(size_t wanted);
  /// Takes pages from the pool until there are `wanted`, evicting for those that are not free. False, and nothing is
  /// taken, where there are too few.
  bool grow(std::vector<int32_t>& pages, size_t wanted);
  /// Drops the host tier's pages and all of the device that no request owns. Returns how many.
  size_t clear();

  /// The copies that all of the above asked for, in their order; to be queued before what is computed next.
  std::vector<PageCopy> take_copies() { return std::exchange(copies_, {}); }

  /// Nodes, salts' roots left out.
  size_t nodes() const { return nodes_; }
  /// The host tier's pages: all, and those in use.
  size_t host_pages() const { return host_.total(); }
  size_t used_host_pages() const { return host_.total() - host_.free(); }
  const RadixCounts& counts() const { return counts_; }

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
    // The first `resident` are pages of the device, the others of the host tier.
    std::vector<int32_t> pages;
    size_t resident = 0;
    // Children that have pages on the device.
    size_t resident_children = 0;
    // By the tokens of the child's first page. No key is the beginning of another.
    std::map<std::vector<int32_t>, std::unique_ptr<Node>, Before> children;
    uint64_t used = 0, hits = 0;
    // Of a root alone: the key that it is filed under.
    const std::string* salt = nullptr;
  };
  using Rank = std::pair<uint64_t, uint64_t>;
  // Nodes whose last page is the last of its tier on every path, in the order of eviction; clock values are unique.
  using Leaves = std::map<Rank, Node*>;
  // The child whose first page agrees with most tokens, at least one.
  struct Head {
    Node* child = nullptr;
    size_t tokens = 0;
  };

  std::span<const int32_t> page_tokens(std::span<const int32_t> tokens, size_t page) const;
  std::span<const int32_t> key_of(const Node& node) const;
  // Equal pages of the node's edge and of tokens from page `from` on, at most `most`.
  size_t common_pages(const Node& node, std::span<const int32_t> tokens, size_t from, size_t most) const;
  Head head_of(const Node& node, std::span<const int32_t> tokens) const;
  Node* root_of(const std::string& salt);
  Node& insert_path(const std::string& salt, std::span<const int32_t> tokens, std::vector<int32_t>& pages, size_t count);
  void bring_back(Node& node, int32_t page);
  void touch(Node& node, bool found);
  Node& split(Node& node, size_t pages);
  Node& add_leaf(Node& parent, std::span<const int32_t> tokens, std::span<const int32_t> pages);
  void drop_tail(Node& tail);

  bool is_leaf(const Node& node) const { return node.parent && node.resident > 0 && node.resident_children == 0; }
  bool is_host_leaf(const Node& node) const { return node.resident < node.pages.size() && node.children.empty(); }
  Rank rank(const Node& node) const;
  void enlist(Node& node);
  void delist(Node& node);
  void set_resident(Node& node, size_t count);
  void remove_leaf(Node& node);
  size_t evict(size_t wanted, bool keep);
  void leave_device(Node& node, bool keep);
  void drop_host_page(Node& node);
  int32_t take_host_page();

  std::string check_node(const Node& node, std::vector<uint32_t>& owners, std::vector<uint32_t>& host_owners) const;
  std::string check_links(const Node& node) const;

  PagePool& pool_;
  PagePool host_;
  const size_t page_size_;
  const Eviction eviction_;
  std::map<std::string, Node> roots_;
  uint64_t clock_ = 0;
  size_t nodes_ = 0;
  Leaves leaves_, host_leaves_;
  RadixCounts counts_;
  std::vector<PageCopy> copies_;
};

}  // namespace espalier
