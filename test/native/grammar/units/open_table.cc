// Tables that grow step by step: what was put in is found, what was taken out is not, at every moment of a growth.
#include "grammar/open_table.h"

#include <cstdint>
#include <map>
#include <random>

#include "check.h"
#include "grammar/intern.h"
#include "grammar/settled_table.h"

using namespace espalier::grammar;

namespace {

/// Few bits, so that many keys share a place.
uint64_t clustered(uint32_t key) { return key % 2 == 0 ? key / 512 : mix(1, key); }

}  // namespace

TEST(an_intern_table_is_a_map_whatever_is_taken_out_while_it_grows) {
  for (const uint32_t seed : {1u, 2u, 3u}) {
    std::mt19937 random(seed);
    std::map<uint32_t, uint32_t> expected;  // from keys to indices
    Vector<uint32_t> keys;                  // by index
    InternTable table;
    const auto find = [&](uint32_t key, bool& is_new) {
      return table.find_or_create(
          clustered(key), [&](uint32_t index) { return keys[index] == key; },
          [&] {
            is_new = true;
            keys.push_back(key);
            return static_cast<uint32_t>(keys.size() - 1);
          });
    };
    bool holds = true;
    for (int step = 0; step < 60000; step++) {
      const uint32_t key = random() % 20000;
      const auto known = expected.find(key);
      if (known != expected.end() && random() % 4 == 0) {
        table.erase(clustered(key), known->second);
        expected.erase(known);
        continue;
      }
      bool is_new = false;
      const uint32_t index = find(key, is_new);
      holds = holds && is_new == (known == expected.end()) && (is_new || index == known->second);
      expected[key] = index;
    }
    CHECK(holds);
    for (const auto& [key, index] : expected) {
      bool is_new = false;
      holds = holds && find(key, is_new) == index && !is_new;
    }
    CHECK(holds);
  }
}

TEST(no_addition_to_a_large_table_moves_all_of_it) {
  InternTable table;
  size_t grown = 0;
  for (uint32_t key = 0; key < 300000; key++) {
    const size_t before = table.bytes();
    table.find_or_create(mix(1, key), [&](uint32_t index) { return index == key; }, [&] { return key; });
    // Both arrays are held as long as one is moved: 1.5 times what the larger one takes.
    if (table.bytes() == 3 * before) grown++;
  }
  CHECK(grown >= 8);
}

TEST(a_settled_table_finds_what_it_was_given) {
  SettledTable table(64);
  bool holds = true;
  for (uint32_t i = 0; i < 50000; i++) {
    const auto state = static_cast<int32_t>(i % 300);
    const StackId stack = i / 300;
    holds = holds && !table.find(state, stack) && table.find_or_add(state, stack, [&] { return i; }) == i;
    const uint32_t earlier = i / 2;
    const auto known = table.find(static_cast<int32_t>(earlier % 300), earlier / 300);
    holds = holds && known && *known == earlier;
  }
  CHECK(holds);
}
