// A place is followed along the edges that read nothing. Whatever does not fit (two ways on behind the lexeme, a counter
// that is asked before it counts) is no counted lexeme, and its states are treated one character at a time.
#include "grammar/counted_copies.h"

#include <algorithm>

namespace espalier::grammar {
namespace {

constexpr int kMaxDepth = 64;
constexpr size_t kMaxPlaces = 4096;

bool is_passage(EdgeKind kind) {
  return kind == EdgeKind::epsilon || kind == EdgeKind::count || kind == EdgeKind::check || kind == EdgeKind::at_least;
}

std::shared_ptr<Lexeme> shared(Lexeme& lexeme) { return std::static_pointer_cast<Lexeme>(lexeme.shared_from_this()); }

}  // namespace

CountedCopies::CountedCopies(const Pda& pda, LexemeCopies& copies) : pda_(pda), copies_(copies) {
  found_of_.assign(pda.state_count(), kUnknown);
  place_of_.resize(pda.state_count());
}

bool CountedCopies::only_returns(int32_t state) const {
  const auto edges = pda_.edges_of(state);
  return edges.size() == 1 && edges[0].kind == EdgeKind::ret;
}

CountedCopies::Place CountedCopies::place(int32_t state) {
  if (found_of_[state] == kUnknown) {
    Group group;
    group.states.push_back(state);
    if (explore(group)) settle(group);
    if (found_of_[state] == kUnknown) found_of_[state] = kNone;
  }
  if (found_of_[state] == kNone) return {nullptr, 0, 0, 0, 0, false};
  const Found& found = found_[found_of_[state]];
  return {found.lexeme.get(), place_of_[state], found.limit, found.minimum, found.then, found.resets};
}

bool CountedCopies::explore(Group& group) {
  bool counts = false;
  for (size_t place = 0; place < group.states.size(); place++) {
    group.places.emplace_back();
    if (!follow(group, place, group.states[place], {}, 0) || group.states.size() > kMaxPlaces) return false;
    counts = counts || !group.places[place].next.empty();
  }
  return counts && group.then >= 0;
}

bool CountedCopies::follow(Group& group, size_t place, int32_t state, Way way, int depth) {
  if (depth > kMaxDepth) return false;
  const auto edges = pda_.edges_of(state);
  const bool passes = std::all_of(edges.begin(), edges.end(), [](const Edge& edge) { return is_passage(edge.kind); });
  if (!passes && !way.counted) {
    const bool mixed = std::any_of(edges.begin(), edges.end(), [](const Edge& edge) { return is_passage(edge.kind); });
    return !mixed && end(group, place, state, false, way.least);
  }
  if (way.counted && copies_.place(state).lexeme != nullptr)
    return read_character(group, place, state, copies_.place(state).then, way);
  for (const Edge& edge : edges) {
    bool fits = false;
    switch (edge.kind) {
      case EdgeKind::epsilon:
        fits = follow(group, place, edge.to, way, depth + 1);
        break;
      case EdgeKind::count:
        fits = !way.counted && way.least == 0 &&
               follow(group, place, edge.to, {true, edge.b == 1, edge.a, 0}, depth + 1);
        break;
      case EdgeKind::at_least:
        fits = follow(group, place, edge.to, {way.counted, way.saturates, way.limit, std::max(way.least, edge.a)},
                      depth + 1);
        break;
      case EdgeKind::check:
        fits = !way.counted && end(group, place, edge.to, true, std::max(way.least, edge.a));
        break;
      case EdgeKind::call:
        fits = way.counted && copies_.place(edge.a).lexeme != nullptr && only_returns(copies_.place(edge.a).then) &&
               read_character(group, place, edge.a, edge.to, way);
        break;
      default:
        break;
    }
    if (!fits) return false;
  }
  return true;
}

bool CountedCopies::end(Group& group, size_t place, int32_t then, bool resets, int32_t min) {
  Raw& raw = group.places[place];
  if (raw.may_end || (group.then >= 0 && (group.then != then || group.resets != resets))) return false;
  group.then = then;
  group.resets = resets;
  raw.may_end = true;
  raw.end_min = min;
  return true;
}

bool CountedCopies::read_character(Group& group, size_t place, int32_t state, int32_t behind, const Way& way) {
  const LexemeCopies::Place entry = copies_.place(state);
  if (entry.state != 0 || !entry.lexeme->is_prefix_free()) return false;
  if (way.saturates && way.least > way.limit) return false;
  auto at = static_cast<size_t>(std::find(group.states.begin(), group.states.end(), behind) - group.states.begin());
  if (at == group.states.size()) group.states.push_back(behind);
  group.places[place].next.push_back({entry.lexeme, static_cast<int32_t>(at), way.limit, way.least, way.saturates});
  return true;
}

/// Tells counts by what is left until the highest limit, and shares the lexeme with others of the same content. A loop of
/// one place is the same for all limits.
void CountedCopies::settle(const Group& group) {
  int32_t limit = 0;
  for (const Raw& raw : group.places)
    for (const Next& next : raw.next) limit = std::max(limit, next.limit);
  if (group.places.size() == 1 && is_loop(group.places[0])) {
    const Raw& raw = group.places[0];
    CountedPlace place{.next = {{shared(*raw.next[0].character), 0, {.least = 1}}}, .may_end = raw.may_end};
    keep(group, {copies_.table().intern({place}), raw.next[0].saturates ? kUnbounded : limit, raw.end_min, group.then,
                 group.resets});
    return;
  }
  CountedContent content;
  for (const Raw& raw : group.places) {
    CountedPlace place;
    place.may_end = raw.may_end;
    const bool saturates = std::any_of(raw.next.begin(), raw.next.end(), [](const Next& next) { return next.saturates; });
    if (saturates && raw.end_min > limit) return;
    if (raw.may_end && raw.end_min > 0) place.end.most = limit - raw.end_min;
    for (const Next& next : raw.next) {
      Bounds bounds;
      if (!next.saturates) bounds.least = limit - next.limit + 1;
      if (next.least > 0) bounds.most = limit - next.least + 1;
      place.next.push_back({shared(*next.character), next.place, bounds});
      // A counter that stops short of another's limit does not tell what is left of that one.
      if (next.saturates && next.limit != limit) return;
    }
    content.push_back(std::move(place));
  }
  keep(group, {copies_.table().intern(std::move(content)), limit, 0, group.then, group.resets});
}

bool CountedCopies::is_loop(const Raw& raw) const { return raw.next.size() == 1 && raw.next[0].least == 0; }

void CountedCopies::keep(const Group& group, Found found) {
  found_.push_back(std::move(found));
  for (size_t place = 0; place < group.states.size(); place++) {
    if (found_of_[group.states[place]] >= 0) continue;
    found_of_[group.states[place]] = static_cast<int32_t>(found_.size() - 1);
    place_of_[group.states[place]] = static_cast<int32_t>(place);
  }
}

}  // namespace espalier::grammar
