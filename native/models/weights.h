// Where a decoder's weights come from: files, or random numbers. Names are Hugging Face's of the Llama family, and
// those that src/engine/families/ gives to what Llama has not.
#pragma once
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "files/mapped_file.h"
#include "models/config.h"

namespace espalier {

/// A row-major matrix [rows, cols] of `dtype`, in a mapped file or in the model's own memory, or a part of one. Without
/// `data` it is a shape alone, and so are its parts.
struct Matrix {
  const std::byte* data = nullptr;
  DType dtype = DType::F32;
  size_t rows = 0;
  size_t cols = 0;
  /// Bytes from one row to the next; 0: rows lie side by side.
  size_t step = 0;

  size_t row_step() const { return step ? step : bytes_of(dtype, cols); }
  const std::byte* row(size_t index) const { return data + index * row_step(); }
  Matrix rows_from(size_t first, size_t count) const {
    return {data ? row(first) : nullptr, dtype, count, cols, step};
  }
  /// `first` and `count` are whole blocks of the element type.
  Matrix cols_from(size_t first, size_t count) const {
    return {data ? data + bytes_of(dtype, first) : nullptr, dtype, rows, count, row_step()};
  }
};

/// The model's own memory for elements that cannot be used where they lie.
using WeightMemory = std::vector<std::unique_ptr<std::byte[]>>;

class Weights {
 public:
  virtual ~Weights() = default;
  virtual Matrix matrix(const std::string& name, size_t rows, size_t cols) = 0;
  /// Widened to float.
  virtual std::vector<float> vector(const std::string& name, size_t size) = 0;
};

/// Tensors of mapped files: every name, shape and byte range is checked before a weight is read.
class FileWeights final : public Weights {
 public:
  /// Maps the files. All three must outlive this object.
  /// @throws ModelError `model_file`, `model_tensor`, here and in the methods.
  FileWeights(const ModelSpec& spec, std::vector<std::unique_ptr<MappedFile>>& files, WeightMemory& memory);

  Matrix matrix(const std::string& name, size_t rows, size_t cols) override;
  std::vector<float> vector(const std::string& name, size_t size) override;

  /// Refuses a tensor that nobody asked for: it would change what the model computes.
  void check_all_used() const;

 private:
  const TensorSpec& find(const std::string& name, const std::vector<size_t>& expected);
  const std::byte* bytes(const TensorSpec& tensor, size_t rows, size_t cols);
  const std::byte* in_order(const TensorSpec& tensor, const std::byte* source, size_t rows, size_t row_bytes);

  const ModelSpec& spec_;
  const std::vector<std::unique_ptr<MappedFile>>& files_;
  WeightMemory& memory_;
  std::unordered_map<std::string, const TensorSpec*> by_name_;
  std::unordered_set<std::string> used_;
};

}  // namespace espalier
