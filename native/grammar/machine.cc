// Closure and steps of configuration sets. Read src/automata/machine.ts beside this: the functions bear the same names.
#include "grammar/machine.h"

#include <algorithm>
#include <bit>
#include <bitset>
#include <string>
#include <tuple>
#include <utility>

#include "grammar/json_values.h"

namespace espalier::grammar {
namespace {

constexpr size_t kReadyScratch = 32;

/// Half of the states come to be in a set, as a rule; tables that grow while a mask is waited for are copied then.
size_t room_for(const Pda& pda) { return std::clamp<size_t>(static_cast<size_t>(pda.state_count()), 64, 4096); }

}  // namespace

Machine::Machine(const Pda& pda, uint32_t max_configurations, bool memo)
    : pda_(pda),
      max_configurations_(max_configurations),
      memo_(memo),
      settled_(2 * room_for(pda)),
      set_table_(std::bit_ceil(room_for(pda))) {
  held_of_.resize(pda.state_count());
  sets_.reserve(room_for(pda));
  configurations_.reserve(2 * room_for(pda));
  readable_.reserve(room_for(pda));
  more_steps_.reserve(room_for(pda) / 2);
  for (Vector<Configuration>* const scratch : {&work_, &reached_, &reading_}) scratch->reserve(kReadyScratch);
  held_.reserve(kReadyScratch);
  const Configuration first{pda.start, stacks_.push(kAcceptState, kNoStack), kNoTrack};
  start_ = settle({&first, 1});
  if (start_ == kRefused) start_ = intern({}, false);
}

SetId Machine::find_step(SetId from, uint8_t byte) {
  reached_.clear();
  for (uint32_t i = 0; i < sets_[from].size; i++)
    read(Configuration(configurations_[sets_[from].first + i]), byte, reached_);
  const SetId result = settle(reached_);
  if (!memo_) return result;
  Set& set = sets_[from];
  remember_step(set, set.tracked ? byte : pda_.byte_class[byte], result);
  return result;
}

void Machine::remember_step(Set& set, uint32_t column, SetId result) {
  if (set.first_column == kNoColumn) {
    set.first_column = static_cast<uint16_t>(column);
    set.first_step = result;
    return;
  }
  if (set.steps == nullptr) {
    int listed = 0;
    for (uint32_t at = set.more_steps; at != kUnknown; at = more_steps_[at].next) listed++;
    if (listed < kMaxListedSteps) {
      more_steps_.push_back({column, result, set.more_steps});
      set.more_steps = static_cast<uint32_t>(more_steps_.size() - 1);
      return;
    }
    set.steps = new_steps(set.tracked ? 256 : pda_.class_count);
    for (uint32_t at = set.more_steps; at != kUnknown; at = more_steps_[at].next)
      set.steps[more_steps_[at].column] = more_steps_[at].result;
  }
  set.steps[column] = result;
}

/// Room for the steps of one set, in blocks that never move.
SetId* Machine::new_steps(size_t count) {
  if (block_size_ - block_used_ < count) {
    block_size_ = std::max<size_t>(count, std::min<size_t>(1u << 16, std::max<size_t>(1024, step_bytes_ / 4)));
    step_blocks_.push_back(std::make_unique_for_overwrite<SetId[]>(block_size_));
    step_bytes_ += block_size_ * sizeof(SetId);
    block_used_ = 0;
  }
  SetId* steps = step_blocks_.back().get() + block_used_;
  block_used_ += count;
  std::fill(steps, steps + count, kUnknown);
  return steps;
}

SetId Machine::step_token(SetId from, const std::function<bool(int32_t)>& matches) {
  Vector<Configuration> reached;
  for (const Configuration& configuration : configurations_of(from))
    for (const Edge& edge : pda_.edges_of(configuration.state))
      if (edge.kind == EdgeKind::token && matches(edge.a))
        reached.push_back({edge.to, configuration.stack, configuration.track});
  return settle(reached);
}

void Machine::for_each_token_set(SetId from, const std::function<void(int32_t)>& visit) const {
  if (pda_.token_set_count == 0) return;
  for (const Configuration& configuration : configurations_of(from))
    for (const Edge& edge : pda_.edges_of(configuration.state))
      if (edge.kind == EdgeKind::token) visit(edge.a);
}

SetId Machine::unite(SetId a, SetId b) {
  const auto first = configurations_of(a), second = configurations_of(b);
  Vector<Configuration> both(first.begin(), first.end());
  both.insert(both.end(), second.begin(), second.end());
  const bool accepting = sets_[a].accepting || sets_[b].accepting;
  Vector<Configuration> reading;
  close(both, reading);
  return intern(reading, accepting);
}

std::bitset<256> Machine::bytes_read(SetId set) const {
  std::bitset<256> bytes;
  for (const Configuration& configuration : configurations_of(set))
    for (const Edge& edge : pda_.edges_of(configuration.state))
      if (edge.kind == EdgeKind::bytes)
        for (int32_t byte = edge.a; byte <= edge.b; byte++) bytes.set(static_cast<size_t>(byte));
  return bytes;
}

int Machine::forced_byte(SetId set) {
  if (sets_[set].accepting) return -1;
  int forced = -1;
  for (const Configuration& configuration : configurations_of(set))
    for (const Edge& edge : pda_.edges_of(configuration.state)) {
      if (edge.kind == EdgeKind::token) return -1;
      if (!reads_byte(edge.kind)) continue;
      if (edge.a != edge.b || (forced != -1 && forced != edge.a)) return -1;
      forced = edge.a;
    }
  return forced;
}

void Machine::read(const Configuration& configuration, uint8_t byte, Vector<Configuration>& reached) {
  for (const Edge& edge : pda_.edges_of(configuration.state)) {
    if (byte < edge.a || byte > edge.b || !reads_byte(edge.kind)) continue;
    const bool tracks = configuration.track != kNoTrack && edge.kind == EdgeKind::bytes;
    const TrackId track = tracks ? tracks_.advance(configuration.track, byte) : configuration.track;
    reached.push_back({edge.to, configuration.stack, track});
  }
}

SetId Machine::settle(std::span<const Configuration> from) {
  if (from.empty()) return kRefused;
  return from.size() == 1 && from[0].track == kNoTrack ? settle_one(from[0].state, from[0].stack) : settle_all(from);
}

SetId Machine::settle_one(int32_t state, StackId stack) {
  // What most steps come to, inside literals and lexemes, is closed already.
  if (stack != kNoStack && pda_.only_reads(state)) return intern_one(state, stack);
  const Configuration one{state, stack, kNoTrack};
  if (!memo_) return settle_all({&one, 1});
  if (const auto known = settled_.find(state, stack)) return *known;
  const SetId result = settle_all({&one, 1});
  return settled_.find_or_add(state, stack, [&] { return result; });
}

SetId Machine::settle_all(std::span<const Configuration> from) {
  const bool accepting = close(from, reading_);
  const bool tracked = std::any_of(reading_.begin(), reading_.end(),
                                   [](const Configuration& configuration) { return configuration.track != kNoTrack; });
  if (tracked) {
    Vector<Configuration> reading = reading_;
    std::erase_if(reading, [&](const Configuration& configuration) {
      return !can_pass(configuration.track) || !can_end_anew(configuration);
    });
    return reading.empty() && !accepting ? kRefused : intern(reading, accepting);
  }
  return reading_.empty() && !accepting ? kRefused : intern(reading_, accepting);
}

bool Machine::close(std::span<const Configuration> from, Vector<Configuration>& reading) {
  epoch_++;
  held_.clear();
  work_.clear();
  reading.clear();
  bool accepting = false;
  budget_ = static_cast<uint64_t>(max_configurations_) * 16;
  for (const Configuration& configuration : from)
    add(configuration.state, configuration.stack, configuration.track);
  while (!work_.empty()) {
    const Configuration configuration = work_.back();
    work_.pop_back();
    follow(configuration);
  }
  for (const Held& held : held_) {
    const int32_t state = held.configuration.state;
    if (state == kAcceptState) accepting = true;
    if (pda_.reads(state)) reading.push_back(held.configuration);
  }
  if (reading.size() > 1)
    std::sort(reading.begin(), reading.end(), [](const Configuration& a, const Configuration& b) {
      return std::tie(a.state, a.track) < std::tie(b.state, b.track);
    });
  return accepting;
}

void Machine::follow(const Configuration& configuration) {
  const auto [state, stack, track] = configuration;
  for (const Edge& edge : pda_.edges_of(state)) {
    switch (edge.kind) {
      case EdgeKind::bytes:
      case EdgeKind::quiet:
      case EdgeKind::token:
        break;
      case EdgeKind::epsilon:
        add(edge.to, stack, track);
        break;
      case EdgeKind::call:
        add(edge.a, stacks_.push(edge.to, stack), track);
        break;
      case EdgeKind::ret:
        for (size_t i = 0; i < stacks_.frame_count(stack); i++) {
          const StackTable::Frame top = stacks_.frame(stack, i);
          add(top.return_to, top.parents, track);
        }
        break;
      case EdgeKind::begin:
        begin(configuration, edge);
        break;
      case EdgeKind::distinct: {
        if (track == kNoTrack || tracks_[track].goal != kNewValue) break;
        if (tracks_.is_assumed_new(track)) {
          add(edge.to, stack, tracks_[track].outer);
          break;
        }
        const std::string text = tracks_.text(tracks_[track]);
        add(edge.to, stacks_.learn(stack, json_value_key(text), text), tracks_[track].outer);
        break;
      }
      case EdgeKind::capture:
        add(edge.to, stack, tracks_.capture(track, edge.a));
        break;
      case EdgeKind::known: {
        const TrackTable::Track recalled = tracks_[track];
        if (recalled.goal == kKnownValue && tracks_.is_spelled_like_one(recalled)) add(edge.to, stack, recalled.outer);
        break;
      }
      case EdgeKind::verify: {
        const TrackTable::Track captured = tracks_[track];
        if (captured.goal == edge.a && pda_.checks[edge.a].passes(tracks_.text(captured)))
          add(edge.to, stack, captured.outer);
        break;
      }
      default:
        add(edge.to, operate(edge, stack), track);
    }
  }
}

void Machine::begin(const Configuration& configuration, const Edge& edge) {
  const int32_t goal = edge.a == 1 ? kKnownValue : kNewValue;
  for (size_t i = 0; i < stacks_.frame_count(configuration.stack); i++) {
    const ValueSetId known = stacks_.known(stacks_.frame(configuration.stack, i));
    add(edge.to, stacks_.only(configuration.stack, i), tracks_.begin(configuration.track, goal, known));
  }
}

/// The stacks whose top frame passes an operation on its registers, with what it changes.
StackId Machine::operate(const Edge& edge, StackId stack) {
  const auto a = static_cast<uint32_t>(edge.a), b = static_cast<uint32_t>(edge.b);
  switch (edge.kind) {
    case EdgeKind::count:
      return stacks_.recount(
          stack, [&](int32_t count) { return count < edge.a ? count + 1 : edge.b == 1 ? edge.a : -1; });
    case EdgeKind::check:
      return stacks_.recount(stack, [&](int32_t count) { return count >= edge.a ? 0 : -1; });
    case EdgeKind::at_least:
      return stacks_.filter(stack, [&](const StackTable::Frame& top) { return top.count >= edge.a; });
    case EdgeKind::mark:
      return stacks_.mark(stack, a);
    case EdgeKind::room:
      return stacks_.filter(stack, [&](const StackTable::Frame& top) { return !stacks_.all_marked(top, a, b); });
    default:
      return stacks_.filter(stack, [&](const StackTable::Frame& top) { return stacks_.all_marked(top, a, b); });
  }
}

uint32_t Machine::find_held(int32_t state, TrackId track) const {
  if (held_.size() <= kFewHeld) {
    for (uint32_t at = 0; at < held_.size(); at++)
      if (held_[at].configuration.state == state && held_[at].configuration.track == track) return at;
    return kUnknown;
  }
  const HeldOf& of = held_of_[state];
  uint32_t at = of.epoch == epoch_ ? of.first : kUnknown;
  while (at != kUnknown && held_[at].configuration.track != track) at = held_[at].next;
  return at;
}

void Machine::index_held(uint32_t at) {
  HeldOf& of = held_of_[held_[at].configuration.state];
  if (of.epoch != epoch_) of = {epoch_, kUnknown};
  held_[at].next = std::exchange(of.first, at);
}

void Machine::add(int32_t state, StackId stack, TrackId track) {
  if (stack == kNoStack && state != kAcceptState) return;
  const uint32_t at = find_held(state, track);
  if (at == kUnknown) {
    held_.push_back({{state, stack, track}, kUnknown});
    if (held_.size() == kFewHeld + 1) {
      for (uint32_t i = 0; i <= kFewHeld; i++) index_held(i);
    } else if (held_.size() > kFewHeld) {
      index_held(static_cast<uint32_t>(held_.size() - 1));
    }
  } else {
    const StackId after = stacks_.merge(held_[at].configuration.stack, stack);
    if (after == held_[at].configuration.stack) return;
    held_[at].configuration.stack = after;
  }
  if (!pda_.only_reads(state)) work_.push_back({state, stack, track});
  if (held_.size() > max_configurations_ || budget_-- == 0)
    throw LimitError(
        "the grammar is too ambiguous here (limit maxConfigurations = " + std::to_string(max_configurations_) + ")");
}

SetId Machine::intern_one(int32_t state, StackId stack) {
  const Configuration one{state, stack, kNoTrack};
  return settled_.find_or_add(state, stack, [&] { return new_set({&one, 1}, false, false); });
}

SetId Machine::intern(std::span<const Configuration> configurations, bool accepting) {
  if (configurations.size() == 1 && !accepting) {
    const auto& [state, stack, track] = configurations[0];
    if (track == kNoTrack && pda_.only_reads(state)) return intern_one(state, stack);
  }
  uint64_t hash = accepting ? 5 : 4;
  bool tracked = false;
  for (const Configuration& c : configurations) {
    hash = mix(hash, uint64_t{static_cast<uint32_t>(c.state)} << 32 | c.stack);
    if (c.track == kNoTrack) continue;
    hash = mix(hash, c.track);
    tracked = true;
  }
  const auto equals = [&](uint32_t i) {
    const Set& known = sets_[i];
    return known.accepting == accepting && known.size == configurations.size() &&
           std::equal(configurations.begin(), configurations.end(), configurations_.begin() + known.first);
  };
  return set_table_.find_or_create(hash, equals, [&] { return new_set(configurations, accepting, tracked); });
}

SetId Machine::new_set(std::span<const Configuration> configurations, bool accepting, bool tracked) {
  sets_.push_back({.first = static_cast<uint32_t>(configurations_.size()),
                   .size = static_cast<uint32_t>(configurations.size()),
                   .accepting = accepting,
                   .tracked = tracked});
  configurations_.insert(configurations_.end(), configurations.begin(), configurations.end());
  return static_cast<SetId>(sets_.size() - 1);
}

void Machine::find_readable(Set& set) {
  ByteSet bytes;
  bool leads_on = !set.tracked;
  for (uint32_t i = 0; i < set.size; i++) {
    const int32_t state = configurations_[set.first + i].state;
    leads_on &= pda_.leads_on(state);
    for (const Edge& edge : pda_.edges_of(state))
      if (reads_byte(edge.kind)) bytes.add(static_cast<uint8_t>(edge.a), static_cast<uint8_t>(edge.b));
  }
  set.leads_on = leads_on;
  set.readable = static_cast<uint32_t>(readable_.size());
  readable_.push_back(bytes);
}

size_t Machine::bytes() const {
  return stacks_.bytes() + tracks_.bytes() + sets_.capacity() * sizeof(Set) +
         readable_.capacity() * sizeof(ByteSet) + configurations_.capacity() * sizeof(Configuration) + step_bytes_ +
         more_steps_.capacity() * sizeof(Step) + settled_.bytes() + set_table_.bytes();
}

}  // namespace espalier::grammar
