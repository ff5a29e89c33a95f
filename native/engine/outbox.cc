// Collects and hands over events under one lock.
#include "engine/outbox.h"

#include <utility>

namespace espalier {

// An id may be used again after its finish: then a new event begins.
Event& Outbox::Batch::of(uint64_t id) {
  const auto [entry, fresh] = newest.try_emplace(id, events.size());
  if (fresh || events[entry->second].finish) {
    entry->second = events.size();
    events.push_back({id, {}, {}, std::nullopt});
  }
  return events[entry->second];
}

void Outbox::add_token(uint64_t id, int32_t token, int32_t allowed) {
  Event& event = staged_.of(id);
  event.tokens.push_back(token);
  event.allowed.push_back(allowed);
}

void Outbox::add_finish(uint64_t id, Finish finish) { staged_.of(id).finish = std::move(finish); }

void Outbox::publish() {
  if (staged_.events.empty()) return;
  Batch staged = std::exchange(staged_, {});
  {
    const std::lock_guard lock(mutex_);
    for (Event& event : staged.events) {
      Event& target = published_.of(event.id);
      target.tokens.insert(target.tokens.end(), event.tokens.begin(), event.tokens.end());
      target.allowed.insert(target.allowed.end(), event.allowed.begin(), event.allowed.end());
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
