// Room in the prefix cache: which pages leave the device, for the host tier where there is one, and which leave that.
#include <algorithm>

#include "engine/radix_tree.h"

namespace espalier {

size_t RadixTree::evict(size_t wanted) { return evict(wanted, true); }

bool RadixTree::grow(std::vector<int32_t>& pages, size_t wanted) {
  const size_t missing = wanted - std::min(wanted, pages.size());
  if (missing > pool_.free() + pool_.evictable()) return false;
  if (missing > pool_.free()) evict(missing - pool_.free());
  while (pages.size() < wanted) pages.push_back(pool_.take());
  return true;
}

size_t RadixTree::clear() {
  const size_t before = used_host_pages();
  while (!host_leaves_.empty()) drop_host_page(*host_leaves_.begin()->second);
  return before + evict(SIZE_MAX, false);
}

size_t RadixTree::evict(size_t wanted, bool keep) {
  size_t freed = 0;
  auto leaf = leaves_.begin();
  while (freed < wanted && leaf != leaves_.end()) {
    Node& node = *leaf->second;
    size_t kept = node.resident;
    while (kept > 0 && node.resident - kept < wanted - freed && pool_.owners(node.pages[kept - 1]) == 1) --kept;
    const size_t gone = node.resident - kept;
    if (gone == 0) {
      ++leaf;
      continue;
    }
    // The last of these takes the node with it, where no page is left.
    for (size_t i = 0; i < gone; ++i) leave_device(node, keep);
    freed += gone;
    // The parent may have become a leaf, and an older one.
    leaf = leaves_.begin();
  }
  return freed;
}

// The last page of the node that is on the device.
void RadixTree::leave_device(Node& node, bool keep) {
  const int32_t page = node.pages[node.resident - 1];
  const bool stores = keep && host_.total() > 0;
  const int32_t host_page = stores ? take_host_page() : 0;
  delist(node);
  pool_.set_cached(page, false);
  pool_.release(page);
  ++counts_.evicted;
  if (stores) {
    copies_.push_back({PageWay::ToHost, page, host_page});
    node.pages[node.resident - 1] = host_page;
    ++counts_.stored;
  } else {
    node.pages.pop_back();
  }
  set_resident(node, node.resident - 1);
  if (node.pages.empty()) return remove_leaf(node);
  if (!stores) node.tokens.resize(node.pages.size() * page_size_);
  enlist(node);
}

// All pages that the host tier has in use are below some host leaf's last one, or are it.
int32_t RadixTree::take_host_page() {
  if (host_.free() == 0) {
    drop_host_page(*host_leaves_.begin()->second);
    ++counts_.host_evicted;
  }
  return host_.take();
}

void RadixTree::drop_host_page(Node& node) {
  delist(node);
  host_.release(node.pages.back());
  node.pages.pop_back();
  if (node.pages.empty()) return remove_leaf(node);
  node.tokens.resize(node.pages.size() * page_size_);
  enlist(node);
}

RadixTree::Rank RadixTree::rank(const Node& node) const {
  return {eviction_ == Eviction::LeastFrequent ? node.hits : 0, node.used};
}

// A node is taken off the lists before its rank, its pages or its children change, and put on them again afterwards.
void RadixTree::enlist(Node& node) {
  if (is_leaf(node)) leaves_.emplace(rank(node), &node);
  if (is_host_leaf(node)) host_leaves_.emplace(rank(node), &node);
}

void RadixTree::delist(Node& node) {
  if (is_leaf(node)) leaves_.erase(rank(node));
  if (is_host_leaf(node)) host_leaves_.erase(rank(node));
}

// Of a node that is not listed.
void RadixTree::set_resident(Node& node, size_t count) {
  const bool had = node.resident > 0, has = count > 0;
  node.resident = count;
  if (had == has) return;
  Node& parent = *node.parent;
  delist(parent);
  has ? ++parent.resident_children : --parent.resident_children;
  enlist(parent);
}

// One that has no pages and is not listed.
void RadixTree::remove_leaf(Node& node) {
  Node& parent = *node.parent;
  delist(parent);
  parent.children.erase(parent.children.find(key_of(node)));
  --nodes_;
  enlist(parent);
  if (!parent.parent && parent.children.empty()) roots_.erase(*parent.salt);
}

}  // namespace espalier
