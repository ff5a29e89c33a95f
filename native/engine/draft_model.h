// A smaller model that guesses tokens (Leviathan et al., arXiv:2211.17192; Chen et al., arXiv:2302.01318). It has its own
// back end, KV pages and prefix cache, and computes what it lacks of a request when it is asked for a guess.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/backend.h"
#include "engine/choices.h"
#include "engine/page_pool.h"
#include "engine/radix_tree.h"
#include "engine/request.h"

namespace espalier {

class DraftModel {
 public:
  /// `chunk`: most tokens of requests that it computes in one pass beside their guesses.
  DraftModel(std::unique_ptr<Backend> backend, size_t pages, size_t page_size, size_t chunk, bool caches);

  /// As Backend::warm_up.
  bool warm_up(size_t rows, size_t tokens) { return backend_->warm_up(rows, tokens); }

  /// Guesses the token behind each request's draft, sampled as the request's own would be, with the same random number.
  /// kNoToken where there was no page, or more to compute than one pass may take.
  void guess(std::span<Request* const> requests, std::span<int32_t> tokens, MaskPool& masks);

  /// Keeps what it computed of the first `count` tokens of request and draft.
  static void keep(Request& request, size_t count);
  /// Gives the request's pages back; prefixes stay cached.
  void forget(Request& request);
  /// Drops cached prefixes that no request uses.
  void flush_cache() { tree_.clear(); }
  /// What contradicts what in the bookkeeping of pages, given all requests, or "".
  std::string check(std::span<Request* const> requests) const;

 private:
  // What one pass computes of a request, by its place among those asked about; `whole`: all that it lacks.
  struct Part {
    size_t request;
    std::vector<int32_t> tokens;
    bool whole;
  };
  std::vector<Part> plan(std::span<Request* const> requests);
  bool secure_pages(Request& request, size_t tokens);
  void remember(Request& request);

  const std::unique_ptr<Backend> backend_;
  const size_t page_size_, chunk_;
  const bool caches_;
  PagePool pool_;
  RadixTree tree_;
};

}  // namespace espalier
