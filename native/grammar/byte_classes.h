// Classes of bytes: those that no edge of an automaton tells apart share one.
#pragma once

#include <cstdint>

namespace espalier::grammar {

/// `border[b]`: some edge begins at b or ends before it. Returns the number of classes.
inline int32_t classify_bytes(const bool (&border)[257], uint8_t (&class_of)[256]) {
  int32_t current = 0;
  for (int byte = 0; byte < 256; byte++) {
    if (byte > 0 && border[byte]) current++;
    class_of[byte] = static_cast<uint8_t>(current);
  }
  return current + 1;
}

}  // namespace espalier::grammar
