// What the two images have in common: a header of 16 words, then sections of whole words, read in order. Whatever does
// not fit ends in an ImageError that says why.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>

#include "grammar/table_memory.h"

namespace espalier::grammar {

/// An image that is damaged, of another version, or of another byte order.
struct ImageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline constexpr size_t kHeaderWords = 16;
/// Header words that hold the low and the high half of the content's hash.
inline constexpr size_t kHashWord = 8;

[[noreturn]] inline void damaged(const char* what, const std::string& reason) {
  throw ImageError(std::string("not a usable ") + what + ": " + reason);
}

/// Reads sections one after the other; each is padded to whole words.
class Sections {
 public:
  Sections(const char* what, const void* image, size_t bytes, int32_t magic, int32_t version)
      : what_(what), data_(static_cast<const uint8_t*>(image)), bytes_(bytes) {
    if (image == nullptr || bytes < kHeaderWords * 4 || bytes % 4 != 0) damaged(what, "its length is wrong");
    std::memcpy(header_, image, sizeof header_);
    if (header_[0] != magic) damaged(what, "it does not begin with the magic word");
    if (header_[1] != version) damaged(what, "it is of another version");
    at_ = kHeaderWords * 4;
  }

  int32_t header(size_t word) const { return header_[word]; }
  /// A header word that counts something.
  size_t count(size_t word) const {
    if (header_[word] < 0) damaged(what_, "a count is negative");
    return static_cast<size_t>(header_[word]);
  }

  /// A section where it lies; the image must be aligned to words.
  template <typename T>
  std::span<const T> view(size_t length) {
    const auto* section = reinterpret_cast<const T*>(data_ + pass<T>(length));
    return {section, length};
  }

  /// A copy of a section.
  template <typename T>
  Vector<T> take(size_t length) {
    const size_t at = pass<T>(length);
    Vector<T> section(length);
    if (length > 0) std::memcpy(section.data(), data_ + at, length * sizeof(T));
    return section;
  }

  void expect_end() const {
    if (at_ != bytes_) damaged(what_, "its sections do not fit its length");
  }

 private:
  /// Where the next section begins; the one behind it comes next.
  template <typename T>
  size_t pass(size_t length) {
    if (length > (bytes_ - at_) / sizeof(T)) damaged(what_, "a section is longer than the image");
    const size_t begin = at_;
    at_ += (length * sizeof(T) + 3) / 4 * 4;
    if (at_ > bytes_) damaged(what_, "a section is longer than the image");
    return begin;
  }

  const char* what_;
  const uint8_t* data_;
  size_t bytes_;
  size_t at_ = 0;
  int32_t header_[kHeaderWords];
};

/// Whether `offsets` rise from 0 to `end`. @throws ImageError
inline void check_offsets(const char* what, std::span<const int32_t> offsets, size_t end) {
  if (offsets.front() != 0 || static_cast<size_t>(offsets.back()) != end) damaged(what, "an index is wrong");
  for (size_t i = 1; i < offsets.size(); i++)
    if (offsets[i] < offsets[i - 1]) damaged(what, "an index is not sorted");
}

}  // namespace espalier::grammar
