// Longest-prefix match, insertion with splits at page borders, and copies of what is not simply shared.
#include "engine/radix_tree.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace espalier {
namespace {

size_t agreeing(std::span<const int32_t> a, std::span<const int32_t> b) {
  return static_cast<size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

}  // namespace

RadixTree::RadixTree(PagePool& pool, size_t page_size, Eviction eviction, size_t host_pages)
    : pool_(pool), host_(host_pages), page_size_(page_size), eviction_(eviction) {}

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

// The tokens of its first page.
std::span<const int32_t> RadixTree::key_of(const Node& node) const {
  return std::span(node.tokens).first(std::min(node.tokens.size(), page_size_));
}

size_t RadixTree::common_pages(const Node& node, std::span<const int32_t> tokens, size_t from, size_t most) const {
  const size_t limit = std::min(node.pages.size(), most);
  size_t page = 0;
  while (page < limit && std::ranges::equal(page_tokens(node.tokens, page), page_tokens(tokens, from + page))) ++page;
  return page;
}

// Of all keys in order, one beside the place of `tokens` agrees with most of them.
RadixTree::Head RadixTree::head_of(const Node& node, std::span<const int32_t> tokens) const {
  Head head;
  const auto consider = [&](const auto& entry) {
    const size_t count = agreeing(entry.first, tokens);
    if (count > head.tokens) head = {entry.second.get(), count};
  };
  const auto next = node.children.lower_bound(tokens);
  if (next != node.children.end()) consider(*next);
  if (next != node.children.begin()) consider(*std::prev(next));
  return head;
}

RadixTree::Node* RadixTree::root_of(const std::string& salt) {
  const auto root = roots_.find(salt);
  return root == roots_.end() ? nullptr : &root->second;
}

size_t RadixTree::matched_pages(const std::string& salt, std::span<const int32_t> tokens, size_t most) const {
  return matched_tokens(salt, tokens, most * page_size_) / page_size_;
}

size_t RadixTree::matched_tokens(const std::string& salt, std::span<const int32_t> tokens, size_t most) const {
  const auto root = roots_.find(salt);
  if (root == roots_.end()) return 0;
  const Node* node = &root->second;
  size_t pages = 0;
  while (pages < most / page_size_) {
    const auto child = node->children.find(page_tokens(tokens, pages));
    if (child == node->children.end()) break;
    node = child->second.get();
    const size_t common = common_pages(*node, tokens, pages, most / page_size_ - pages);
    pages += common;
    if (common == node->pages.size()) continue;
    const auto rest = tokens.first(most).subspan(pages * page_size_);
    return pages * page_size_ + agreeing(page_tokens(node->tokens, common), rest);
  }
  const auto rest = tokens.first(most).subspan(pages * page_size_);
  return pages * page_size_ + head_of(*node, rest).tokens;
}

std::vector<int32_t> RadixTree::acquire(const std::string& salt, std::span<const int32_t> tokens, size_t most) {
  std::vector<int32_t> pages;
  Node* node = root_of(salt);
  for (size_t matched = 0; node && matched < most;) {
    const auto child = node->children.find(page_tokens(tokens, matched));
    if (child == node->children.end()) break;
    node = child->second.get();
    const size_t common = common_pages(*node, tokens, matched, most - matched);
    // What lies behind the match was not found.
    const bool whole = common == node->pages.size();
    if (!whole) node = &split(*node, common);
    touch(*node, true);
    pages.insert(pages.end(), node->pages.begin(), node->pages.begin() + static_cast<ptrdiff_t>(node->resident));
    matched += common;
    if (!whole) break;
  }
  for (const int32_t page : pages) pool_.retain(page);
  return pages;
}

size_t RadixTree::fill(const std::string& salt, std::span<const int32_t> tokens, size_t most,
                       std::span<const int32_t> pages) {
  Node* node = root_of(salt);
  if (!node) return 0;
  size_t filled = 0;
  while (filled < most / page_size_) {
    const auto child = node->children.find(page_tokens(tokens, filled));
    if (child == node->children.end()) break;
    node = child->second.get();
    for (size_t i = node->resident; i < node->pages.size(); ++i) {
      copies_.push_back({PageWay::ToDevice, node->pages[i], pages[filled + i]});
      bring_back(*node, pages[filled + i]);
      ++counts_.loaded;
    }
    filled += node->pages.size();
  }
  const auto [child, count] = head_of(*node, tokens.first(most).subspan(filled * page_size_));
  if (!child) return filled * page_size_;
  Node& source = child->pages.size() > 1 ? split(*child, 1) : *child;
  touch(source, true);
  copies_.push_back({source.resident ? PageWay::OnDevice : PageWay::ToDevice, source.pages[0], pages[filled]});
  counts_.loaded += source.resident == 0;
  counts_.head_tokens += count;
  return filled * page_size_ + count;
}

void RadixTree::insert(const std::string& salt, std::span<const int32_t> tokens, std::vector<int32_t>& pages,
                       size_t count) {
  if (count > 0) insert_path(salt, tokens, pages, count);
}

void RadixTree::insert_all(const std::string& salt, std::span<const int32_t> tokens, std::vector<int32_t>& pages) {
  if (tokens.empty()) return;
  const size_t count = tokens.size() / page_size_;
  Node& node = insert_path(salt, tokens, pages, count);
  const auto tail = tokens.subspan(count * page_size_);
  if (!tail.empty() && head_of(node, tail).tokens < tail.size())
    add_leaf(node, tail, std::span(pages).subspan(count, 1));
}

// Returns the node that ends with the last of these pages.
RadixTree::Node& RadixTree::insert_path(const std::string& salt, std::span<const int32_t> tokens,
                                        std::vector<int32_t>& pages, size_t count) {
  const auto root = roots_.try_emplace(salt).first;
  root->second.salt = &root->first;
  Node* node = &root->second;
  size_t done = 0;
  while (done < count) {
    const auto child = node->children.find(page_tokens(tokens, done));
    if (child == node->children.end())
      return add_leaf(*node, tokens.subspan(done * page_size_, (count - done) * page_size_),
                      std::span(pages).subspan(done, count - done));
    node = child->second.get();
    const size_t common = common_pages(*node, tokens, done, count - done);
    for (size_t i = 0; i < common; ++i) {
      int32_t& page = pages[done + i];
      if (i == node->resident) bring_back(*node, page);
      if (page == node->pages[i]) continue;
      pool_.release(page);
      page = node->pages[i];
      pool_.retain(page);
    }
    done += common;
    if (common < node->pages.size()) node = &split(*node, common);
    touch(*node, false);
  }
  return *node;
}

// The first of the node's host pages gives way to this page of the device, which holds the same.
void RadixTree::bring_back(Node& node, int32_t page) {
  delist(node);
  int32_t& place = node.pages[node.resident];
  host_.release(place);
  place = page;
  pool_.retain(page);
  pool_.set_cached(page, true);
  set_resident(node, node.resident + 1);
  enlist(node);
}

void RadixTree::touch(Node& node, bool found) {
  delist(node);
  node.used = ++clock_;
  node.hits += found;
  enlist(node);
}

// The first `pages` pages of the node's edge become a node of their own above it, which is returned.
RadixTree::Node& RadixTree::split(Node& node, size_t pages) {
  delist(node);
  Node& parent = *node.parent;
  const auto slot = parent.children.find(key_of(node));
  auto upper = std::make_unique<Node>();
  upper->parent = &parent;
  upper->used = node.used;
  upper->hits = node.hits;
  upper->resident = std::min(node.resident, pages);
  node.resident -= upper->resident;
  upper->resident_children = node.resident > 0;
  ++nodes_;
  const auto border = static_cast<ptrdiff_t>(pages);
  const auto token_border = static_cast<ptrdiff_t>(pages * page_size_);
  upper->tokens.assign(node.tokens.begin(), node.tokens.begin() + token_border);
  upper->pages.assign(node.pages.begin(), node.pages.begin() + border);
  node.tokens.erase(node.tokens.begin(), node.tokens.begin() + token_border);
  node.pages.erase(node.pages.begin(), node.pages.begin() + border);
  node.parent = upper.get();
  const auto key = key_of(node);
  upper->children.emplace(std::vector<int32_t>(key.begin(), key.end()), std::move(slot->second));
  slot->second = std::move(upper);
  enlist(*slot->second);
  enlist(node);
  return *slot->second;
}

// A tail that is the beginning of the new node's first page has nothing more to give.
RadixTree::Node& RadixTree::add_leaf(Node& parent, std::span<const int32_t> tokens, std::span<const int32_t> pages) {
  auto leaf = std::make_unique<Node>();
  Node& node = *leaf;
  node.parent = &parent;
  node.tokens.assign(tokens.begin(), tokens.end());
  node.pages.assign(pages.begin(), pages.end());
  for (const int32_t page : node.pages) {
    pool_.retain(page);
    pool_.set_cached(page, true);
  }
  const auto key = key_of(node);
  const auto slot = parent.children.emplace(std::vector<int32_t>(key.begin(), key.end()), std::move(leaf)).first;
  ++nodes_;
  node.used = ++clock_;
  set_resident(node, pages.size());
  enlist(node);
  if (slot != parent.children.begin()) {
    Node& before = *std::prev(slot)->second;
    if (agreeing(before.tokens, key) == before.tokens.size()) drop_tail(before);
  }
  return node;
}

void RadixTree::drop_tail(Node& tail) {
  delist(tail);
  if (tail.resident > 0) {
    pool_.set_cached(tail.pages[0], false);
    pool_.release(tail.pages[0]);
    set_resident(tail, 0);
  } else {
    host_.release(tail.pages[0]);
  }
  remove_leaf(tail);
}

}  // namespace espalier
