// Objects and typed arrays made of what the engine hands over; the arrays hold copies.
#include "node/events.h"

#include <algorithm>
#include <cstdint>

namespace espalier {
namespace {

napi_value finish_object(Napi::Env env, const Finish& finish) {
  static constexpr const char* kReasons[] = {"stop", "length", "abort", "error"};
  Napi::Object object = Napi::Object::New(env);
  const auto number = [&](const char* key, double value) { object.Set(key, Napi::Number::New(env, value)); };
  object.Set("reason", Napi::String::New(env, kReasons[static_cast<size_t>(finish.reason)]));
  number("stopToken", finish.stop_token);
  if (finish.reason == FinishReason::Error) {
    Napi::Object error = Napi::Object::New(env);
    error.Set("code", Napi::String::New(env, finish.error_code));
    error.Set("message", Napi::String::New(env, finish.error_message));
    object.Set("error", error);
  }
  number("promptTokens", static_cast<double>(finish.prompt_tokens));
  number("cachedTokens", static_cast<double>(finish.cached_tokens));
  number("outputTokens", static_cast<double>(finish.output_tokens));
  number("draftTokens", static_cast<double>(finish.draft_tokens));
  number("acceptedTokens", static_cast<double>(finish.accepted_tokens));
  number("firstTokenMicros", finish.first_token_micros);
  number("totalMicros", finish.total_micros);
  number("maskMicros", finish.mask_micros);
  return object;
}

Napi::Int32Array int_array(Napi::Env env, const std::vector<int32_t>& values) {
  auto array = Napi::Int32Array::New(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

Napi::Float32Array float_array(Napi::Env env, const std::vector<float>& values) {
  auto array = Napi::Float32Array::New(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

Napi::Object logprobs_object(Napi::Env env, const LogprobList& list) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("chosen", float_array(env, list.chosen));
  object.Set("alternatives", int_array(env, list.alternatives));
  object.Set("alternativeLogprobs", float_array(env, list.alternative_logprobs));
  return object;
}

}  // namespace

Napi::Array prefix_array(Napi::Env env, const std::vector<CachedPrefix>& prefixes) {
  Napi::Array array = Napi::Array::New(env, prefixes.size());
  for (uint32_t i = 0; i < prefixes.size(); ++i) {
    const CachedPrefix& prefix = prefixes[i];
    Napi::Object object = Napi::Object::New(env);
    const auto number = [&](const char* key, double value) { object.Set(key, Napi::Number::New(env, value)); };
    number("parent", static_cast<double>(prefix.parent));
    object.Set("salt", Napi::String::New(env, prefix.salt));
    object.Set("tokens", int_array(env, prefix.tokens));
    number("pages", static_cast<double>(prefix.pages));
    number("lockedPages", static_cast<double>(prefix.locked_pages));
    number("hostPages", static_cast<double>(prefix.host_pages));
    number("hits", static_cast<double>(prefix.hits));
    number("used", static_cast<double>(prefix.used));
    array.Set(i, object);
  }
  return array;
}

Napi::Array event_array(Napi::Env env, const std::vector<Event>& events) {
  Napi::Array array = Napi::Array::New(env, events.size());
  for (uint32_t i = 0; i < events.size(); ++i) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("id", Napi::Number::New(env, static_cast<double>(events[i].id)));
    object.Set("tokens", int_array(env, events[i].tokens));
    object.Set("allowed", int_array(env, events[i].allowed));
    if (!events[i].logprobs.chosen.empty()) object.Set("logprobs", logprobs_object(env, events[i].logprobs));
    if (!events[i].prompt_logprobs.chosen.empty())
      object.Set("promptLogprobs", logprobs_object(env, events[i].prompt_logprobs));
    if (!events[i].embedding.empty()) object.Set("embedding", float_array(env, events[i].embedding));
    if (events[i].finish) object.Set("finish", finish_object(env, *events[i].finish));
    array.Set(i, object);
  }
  return array;
}

}  // namespace espalier
