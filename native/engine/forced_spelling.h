// The tokens of text that a grammar forces at a matcher's position.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "engine/forced_text.h"
#include "engine/mask_filler.h"
#include "espalier.h"

namespace espalier {

class ForcedSpelling {
 public:
  /// `text` may be null: nothing is spelt then. `plugin` may be null where no request has a grammar.
  ForcedSpelling(const esp_mask_plugin* plugin, const MaskFiller& filler, const ForcedText* text)
      : plugin_(plugin), filler_(filler), text_(text) {}

  bool spells() const { return text_ != nullptr; }
  std::span<const uint8_t> bytes_of(int32_t token) const { return text_->bytes_of(token); }
  /// `begin` and the text that is forced behind it, in the tokenizer's tokens; none where nothing is forced. The last one
  /// may be open.
  std::vector<int32_t> spell(void* matcher, std::span<const uint8_t> begin) const;
  /// Whether a token that ends forced text, and that comes next, is no longer one's beginning that is allowed there: then
  /// what follows cannot belong to it.
  bool is_closed(void* matcher, int32_t token) const;

 private:
  const esp_mask_plugin* const plugin_;
  const MaskFiller filler_;
  const ForcedText* const text_;
};

}  // namespace espalier
