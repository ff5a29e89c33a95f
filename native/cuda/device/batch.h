// A ragged batch on its way to the device: one block of integers per step, copied with one transfer.
#pragma once
#include <span>
#include <vector>

#include "cuda/device/kernels.h"
#include "cuda/device/memory.h"
#include "espalier_cuda.h"

namespace espalier::cuda {

/// What of a batch lies where on the device.
struct DeviceBatch {
  Rows rows;
  /// Rows for decode attention: those of single-token segments; null: all rows.
  const int32_t* decode_rows = nullptr;
  int decode_count = 0;
  const PrefillTile* tiles = nullptr;
  int tile_count = 0;
  /// Rows whose logits are wanted; null: all rows.
  const int32_t* logit_rows = nullptr;
  int logit_count = 0;
};

/// Builds batches in pinned memory and sends them. Two blocks take turns, so that the host prepares a step while the
/// device may still read the last one.
class BatchSender {
 public:
  explicit BatchSender(cudaStream_t stream);
  ~BatchSender();
  BatchSender(const BatchSender&) = delete;
  BatchSender& operator=(const BatchSender&) = delete;

  /// Rows in segment order. With `padded_rows` > 0 every row is one of decode attention, has logits, and the rows are
  /// padded to that number, on which alone the layout on the device depends.
  /// Sets `moved` when the device block was reallocated: pointers of earlier batches are void.
  DeviceBatch send(std::span<const esp_cuda_segment> segments, size_t page_size, int padded_rows, bool& moved);

 private:
  struct Slot {
    Pinned<int32_t> block;
    cudaEvent_t sent = nullptr;
  };
  const cudaStream_t stream_;
  Slot slots_[2];
  size_t turn_ = 0;
  Buffer<int32_t> device_;
};

}  // namespace espalier::cuda
