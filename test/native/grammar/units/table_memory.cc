// Blocks that are in use never overlap, whatever is taken and given back, and what is free is one again.
#include "grammar/table_memory.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "check.h"

using espalier::grammar::TableMemory;

namespace {

struct Block {
  unsigned char* at;
  size_t bytes;
  unsigned char filling;
};

bool is_filled(const Block& block) {
  return block.at[0] == block.filling && std::memcmp(block.at, block.at + 1, block.bytes - 1) == 0;
}

size_t random_size(std::mt19937& random) {
  const size_t most = TableMemory::kLeastBytes << random() % 12;
  const size_t least = std::max(TableMemory::kLeastBytes, most / 2);
  return least + random() % (most - least + 1);
}

/// Takes and gives back; false when a block was written to by who holds another one, or is not aligned.
bool exercise(TableMemory& memory, uint32_t seed, int steps, size_t most_blocks) {
  std::mt19937 random(seed);
  std::vector<Block> held;
  bool is_right = true;
  const auto give_back = [&](size_t which) {
    is_right = is_right && is_filled(held[which]);
    memory.give_back(held[which].at, held[which].bytes);
    held[which] = held.back();
    held.pop_back();
  };
  for (int step = 0; step < steps; step++) {
    if (held.size() < most_blocks && random() % 5 < 3) {
      const size_t bytes = random_size(random);
      const Block block{static_cast<unsigned char*>(memory.take(bytes)), bytes, static_cast<unsigned char>(random())};
      is_right = is_right && reinterpret_cast<uintptr_t>(block.at) % alignof(std::max_align_t) == 0;
      std::memset(block.at, block.filling, block.bytes);
      held.push_back(block);
    } else if (!held.empty()) {
      give_back(random() % held.size());
    }
  }
  while (!held.empty()) give_back(held.size() - 1);
  return is_right;
}

}  // namespace

TEST(blocks_in_use_do_not_overlap) {
  for (uint32_t seed = 1; seed <= 20; seed++) {
    TableMemory memory;
    const bool is_right = exercise(memory, seed, 5000, 200);
    if (!is_right) std::printf("  seed %u\n", seed);
    CHECK(is_right);
    CHECK(memory.bytes() == memory.idle_bytes());
    CHECK(memory.bytes() <= TableMemory::kMaxIdleBytes);
  }
}

TEST(threads_share_memory) {
  TableMemory memory;
  std::vector<char> is_right(4);
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < is_right.size(); i++)
    threads.emplace_back([&, i] { is_right[i] = exercise(memory, 100 + i, 5000, 50); });
  for (std::thread& thread : threads) thread.join();
  CHECK(std::ranges::count(is_right, 1) == 4);
  CHECK(memory.bytes() == memory.idle_bytes());
}

TEST(what_is_given_back_is_one_block_again) {
  TableMemory memory;
  memory.reserve(TableMemory::kRegionBytes);
  const size_t before = memory.bytes();
  std::vector<void*> small;
  while (memory.bytes() == before) small.push_back(memory.take(TableMemory::kLeastBytes));
  CHECK(small.size() > TableMemory::kRegionBytes / TableMemory::kLeastBytes * 9 / 10);
  for (void* block : small) memory.give_back(block, TableMemory::kLeastBytes);
  const size_t after = memory.bytes();
  void* const large = memory.take(TableMemory::kMostBytes);
  CHECK(memory.bytes() == after);
  memory.give_back(large, TableMemory::kMostBytes);
}

TEST(what_is_not_asked_of_a_block_serves_others) {
  TableMemory memory;
  // Of 32 KiB each, 12 are left: 8 and 4.
  constexpr size_t kBlock = 32u << 10, kBytes = 18992, kRest = 8u << 10;
  constexpr size_t kCount = TableMemory::kRegionBytes / kBlock - 1;
  for (size_t i = 0; i < kCount; i++) memory.take(kBytes);
  for (size_t i = 0; i < kCount; i++) memory.take(kRest);
  CHECK(memory.bytes() == TableMemory::kRegionBytes);
}

TEST(memory_is_kept_ready_as_reserved) {
  TableMemory memory;
  constexpr size_t kReserved = 48u << 20;
  memory.reserve(kReserved);
  CHECK(memory.idle_bytes() == kReserved);
  memory.reserve(kReserved / 2);
  CHECK(memory.idle_bytes() == kReserved);
  std::vector<void*> blocks;
  for (size_t taken = 0; taken < 2 * kReserved; taken += TableMemory::kMostBytes)
    blocks.push_back(memory.take(TableMemory::kMostBytes));
  CHECK(memory.idle_bytes() == 0);
  CHECK(memory.bytes() > 2 * kReserved);
  for (void* block : blocks) memory.give_back(block, TableMemory::kMostBytes);
  CHECK(memory.bytes() == std::max(kReserved / 2, TableMemory::kMaxIdleBytes));
}
