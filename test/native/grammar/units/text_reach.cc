// How far texts are read, in whatever order it is asked and whatever is noted on the way, is what following every character
// of every text gives.
#include "grammar/text_reach.h"

#include <cstdio>
#include <random>
#include <set>
#include <vector>

#include "check.h"

using namespace espalier::grammar;

namespace {

/// Bytes of one class lead to the same state.
struct Automaton {
  std::vector<std::vector<int32_t>> steps;  ///< by state and class
  std::vector<bool> may_end;
  std::vector<Horizon> horizons;
  CharacterSteps found;

  static int class_of(uint8_t byte) {
    if (byte == 0xe2) return 6;
    if (byte == 0xa8 || byte == 0xa9) return 7;
    if (byte >= 0x80) return byte < 0xc0 ? 5 : 4;
    if (byte >= 'a' && byte <= 'z') return byte < 'n' ? 0 : 1;
    return (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ? 2 : 3;
  }
  int32_t next(int32_t state, uint8_t byte) const { return steps[state][class_of(byte)]; }
  uint8_t stretch_end(uint8_t byte) const {
    int end = byte;
    while (end < 255 && class_of(static_cast<uint8_t>(end + 1)) == class_of(byte)) end++;
    return static_cast<uint8_t>(end);
  }
  bool reads_on(int32_t state) const { return !may_end[state]; }
  CharacterSteps& character_steps() { return found; }
  Horizon& horizon(int32_t state, TextKind kind) { return horizons[static_cast<size_t>(state) * kTextKinds + kind]; }
};

constexpr int kClasses = 8, kStates = 12;

Automaton random_automaton(std::mt19937& random) {
  Automaton automaton;
  for (int state = 0; state < kStates; state++) {
    std::vector<int32_t> steps;
    for (int i = 0; i < kClasses; i++) {
      const bool is_read = random() % 12 != 0;
      // Mostly to one of the next states, so that some texts are long.
      steps.push_back(!is_read ? -1 : static_cast<int32_t>(random() % 8 == 0 ? random() % kStates : (state + random() % 2) % kStates));
    }
    automaton.steps.push_back(steps);
    automaton.may_end.push_back(random() % 10 == 0);
  }
  automaton.horizons.resize(kStates * kTextKinds);
  return automaton;
}

/// The states behind a byte of a range; false where some byte of it is not read on.
bool step(const Automaton& automaton, const std::set<int32_t>& from, int low, int high, std::set<int32_t>& to) {
  for (const int32_t state : from)
    for (int byte = low; byte <= high; byte++) {
      const int32_t reached = automaton.next(state, static_cast<uint8_t>(byte));
      if (reached < 0 || !automaton.reads_on(reached)) return false;
      to.insert(reached);
    }
  return true;
}

bool reads_by_definition(const Automaton& automaton, int32_t state, TextKind kind, int characters) {
  std::set<int32_t> here{state};
  for (; characters > 0; characters--) {
    std::set<int32_t> next;
    for (int byte = 0; byte < 0x80; byte++)
      if (ascii_of(kind).has(static_cast<uint8_t>(byte)) && !step(automaton, here, byte, byte, next)) return false;
    for (const LeadBytes& lead : lead_bytes_of(kind)) {
      std::set<int32_t> at, then;
      if (!step(automaton, here, lead.low, lead.high, at)) return false;
      if (!step(automaton, at, lead.second_low, lead.second_high, then)) return false;
      for (int i = 0; i < lead.more; i++) {
        at.clear();
        const int low = i == 0 ? lead.third_low : 0x80, high = i == 0 ? lead.third_high : 0xbf;
        if (!step(automaton, then, low, high, at)) return false;
        then = at;
      }
      next.insert(then.begin(), then.end());
    }
    here = next;
  }
  return true;
}

}  // namespace

TEST(texts_are_read_as_far_as_every_character_can_be) {
  const uint32_t seed = std::random_device{}();
  std::mt19937 random(seed);
  int wrong = 0, read = 0;
  for (int i = 0; i < 400; i++) {
    Automaton automaton = random_automaton(random);
    for (int ask = 0; ask < 60; ask++) {
      const auto state = static_cast<int32_t>(random() % kStates);
      const auto kind = static_cast<TextKind>(random() % kTextKinds);
      const int characters = static_cast<int>(1 + random() % (ask % 2 == 0 ? 4 : 30));
      const bool expected = reads_by_definition(automaton, state, kind, characters);
      wrong += TextReach<Automaton>(automaton).reads(state, kind, characters) != expected;
      read += expected;
    }
  }
  if (wrong > 0) std::printf("  seed %u\n", seed);
  CHECK(wrong == 0);
  CHECK(read > 100);
}
