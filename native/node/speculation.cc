// Checks as for every option: whatever JavaScript passes, the worst outcome is an Error.
#include "node/speculation.h"

#include <span>
#include <string>

#include "node/values.h"

namespace espalier {
namespace {

DraftSource draft_source_of(const Napi::Object& object) {
  const std::string kind = string_of(object, "kind");
  if (kind == "grammar") return DraftSource::Grammar;
  if (kind == "ngram") return DraftSource::Lookup;
  if (kind == "draft") return DraftSource::Model;
  throw coded_error(object.Env(), "bad_request", "speculation '" + kind + "' is not grammar, ngram or draft");
}

}  // namespace

std::shared_ptr<const ForcedText> forced_text_of(const Napi::Value& value) {
  if (value.IsUndefined()) return nullptr;
  const Napi::Object object = object_of(value, "forcedText");
  if (!object.Get("bytes").IsTypedArray() ||
      object.Get("bytes").As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array)
    throw coded_error(value.Env(), "bad_request", "forcedText.bytes must be a Uint8Array");
  const auto bytes = object.Get("bytes").As<Napi::Uint8Array>();
  return std::make_shared<ForcedText>(std::span(bytes.Data(), bytes.ElementLength()),
                                      tokens_of(object.Get("ends"), "forcedText.ends"),
                                      tokens_of(object.Get("merges"), "forcedText.merges"));
}

SpeculationOptions speculation_of(const Napi::Value& value, size_t page_size, uint64_t least_tokens) {
  constexpr uint64_t kMostDrafted = 1024, kMost = uint64_t{1} << 30;
  SpeculationOptions options;
  if (value.IsUndefined()) return options;
  const Napi::Object object = object_of(value, "speculation");
  options.source = draft_source_of(object);
  options.max_tokens = integer_of(object, "maxTokens", 1, kMostDrafted);
  options.max_forced = integer_of(object, "maxForced", 0, kMostDrafted);
  options.min_match = integer_of(object, "minMatch", 1, kMostDrafted);
  options.max_match = integer_of(object, "maxMatch", options.min_match, kMostDrafted);
  options.draft_pages = (integer_of(object, "kvTokens", least_tokens, kMost) + page_size - 1) / page_size;
  options.spelling = forced_text_of(object.Get("forcedText"));
  return options;
}

}  // namespace espalier
