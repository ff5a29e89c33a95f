#include "node/submission.h"

#include <cmath>
#include <string>
#include <vector>

#include "node/matcher.h"
#include "node/values.h"

namespace espalier {
namespace {

Sampling sampling_of(const Napi::Object& object) {
  Sampling sampling;
  sampling.temperature = number_of(object, "temperature");
  sampling.top_k = integer_of(object, "topK", 0, kMostInteger);
  sampling.top_p = number_of(object, "topP");
  sampling.min_p = number_of(object, "minP");
  sampling.seed = integer_of(object, "seed", 0, kMostInteger);
  const auto penalty = [&](const char* key, float& value) {
    if (object.Has(key)) value = static_cast<float>(number_of(object, key));
  };
  penalty("repetitionPenalty", sampling.repetition_penalty);
  penalty("frequencyPenalty", sampling.frequency_penalty);
  penalty("presencePenalty", sampling.presence_penalty);
  return sampling;
}

LogitRules rules_of(const Napi::Object& request) {
  LogitRules rules;
  if (request.Has("minTokens")) rules.min_tokens = integer_of(request, "minTokens", 0, kMostInteger);
  if (!request.Has("logitBias")) return rules;
  const Napi::Object bias = object_of(request.Get("logitBias"), "logitBias");
  const std::vector<int32_t> tokens = tokens_of(bias.Get("tokens"), "logitBias.tokens");
  const std::vector<float> biases = floats_of(bias.Get("biases"), "logitBias.biases");
  if (tokens.size() != biases.size())
    throw coded_error(request.Env(), "bad_request", "logitBias needs as many biases as tokens");
  for (size_t i = 0; i < tokens.size(); ++i) rules.biases.emplace_back(tokens[i], biases[i]);
  return rules;
}

int32_t alternatives_of(const Napi::Object& request, const char* key) {
  return request.Has(key) ? static_cast<int32_t>(integer_of(request, key, 0, kMostAlternatives)) : -1;
}

int32_t priority_of(const Napi::Object& request) {
  if (!request.Has("priority")) return 0;
  const double value = number_of(request, "priority");
  if (value != std::trunc(value) || std::abs(value) > INT32_MAX)
    throw coded_error(request.Env(), "bad_request", "priority must be an integer of 32 bits");
  return static_cast<int32_t>(value);
}

Pooling pooling_of(const Napi::Object& request) {
  if (!request.Has("pooling")) return Pooling::None;
  const std::string name = string_of(request, "pooling");
  if (name == "mean") return Pooling::Mean;
  if (name == "last") return Pooling::Last;
  throw coded_error(request.Env(), "bad_request", "pooling '" + name + "' is not mean or last");
}

}  // namespace

GrammarRef grammar_of(const Napi::Value& value) {
  if (value.IsUndefined() || value.IsNull()) return {};
  return {esp_mask_plugin_builtin(), espalier::node::grammar_of(value)};
}

Submission submission_of(const Napi::Value& value) {
  const Napi::Object object = object_of(value, "the request");
  return {integer_of(object, "id", 0, kMostInteger),         tokens_of(object.Get("prompt"), "prompt"),
          integer_of(object, "maxTokens", 0, kMostInteger),  sampling_of(object_of(object.Get("sampling"), "sampling")),
          tokens_of(object.Get("stopTokens"), "stopTokens"), grammar_of(object.Get("grammar")),
          object.Has("grammarFollows") && boolean_of(object, "grammarFollows"),
          rules_of(object),
          alternatives_of(object, "logprobs"),
          object.Has("cacheSalt") ? string_of(object, "cacheSalt") : std::string(),
          priority_of(object),
          alternatives_of(object, "promptLogprobs"),
          object.Has("promptLogprobsFrom") ? integer_of(object, "promptLogprobsFrom", 0, kMostInteger) : 0,
          !object.Has("speculate") || boolean_of(object, "speculate"),
          pooling_of(object)};
}

}  // namespace espalier
