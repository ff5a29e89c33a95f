#include "models/weights.h"

#include <cstring>

#include "models/dequantize.h"

namespace espalier {
namespace {

std::string shape_text(const std::vector<size_t>& shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

}  // namespace

FileWeights::FileWeights(const ModelSpec& spec, std::vector<std::unique_ptr<MappedFile>>& files, WeightMemory& memory)
    : spec_(spec), files_(files), memory_(memory) {
  try {
    for (const std::string& path : spec.files) files.push_back(std::make_unique<MappedFile>(path));
  } catch (const FileError& error) {
    throw ModelError("model_file", error.what());
  }
  for (const TensorSpec& tensor : spec.tensors)
    if (!by_name_.emplace(tensor.name, &tensor).second)
      throw ModelError("model_tensor", "tensor " + tensor.name + " is given twice");
}

Matrix FileWeights::matrix(const std::string& name, size_t rows, size_t cols) {
  const TensorSpec& tensor = find(name, {rows, cols});
  return {bytes(tensor, rows, cols), tensor.dtype, rows, cols};
}

std::vector<float> FileWeights::vector(const std::string& name, size_t size) {
  const TensorSpec& tensor = find(name, {size});
  // A vector is a column: where heads' rows are out of order, these are its elements.
  const bool column = !is_quantized(tensor.dtype);
  const std::byte* source = column ? bytes(tensor, size, 1) : bytes(tensor, 1, size);
  std::vector<float> values(size);
  to_floats(source, tensor.dtype, size, values.data());
  return values;
}

void FileWeights::check_all_used() const {
  for (const TensorSpec& tensor : spec_.tensors)
    if (!used_.contains(tensor.name))
      throw ModelError("model_tensor",
                       "tensor " + tensor.name + " is there, but this decoder has no place for it");
}

const TensorSpec& FileWeights::find(const std::string& name, const std::vector<size_t>& expected) {
  const auto found = by_name_.find(name);
  if (found == by_name_.end())
    throw ModelError("model_tensor", "tensor " + name + " is missing (expected shape " + shape_text(expected) + ")");
  if (found->second->shape != expected)
    throw ModelError("model_tensor", "tensor " + name + " has shape " + shape_text(found->second->shape) +
                                         ", expected " + shape_text(expected));
  used_.insert(name);
  return *found->second;
}

const std::byte* FileWeights::bytes(const TensorSpec& tensor, size_t rows, size_t cols) {
  if (tensor.file >= files_.size())
    throw ModelError("model_tensor", "tensor " + tensor.name + " is in file " + std::to_string(tensor.file) +
                                         ", but there are " + std::to_string(files_.size()) + " files");
  const BlockLayout layout = block_layout(tensor.dtype);
  if (cols % layout.elements != 0)
    throw ModelError("model_tensor", "tensor " + tensor.name + " has rows of " + std::to_string(cols) +
                                         " elements, which are not whole blocks of " + std::to_string(layout.elements));
  const MappedFile& file = *files_[tensor.file];
  const size_t row_bytes = bytes_of(tensor.dtype, cols), size = rows * row_bytes;
  if (tensor.offset > file.size() || size > file.size() - tensor.offset)
    throw ModelError("model_file", "tensor " + tensor.name + " needs bytes " + std::to_string(tensor.offset) + " to " +
                                       std::to_string(tensor.offset + size) + ", but " + spec_.files[tensor.file] +
                                       " has " + std::to_string(file.size()));
  const std::byte* start = file.data() + tensor.offset;
  if (tensor.head_rows) return in_order(tensor, start, rows, row_bytes);
  // Blocks are read byte by byte; other elements must lie at multiples of their size.
  if (is_quantized(tensor.dtype) || tensor.offset % dtype_bytes(tensor.dtype) == 0) return start;
  memory_.push_back(std::make_unique_for_overwrite<std::byte[]>(size));
  std::memcpy(memory_.back().get(), start, size);
  return memory_.back().get();
}

// A copy with the rows of each head in the order that the decoder rotates them in.
const std::byte* FileWeights::in_order(const TensorSpec& tensor, const std::byte* source, size_t rows,
                                       size_t row_bytes) {
  if (tensor.head_rows % 2 != 0 || rows % tensor.head_rows != 0)
    throw ModelError("model_tensor", "tensor " + tensor.name + " has " + std::to_string(rows) +
                                         " rows, which are not heads of an even " + std::to_string(tensor.head_rows));
  const size_t half = tensor.head_rows / 2;
  memory_.push_back(std::make_unique_for_overwrite<std::byte[]>(rows * row_bytes));
  std::byte* to = memory_.back().get();
  for (size_t head = 0; head < rows; head += tensor.head_rows)
    for (size_t i = 0; i < tensor.head_rows; ++i, to += row_bytes)
      std::memcpy(to, source + (head + (i < half ? 2 * i : 2 * (i - half) + 1)) * row_bytes, row_bytes);
  return memory_.back().get();
}

}  // namespace espalier
