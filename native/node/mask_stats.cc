#include "node/mask_stats.h"

namespace espalier::node {
namespace {

constexpr const char* kPathNames[ESP_MASK_PATHS] = {"remembered", "lexemes", "counted", "tracked", "walks", "divisions"};

void set(Napi::Object& object, const char* name, uint64_t value) {
  object.Set(name, Napi::Number::New(object.Env(), static_cast<double>(value)));
}

Napi::Object path_of(Napi::Env env, const esp_path_times& times) {
  Napi::Object path = Napi::Object::New(env);
  set(path, "masks", times.masks);
  set(path, "timed", times.timed);
  set(path, "nanos", times.nanos);
  set(path, "longest", times.longest);
  Napi::Float64Array classes = Napi::Float64Array::New(env, ESP_TIME_CLASSES);
  for (size_t i = 0; i < ESP_TIME_CLASSES; i++) classes[i] = static_cast<double>(times.by_time[i]);
  path.Set("byTime", classes);
  return path;
}

}  // namespace

Napi::Object mask_stats_of(Napi::Env env, const esp_tokenizer* tokenizer) {
  esp_tokenizer_stats stats;
  esp_tokenizer_read_stats(tokenizer, &stats);
  Napi::Object result = Napi::Object::New(env);
  set(result, "lexemeBytes", stats.lexeme_bytes);
  set(result, "maxLexemeBytes", stats.max_lexeme_bytes);
  set(result, "lexemeEvictions", stats.lexeme_evictions);
  set(result, "grammars", stats.grammars);
  set(result, "rowBytes", stats.row_bytes);
  set(result, "rowEvictions", stats.row_evictions);
  Napi::Object paths = Napi::Object::New(env);
  for (size_t i = 0; i < ESP_MASK_PATHS; i++) paths.Set(kPathNames[i], path_of(env, stats.paths[i]));
  result.Set("paths", paths);
  return result;
}

Napi::Object grammar_memory_of(Napi::Env env, esp_grammar* grammar) {
  esp_grammar_memory memory;
  esp_grammar_read_memory(grammar, &memory);
  Napi::Object result = Napi::Object::New(env);
  set(result, "imageBytes", memory.image_bytes);
  set(result, "machineBytes", memory.machine_bytes);
  set(result, "rowBytes", memory.row_bytes);
  return result;
}

}  // namespace espalier::node
