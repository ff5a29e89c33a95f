// Longest-prefix match, insertion with splits at page borders, and eviction.
#include "engine/radix_tree.h"

#include <algorithm>
#include <utility>

namespace espalier {

RadixTree::RadixTree(PagePool& pool, size_t page_size, Eviction eviction)
    : pool_(pool), page_size_(page_size), eviction_(eviction) {}

// Without recursion: a path can be as long as the cache has pages.
RadixTree::~RadixTree() {
  std::vector<std::unique_ptr<Node>> doomed;
  const auto orphan = [&](Node& node) {
    for (auto& [tokens, child] : node.children) doomed.push_back(std::move(child));
    node.children.clear();
  };
  for (auto& [salt, root] : roots_) orphan(root);
  while (!doomed.empty()) {
    const std::unique_ptr<Node> node = std::move(doomed.back());
    doomed.pop_back();
    orphan(*node);
  }
}

bool RadixTree::Before::operator()(std::span<const int32_t> a, std::span<const int32_t> b) const {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
}

std::span<const int32_t> RadixTree::page_tokens(std::span<const int32_t> tokens, size_t page) const {
  return tokens.subspan(page * page_size_, page_size_);
}

size_t RadixTree::common_pages(const Node& node, std::span<const int32_t> tokens, size_t from, size_t most) const {
  const size_t limit = std::min(node.pages.size(), most);
  size_t page = 0;
  while (page < limit && std::ranges::equal(page_tokens(node.tokens, page), page_tokens(tokens, from + page))) ++page;
  return page;
}

size_t RadixTree::matched_pages(const std::string& salt, std::span<const int32_t> tokens, size_t most) const {
  const auto root = roots_.find(salt);
  if (root == roots_.end()) return 0;
  const Node* node = &root->second;
  size_t matched = 0;
  while (matched < most) {
    const auto child = node->children.find(page_tokens(tokens, matched));
    if (child == node->children.end()) break;
    node = child->second.get();
    const size_t common = common_pages(*node, tokens, matched, most - matched);
    matched += common;
    if (common < node->pages.size()) break;
  }
  return matched;
}

std::vector<int32_t> RadixTree::acquire(const std::string& salt, std::span<const int32_t> tokens, size_t most) {
  std::vector<int32_t> pages;
  const auto root = roots_.find(salt);
  if (root == roots_.end()) return pages;
  Node* node = &root->second;
  while (pages.size() < most) {
    const auto child = node->children.find(page_tokens(tokens, pages.size()));
    if (child == node->children.end()) break;
    node = child->second.get();
    const size_t common = common_pages(*node, tokens, pages.size(), most - pages.size());
    // What lies behind the match was not found.
    const bool whole = common == node->pages.size();
    if (!whole) node = &split(*node, common);
    touch(*node, true);
    pages.insert(pages.end(), node->pages.begin(), node->pages.end());
    if (!whole) break;
  }
  for (const int32_t page : pages) pool_.retain(page);
  return pages;
}

void RadixTree::insert(const std::string& salt, std::span<const int32_t> tokens, std::vector<int32_t>& pages,
                       size_t count) {
  if (count == 0) return;
  const auto root = roots_.try_emplace(salt).first;
  root->second.salt = &root->first;
  Node* node = &root->second;
  size_t done = 0;
  while (done < count) {
    const auto child = node->children.find(page_tokens(tokens, done));
    if (child == node->children.end()) {
      add_leaf(*node, tokens.subspan(done * page_size_, (count - done) * page_size_),
               std::span(pages).subspan(done, count - done));
      return;
    }
    node = child->second.get();
    const size_t common = common_pages(*node, tokens, done, count - done);
    for (size_t i = 0; i < common; ++i) {
      int32_t& page = pages[done + i];
      if (page == node->pages[i]) continue;
      pool_.release(page);
      page = node->pages[i];
      pool_.retain(page);
    }
    done += common;
    if (common < node->pages.size()) node = &split(*node, common);
    touch(*node, false);
  }
}

size_t RadixTree::evict(size_t wanted) {
  size_t freed = 0;
  auto leaf = leaves_.begin();
  while (freed < wanted && leaf != leaves_.end()) {
    Node& node = *leaf->second;
    while (freed < wanted && !node.pages.empty() && pool_.owners(node.pages.back()) == 1) {
      pool_.set_cached(node.pages.back(), false);
      pool_.release(node.pages.back());
      node.pages.pop_back();
      ++freed;
      ++evicted_;
    }
    if (node.pages.empty()) {
      // The parent may have become a leaf, and an older one.
      remove_leaf(node);
      leaf = leaves_.begin();
    } else {
      node.tokens.resize(node.pages.size() * page_size_);
      ++leaf;
    }
  }
  return freed;
}

bool RadixTree::grow(std::vector<int32_t>& pages, size_t wanted) {
  const size_t missing = wanted - std::min(wanted, pages.size());
  if (missing > pool_.free() + pool_.evictable()) return false;
  if (missing > pool_.free()) evict(missing - pool_.free());
  while (pages.size() < wanted) pages.push_back(pool_.take());
  return true;
}

RadixTree::Rank RadixTree::rank(const Node& node) const {
  return {eviction_ == Eviction::LeastFrequent ? node.hits : 0, node.used};
}

void RadixTree::touch(Node& node, bool found) {
  if (is_leaf(node)) leaves_.erase(rank(node));
  node.used = ++clock_;
  node.hits += found;
  if (is_leaf(node)) leaves_.emplace(rank(node), &node);
}

// The first `pages` pages of the node's edge become a node of their own above it, which is returned.
RadixTree::Node& RadixTree::split(Node& node, size_t pages) {
  Node& parent = *node.parent;
  const auto slot = parent.children.find(page_tokens(node.tokens, 0));
  auto upper = std::make_unique<Node>();
  upper->parent = &parent;
  upper->used = node.used;
  upper->hits = node.hits;
  ++nodes_;
  const auto border = static_cast<ptrdiff_t>(pages);
  const auto token_border = static_cast<ptrdiff_t>(pages * page_size_);
  upper->tokens.assign(node.tokens.begin(), node.tokens.begin() + token_border);
  upper->pages.assign(node.pages.begin(), node.pages.begin() + border);
  node.tokens.erase(node.tokens.begin(), node.tokens.begin() + token_border);
  node.pages.erase(node.pages.begin(), node.pages.begin() + border);
  node.parent = upper.get();
  const auto key = page_tokens(node.tokens, 0);
  upper->children.emplace(std::vector<int32_t>(key.begin(), key.end()), std::move(slot->second));
  slot->second = std::move(upper);
  return *slot->second;
}

RadixTree::Node& RadixTree::add_leaf(Node& parent, std::span<const int32_t> tokens, std::span<const int32_t> pages) {
  if (is_leaf(parent)) leaves_.erase(rank(parent));
  ++nodes_;
  auto leaf = std::make_unique<Node>();
  Node& node = *leaf;
  node.parent = &parent;
  node.tokens.assign(tokens.begin(), tokens.end());
  node.pages.assign(pages.begin(), pages.end());
  for (const int32_t page : node.pages) {
    pool_.retain(page);
    pool_.set_cached(page, true);
  }
  const auto key = page_tokens(tokens, 0);
  parent.children.emplace(std::vector<int32_t>(key.begin(), key.end()), std::move(leaf));
  node.used = ++clock_;
  leaves_.emplace(rank(node), &node);
  return node;
}

void RadixTree::remove_leaf(Node& node) {
  Node& parent = *node.parent;
  leaves_.erase(rank(node));
  parent.children.erase(parent.children.find(page_tokens(node.tokens, 0)));
  --nodes_;
  if (is_leaf(parent)) leaves_.emplace(rank(parent), &parent);
  if (!parent.parent && parent.children.empty()) roots_.erase(*parent.salt);
}

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
    const auto locked = std::ranges::count_if(node->pages, [&](int32_t page) { return pool_.owners(page) > 1; });
    listed.push_back({parent, *salt, node->tokens, node->pages.size(), static_cast<uint64_t>(locked), node->hits,
                      node->used});
    for (const auto& [key, child] : node->children) open.push_back({child.get(), static_cast<int64_t>(i), salt});
  }
  return listed;
}

