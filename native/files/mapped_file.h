// A file mapped read-only into memory: weights and tokenizer images stay in the page cache, shared by all processes.
// A file that is truncated while mapped faults on access; these files are taken to be immutable, as by other engines.
#pragma once
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace espalier {

/// A file that cannot be opened or mapped; the message names it.
struct FileError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class MappedFile {
 public:
  /// @throws FileError
  explicit MappedFile(const std::string& path);
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  const std::byte* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  const std::byte* data_ = nullptr;
  size_t size_ = 0;
#if defined(_WIN32)
  std::vector<std::byte> copy_;
#endif
};

}  // namespace espalier
