// Collects and hands over events under one lock.
#include "engine/outbox.h"

#include <span>
#include <utility>

namespace espalier {
namespace {

template <class Number, class More>
void append(std::vector<Number>& list, const More& more) {
  list.insert(list.end(), more.begin(), more.end());
}

}  // namespace

void LogprobList::add(const Logprobs& logprobs, size_t count) {
  chosen.push_back(logprobs.chosen);
  espalier::append(alternatives, std::span(logprobs.tokens).first(count));
  espalier::append(alternative_logprobs, std::span(logprobs.values).first(count));
}

void LogprobList::append(const LogprobList& more) {
  espalier::append(chosen, more.chosen);
  espalier::append(alternatives, more.alternatives);
  espalier::append(alternative_logprobs, more.alternative_logprobs);
}

// An id may be used again after its finish: then a new event begins.
Event& Outbox::Batch::of(uint64_t id) {
  const auto [entry, fresh] = newest.try_emplace(id, events.size());
  if (fresh || events[entry->second].finish) {
    entry->second = events.size();
    events.push_back({.id = id});
  }
  return events[entry->second];
}

void Outbox::add_token(uint64_t id, int32_t token, int32_t allowed) { staged_tokens_.push_back({id, token, allowed}); }

void Outbox::fold_tokens() {
  for (const StagedToken& one : staged_tokens_) {
    Event& event = staged_.of(one.id);
    event.tokens.push_back(one.token);
    event.allowed.push_back(one.allowed);
  }
  staged_tokens_.clear();
}

Event& Outbox::staged(uint64_t id) {
  fold_tokens();
  return staged_.of(id);
}

void Outbox::add_logprobs(uint64_t id, const Logprobs& logprobs, size_t alternatives) {
  staged(id).logprobs.add(logprobs, alternatives);
}

void Outbox::add_prompt_logprobs(uint64_t id, const Logprobs& logprobs, size_t alternatives) {
  staged(id).prompt_logprobs.add(logprobs, alternatives);
}

void Outbox::add_embedding(uint64_t id, std::vector<float> embedding) { staged(id).embedding = std::move(embedding); }

void Outbox::add_finish(uint64_t id, Finish finish) { staged(id).finish = std::move(finish); }

void Outbox::publish() {
  fold_tokens();
  if (staged_.events.empty()) return;
  Batch staged = std::exchange(staged_, {});
  {
    const std::lock_guard lock(mutex_);
    for (Event& event : staged.events) {
      Event& target = published_.of(event.id);
      append(target.tokens, event.tokens);
      append(target.allowed, event.allowed);
      target.logprobs.append(event.logprobs);
      target.prompt_logprobs.append(event.prompt_logprobs);
      target.embedding = std::move(event.embedding);
      target.finish = std::move(event.finish);
    }
    if (std::exchange(announced_, true)) return;
  }
  ready_();
}

std::vector<Event> Outbox::take() {
  const std::lock_guard lock(mutex_);
  announced_ = false;
  return std::exchange(published_, {}).events;
}

}  // namespace espalier