std::string RadixTree::check(std::vector<uint32_t>& owners) const {
  size_t leaves = 0, nodes = 0;
  std::vector<const Node*> open;
  for (const auto& [salt, root] : roots_) {
    if (root.children.empty() || root.parent || root.salt != &salt) return "a salt's root is wrong";
    open.push_back(&root);
  }
  while (!open.empty()) {
    const Node* node = open.back();
    open.pop_back();
    if (std::string wrong = check_node(*node, owners); !wrong.empty()) return wrong;
    leaves += is_leaf(*node);
    nodes += node->parent != nullptr;
    for (const auto& [key, child] : node->children) open.push_back(child.get());
  }
  if (nodes != nodes_) return "the count of radix nodes is wrong";
  return leaves == leaves_.size() ? "" : "the list of radix leaves has strangers";
}

std::string RadixTree::check_node(const Node& node, std::vector<uint32_t>& owners) const {
  if (node.tokens.size() != node.pages.size() * page_size_) return "a radix node's tokens do not fill its pages";
  if (node.parent && node.pages.empty()) return "a radix node is empty";
  for (const int32_t page : node.pages) ++owners[static_cast<size_t>(page)];
  uint32_t above = node.pages.empty() ? UINT32_MAX : pool_.owners(node.pages.front());
  for (const int32_t page : node.pages) {
    if (pool_.owners(page) > above) return "a radix page has more owners than the page above it";
    above = pool_.owners(page);
  }
  if (is_leaf(node)) {
    const auto entry = leaves_.find(rank(node));
    if (entry == leaves_.end() || entry->second != &node) return "a radix leaf is not listed for eviction";
  }
  for (const auto& [key, child] : node.children) {
    if (child->parent != &node) return "a radix node's parent is wrong";
    if (child->pages.empty() || !std::ranges::equal(key, page_tokens(child->tokens, 0)))
      return "a radix node is filed under other tokens than its own";
    if (pool_.owners(child->pages.front()) > above) return "a radix page has more owners than the page above it";
  }
  return "";
}

}  // namespace espalier
