// The prefix cache: a radix tree whose edges are runs of whole KV pages, labelled with the tokens that the pages hold
// (RadixAttention, Zheng et al., arXiv:2312.07104). It owns its pages in the pool together with the requests that use
// them.
//
// A request that uses a page of the tree also owns every page above it, because insert() hands it the tree's pages in
// place of its own copies. So owner counts never grow downwards, a page owned by the tree alone has only such pages
// below it, and locking needs no counters in the nodes: a page with a second owner is locked.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/page_pool.h"

namespace espalier {

class RadixTree {
 public:
  RadixTree(PagePool& pool, size_t page_size);
  RadixTree(const RadixTree&) = delete;
  RadixTree& operator=(const RadixTree&) = delete;
  ~RadixTree();

  /// How many whole pages of `tokens` are cached, at most `most`.
  size_t matched_pages(std::span<const int32_t> tokens, size_t most) const;

  /// The same pages, with the caller as a further owner of each; their path becomes the most recently used.
  std::vector<int32_t> acquire(std::span<const int32_t> tokens, size_t most);

  /// Caches the first `count` pages of a request, which hold the first count * page_size of `tokens`. Where the tree
  /// has a page for the same prefix already, the request's copy is given up and replaced in `pages`.
  void insert(std::span<const int32_t> tokens, std::vector<int32_t>& pages, size_t count);

  /// Frees up to `wanted` pages that no request owns, least recently used leaves first, from their ends. Returns how
  /// many.
  size_t evict(size_t wanted);

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
    uint64_t used = 0;
  };

  std::span<const int32_t> page_tokens(std::span<const int32_t> tokens, size_t page) const;
  // Equal pages of the node's edge and of tokens from page `from` on, at most `most`.
  size_t common_pages(const Node& node, std::span<const int32_t> tokens, size_t from, size_t most) const;
  bool is_leaf(const Node& node) const { return node.children.empty() && node.parent; }
  void touch(Node& node);
  Node& split(Node& node, size_t pages);
  Node& add_leaf(Node& parent, std::span<const int32_t> tokens, std::span<const int32_t> pages);
  void remove_leaf(Node& node);

  PagePool& pool_;
  const size_t page_size_;
  Node root_;
  uint64_t clock_ = 0;
  // Leaves by when they were last used; clock values are unique.
  std::map<uint64_t, Node*> leaves_;
};

}  // namespace espalier
