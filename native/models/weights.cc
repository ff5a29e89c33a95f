#include "models/weights.h"

#include <cstring>

#include "models/widen.h"

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
  return {bytes(tensor, rows * cols), tensor.dtype, rows, cols};
}

std::vector<float> FileWeights::vector(const std::string& name, size_t size) {
  const TensorSpec& tensor = find(name, {size});
  const std::byte* source = bytes(tensor, size);
  std::vector<float> values(size);
  widen(source, tensor.dtype, size, values.data());
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

const std::byte* FileWeights::bytes(const TensorSpec& tensor, size_t elements) {
  if (tensor.file >= files_.size())
    throw ModelError("model_tensor", "tensor " + tensor.name + " is in file " + std::to_string(tensor.file) +
                                         ", but there are " + std::to_string(files_.size()) + " files");
  const MappedFile& file = *files_[tensor.file];
  const size_t size = elements * dtype_bytes(tensor.dtype);
  if (tensor.offset > file.size() || size > file.size() - tensor.offset)
    throw ModelError("model_file", "tensor " + tensor.name + " needs bytes " + std::to_string(tensor.offset) + " to " +
                                       std::to_string(tensor.offset + size) + ", but " + spec_.files[tensor.file] +
                                       " has " + std::to_string(file.size()));
  const std::byte* start = file.data() + tensor.offset;
  if (tensor.offset % dtype_bytes(tensor.dtype) == 0) return start;
  memory_.push_back(std::make_unique<std::byte[]>(size));
  std::memcpy(memory_.back().get(), start, size);
  return memory_.back().get();
}

}  // namespace espalier
