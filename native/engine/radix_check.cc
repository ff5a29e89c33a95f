// The prefix cache as a list, and what must hold in it.
#include <algorithm>

#include "engine/radix_tree.h"

namespace espalier {

std::vector<CachedPrefix> RadixTree::list(size_t most) const {
  struct Open {
    const Node* node;
    int64_t parent;
    const std::string* salt;
  };
  std::vector<Open> open;
  std::vector<CachedPrefix> listed;
  for (const auto& [salt, root] : roots_)
    for (const auto& [key, child] : root.children) open.push_back({child.get(), -1, &salt});
  for (size_t i = 0; i < open.size() && i < most; ++i) {
    const auto [node, parent, salt] = open[i];
    const auto resident = std::span(node->pages).first(node->resident);
    const auto locked = std::ranges::count_if(resident, [&](int32_t page) { return pool_.owners(page) > 1; });
    listed.push_back({parent, *salt, node->tokens, node->pages.size(), static_cast<uint64_t>(locked),
                      node->pages.size() - node->resident, node->hits, node->used});
    for (const auto& [key, child] : node->children) open.push_back({child.get(), static_cast<int64_t>(i), salt});
  }
  return listed;
}

std::string RadixTree::check(std::vector<uint32_t>& owners) const {
  size_t leaves = 0, host_leaves = 0, nodes = 0;
  std::vector<uint32_t> host_owners(host_.total(), 0);
  std::vector<const Node*> open;
  for (const auto& [salt, root] : roots_) {
    if (root.children.empty() || root.parent || root.salt != &salt) return "a salt's root is wrong";
    open.push_back(&root);
  }
  while (!open.empty()) {
    const Node* node = open.back();
    open.pop_back();
    if (std::string wrong = check_node(*node, owners, host_owners); !wrong.empty()) return wrong;
    if (std::string wrong = check_links(*node); !wrong.empty()) return wrong;
    leaves += is_leaf(*node);
    host_leaves += is_host_leaf(*node);
    nodes += node->parent != nullptr;
    for (const auto& [key, child] : node->children) open.push_back(child.get());
  }
  for (size_t page = 0; page < host_owners.size(); ++page)
    if (host_owners[page] != host_.owners(static_cast<int32_t>(page))) return "a host page is lost or twice in the tree";
  if (nodes != nodes_) return "the count of radix nodes is wrong";
  if (leaves != leaves_.size() || host_leaves != host_leaves_.size()) return "a list of radix leaves has strangers";
  return "";
}

// Its pages and tokens.
std::string RadixTree::check_node(const Node& node, std::vector<uint32_t>& owners,
                                  std::vector<uint32_t>& host_owners) const {
  if (!node.parent) return "";
  if (node.pages.empty()) return "a radix node is empty";
  const bool tail = node.tokens.size() < page_size_;
  if (tail && (node.tokens.empty() || node.pages.size() != 1 || !node.children.empty())) return "a tail is not one";
  if (!tail && node.tokens.size() != node.pages.size() * page_size_) return "a radix node's tokens do not fill its pages";
  if (node.resident > node.pages.size()) return "a radix node has more pages on the device than it has";
  for (size_t i = 0; i < node.pages.size(); ++i) {
    const auto page = static_cast<size_t>(node.pages[i]);
    ++(i < node.resident ? owners : host_owners)[page];
  }
  uint32_t above = UINT32_MAX;
  for (size_t i = 0; i < node.resident; ++i) {
    const uint32_t count = pool_.owners(node.pages[i]);
    if (count > above) return "a radix page has more owners than the page above it";
    if (tail && count > 1) return "a tail has other owners than the tree";
    above = count;
  }
  const auto listed = [&](const Leaves& leaves) {
    const auto entry = leaves.find(rank(node));
    return entry != leaves.end() && entry->second == &node;
  };
  if (listed(leaves_) != is_leaf(node) || listed(host_leaves_) != is_host_leaf(node))
    return "a radix leaf is not listed for eviction, or a node that is none";
  return "";
}

// What lies between it and its children.
std::string RadixTree::check_links(const Node& node) const {
  size_t resident = 0;
  const std::vector<int32_t>* before = nullptr;
  for (const auto& [key, child] : node.children) {
    if (child->parent != &node) return "a radix node's parent is wrong";
    if (!std::ranges::equal(key, key_of(*child))) return "a radix node is filed under other tokens than its own";
    if (before && std::ranges::mismatch(*before, key).in1 == before->end()) return "a tail is part of another page";
    before = &key;
    if (child->resident == 0) continue;
    ++resident;
    if (!node.parent) continue;
    if (node.resident < node.pages.size()) return "a page of the device lies below one of the host tier";
    if (pool_.owners(child->pages.front()) > pool_.owners(node.pages.back()))
      return "a radix page has more owners than the page above it";
  }
  return resident == node.resident_children ? "" : "the count of a radix node's children is wrong";
}

}  // namespace espalier
