// The block: tokens, positions, starts, table starts, decode rows, prefill tiles, logit rows, then all page tables.
#include "cuda/device/batch.h"

#include <algorithm>

namespace espalier::cuda {
namespace {

struct Sizes {
  size_t rows = 0, decode = 0, tiles = 0, logits = 0, pages = 0;
  size_t words() const { return 4 * rows + decode + 2 * tiles + logits + pages; }
};

Sizes sizes_of(std::span<const esp_cuda_segment> segments, size_t page_size, int padded_rows) {
  Sizes sizes;
  for (const esp_cuda_segment& segment : segments) {
    sizes.rows += segment.count;
    sizes.pages += (segment.start + segment.count + page_size - 1) / page_size;
    if (padded_rows > 0) continue;
    if (segment.count == 1)
      ++sizes.decode;
    else
      sizes.tiles += (segment.count + kPrefillTileRows - 1) / kPrefillTileRows;
    sizes.logits += segment.logit_rows;
  }
  if (padded_rows > 0) sizes.rows = static_cast<size_t>(padded_rows);
  return sizes;
}

// Cursors into the block; the device's pointers lie at the same distances from its own start.
struct Parts {
  int32_t *tokens, *positions, *starts, *tables, *decode, *tiles, *logits, *pages;
  Parts(int32_t* block, const Sizes& sizes) {
    tokens = block;
    positions = tokens + sizes.rows;
    starts = positions + sizes.rows;
    tables = starts + sizes.rows;
    decode = tables + sizes.rows;
    tiles = decode + sizes.decode;
    logits = tiles + 2 * sizes.tiles;
    pages = logits + sizes.logits;
  }
};

void fill(const Parts& parts, std::span<const esp_cuda_segment> segments, size_t page_size, int padded_rows) {
  size_t row = 0, decode = 0, tile = 0, logit = 0, page = 0;
  for (const esp_cuda_segment& segment : segments) {
    for (size_t i = 0; i < segment.count; ++i) {
      parts.tokens[row + i] = segment.tokens[i];
      parts.positions[row + i] = static_cast<int32_t>(segment.start + i);
      parts.starts[row + i] = static_cast<int32_t>(segment.start);
      parts.tables[row + i] = static_cast<int32_t>(page);
    }
    const size_t pages = (segment.start + segment.count + page_size - 1) / page_size;
    std::copy_n(segment.pages, pages, parts.pages + page);
    page += pages;
    if (padded_rows == 0) {
      if (segment.count == 1) parts.decode[decode++] = static_cast<int32_t>(row);
      for (size_t first = 0; segment.count > 1 && first < segment.count; first += kPrefillTileRows) {
        parts.tiles[tile++] = static_cast<int32_t>(row + first);
        parts.tiles[tile++] = static_cast<int32_t>(std::min<size_t>(kPrefillTileRows, segment.count - first));
      }
      for (size_t i = segment.count - segment.logit_rows; i < segment.count; ++i)
        parts.logits[logit++] = static_cast<int32_t>(row + i);
    }
    row += segment.count;
  }
  for (; row < static_cast<size_t>(padded_rows); ++row) {
    parts.tokens[row] = 0;
    parts.positions[row] = parts.starts[row] = -1;
    parts.tables[row] = 0;
  }
}

}  // namespace

BatchSender::BatchSender(cudaStream_t stream) : stream_(stream) {
  for (Slot& slot : slots_) ESP_CUDA_CHECK(cudaEventCreateWithFlags(&slot.sent, cudaEventDisableTiming));
}

BatchSender::~BatchSender() {
  for (Slot& slot : slots_) cudaEventDestroy(slot.sent);
}

DeviceBatch BatchSender::send(std::span<const esp_cuda_segment> segments, size_t page_size, int padded_rows,
                              bool& moved) {
  const Sizes sizes = sizes_of(segments, page_size, padded_rows);
  const size_t words = sizes.words();
  Slot& slot = slots_[turn_++ % 2];
  ESP_CUDA_CHECK(cudaEventSynchronize(slot.sent));
  if (slot.block.count() < words) slot.block.allocate(std::max<size_t>(2 * words, 1 << 16));
  if (device_.count() < words) {
    ESP_CUDA_CHECK(cudaStreamSynchronize(stream_));
    device_.allocate(std::max<size_t>(2 * words, 1 << 18));
    moved = true;
  }
  fill(Parts(slot.block.get(), sizes), segments, page_size, padded_rows);
  ESP_CUDA_CHECK(
      cudaMemcpyAsync(device_.get(), slot.block.get(), words * sizeof(int32_t), cudaMemcpyHostToDevice, stream_));
  ESP_CUDA_CHECK(cudaEventRecord(slot.sent, stream_));

  const Parts parts(device_.get(), sizes);
  DeviceBatch batch;
  batch.rows.count = static_cast<int>(sizes.rows);
  batch.rows.tokens = parts.tokens;
  batch.rows.positions = parts.positions;
  batch.rows.starts = parts.starts;
  batch.rows.tables = parts.tables;
  batch.rows.pages = parts.pages;
  if (padded_rows > 0) {
    batch.decode_count = batch.logit_count = padded_rows;
    return batch;
  }
  batch.decode_rows = parts.decode;
  batch.decode_count = static_cast<int>(sizes.decode);
  batch.tiles = reinterpret_cast<const PrefillTile*>(parts.tiles);
  batch.tile_count = static_cast<int>(sizes.tiles);
  batch.logit_rows = parts.logits;
  batch.logit_count = static_cast<int>(sizes.logits);
  return batch;
}

}  // namespace espalier::cuda
