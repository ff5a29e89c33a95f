// Tokenizers and grammars are tagged externals that own one reference; a matcher is an object with methods.
#include "node/matcher.h"

#include <cstring>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "node/mask_stats.h"
#include "node/promise_worker.h"

namespace espalier::node {
namespace {

constexpr napi_type_tag kTokenizerTag = {0x6573702d746f6b65ull, 0x6e697a6572000001ull};
constexpr napi_type_tag kRowTag = {0x6573702d726f7700ull, 0x726f770000000001ull};
constexpr napi_type_tag kGrammarTag = {0x6573702d6772616dull, 0x6d61720000000001ull};

const char* code_of(int64_t status) {
  switch (status) {
    case ESP_BAD_IMAGE:
      return "invalid_image";
    case ESP_REFUSED:
      return "token_refused";
    case ESP_LIMIT:
      return "limit_exceeded";
    case ESP_NO_MEMORY:
      return "out_of_memory";
    case ESP_BAD_FILE:
      return "file_unreadable";
    default:
      return "bad_argument";
  }
}

[[noreturn]] void throw_status(Napi::Env env, int64_t status) {
  Napi::Error error = Napi::Error::New(env, esp_last_error());
  error.Set("code", code_of(status));
  throw error;
}

template <typename T>
T* untag(const Napi::Value& value, const napi_type_tag& tag, const char* what) {
  if (!value.IsExternal() || !value.As<Napi::External<T>>().CheckTypeTag(&tag)) {
    Napi::TypeError error = Napi::TypeError::New(value.Env(), std::string("expected a ") + what);
    error.Set("code", "bad_request");
    throw error;
  }
  return value.As<Napi::External<T>>().Data();
}

Napi::Uint8Array bytes_of(const Napi::Value& value) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array)
    throw Napi::TypeError::New(value.Env(), "expected a Uint8Array");
  return value.As<Napi::Uint8Array>();
}

/// A mask row or several: what an Int32Array holds. One call into the engine, for this is on every token's way.
std::span<int32_t> rows_of(const Napi::Value& value) {
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  if (napi_get_typedarray_info(value.Env(), value, &type, &length, &data, nullptr, nullptr) != napi_ok ||
      type != napi_int32_array)
    throw Napi::TypeError::New(value.Env(), "expected an Int32Array");
  return {static_cast<int32_t*>(data), length};
}

/// The handle owns the tokenizer.
Napi::Value tokenizer_handle(Napi::Env env, esp_tokenizer* tokenizer) {
  auto handle = Napi::External<esp_tokenizer>::New(
      env, tokenizer, [](Napi::BasicEnv, esp_tokenizer* owned) { esp_tokenizer_release(owned); });
  handle.TypeTag(&kTokenizerTag);
  return handle;
}

Napi::Value load_tokenizer(const Napi::CallbackInfo& info) {
  const Napi::Uint8Array image = bytes_of(info[0]);
  esp_tokenizer* tokenizer = nullptr;
  if (const esp_status status = esp_tokenizer_load(image.Data(), image.ByteLength(), &tokenizer); status != ESP_OK)
    throw_status(info.Env(), status);
  if (info[1].IsNumber()) esp_tokenizer_limit(tokenizer, static_cast<size_t>(info[1].ToNumber().Int64Value()));
  return tokenizer_handle(info.Env(), tokenizer);
}

Napi::ArrayBuffer copy_of(Napi::Env env, const void* data, size_t bytes) {
  Napi::ArrayBuffer copy = Napi::ArrayBuffer::New(env, bytes);
  if (bytes > 0) std::memcpy(copy.Data(), data, bytes);
  return copy;
}

/// Copies go to JavaScript: views of the mapping could be written to, and would fault.
Napi::Value open_tokenizer(const Napi::CallbackInfo& info) {
  esp_tokenizer* tokenizer = nullptr;
  const std::string path = info[0].ToString();
  if (const esp_status status = esp_tokenizer_open(path.c_str(), &tokenizer); status != ESP_OK)
    throw_status(info.Env(), status);
  if (info[1].IsNumber()) esp_tokenizer_limit(tokenizer, static_cast<size_t>(info[1].ToNumber().Int64Value()));
  const void* data = nullptr;
  Napi::Object opened = Napi::Object::New(info.Env());
  opened.Set("tokenizer", tokenizer_handle(info.Env(), tokenizer));
  size_t bytes = esp_tokenizer_image(tokenizer, &data);
  opened.Set("image", copy_of(info.Env(), data, bytes));
  bytes = esp_tokenizer_tail(tokenizer, &data);
  opened.Set("tail", copy_of(info.Env(), data, bytes));
  return opened;
}

Napi::Value load_grammar(const Napi::CallbackInfo& info) {
  const Napi::Uint8Array image = bytes_of(info[0]);
  esp_tokenizer* tokenizer = untag<esp_tokenizer>(info[1], kTokenizerTag, "tokenizer handle");
  const Napi::Object chosen = info[2].As<Napi::Object>();
  const Napi::Value tokens = chosen.Get("tokenSets");
  const Napi::Value max_mask_bytes = chosen.Get("maxMaskBytes");
  const bool has_tokens =
      tokens.IsTypedArray() && tokens.As<Napi::TypedArray>().TypedArrayType() == napi_int32_array;
  const esp_grammar_options options = {
      .max_configurations = chosen.Get("maxConfigurations").ToNumber().Uint32Value(),
      .memo = chosen.Get("memo").ToBoolean().Value() ? 1u : 0u,
      .token_sets = has_tokens ? tokens.As<Napi::Int32Array>().Data() : nullptr,
      .token_set_words = has_tokens ? tokens.As<Napi::Int32Array>().ElementLength() : 0,
      .max_mask_bytes = max_mask_bytes.IsNumber() ? static_cast<size_t>(max_mask_bytes.ToNumber().Int64Value()) : 0,
  };
  esp_grammar* grammar = nullptr;
  if (const esp_status status = esp_grammar_load(image.Data(), image.ByteLength(), tokenizer, &options, &grammar);
      status != ESP_OK)
    throw_status(info.Env(), status);
  auto handle = Napi::External<esp_grammar>::New(
      info.Env(), grammar, [](Napi::BasicEnv, esp_grammar* owned) { esp_grammar_release(owned); });
  handle.TypeTag(&kGrammarTag);
  return handle;
}

Napi::Value mask_stats(const Napi::CallbackInfo& info) {
  return mask_stats_of(info.Env(), untag<esp_tokenizer>(info[0], kTokenizerTag, "tokenizer handle"));
}

Napi::Value grammar_memory(const Napi::CallbackInfo& info) {
  return grammar_memory_of(info.Env(), grammar_of(info[0]));
}

/// Resolves to the number of bytes read. The work holds the grammar, not the handle.
Napi::Value warm_grammar(const Napi::CallbackInfo& info) {
  esp_grammar* grammar = grammar_of(info[0]);
  const Napi::Uint8Array given = bytes_of(info[1]);
  esp_grammar_retain(grammar);
  const std::shared_ptr<esp_grammar> held(grammar, esp_grammar_release);
  const std::vector<uint8_t> text(given.Data(), given.Data() + given.ByteLength());
  return PromiseWorker<int64_t>::start(
      info.Env(),
      [held, text] {
        const int64_t read = esp_grammar_warm(held.get(), text.data(), text.size());
        if (read < 0) throw std::runtime_error(esp_last_error());
        return read;
      },
      [](Napi::Env env, int64_t&& read) { return Napi::Number::New(env, static_cast<double>(read)); });
}

Napi::Value reserve_memory(const Napi::CallbackInfo& info) {
  const auto bytes = static_cast<size_t>(info[0].ToNumber().Int64Value());
  return PromiseWorker<bool>::start(
      info.Env(),
      [bytes] {
        if (esp_memory_reserve(bytes) != ESP_OK) throw std::runtime_error(esp_last_error());
        return true;
      },
      [](Napi::Env env, bool&&) { return env.Undefined(); });
}

Napi::Int32Array copy_of(Napi::Env env, const int32_t* words, size_t count) {
  Napi::Int32Array copy = Napi::Int32Array::New(env, count);
  if (count > 0) std::memcpy(copy.Data(), words, count * sizeof(int32_t));
  return copy;
}

/// Resolves to the masks. The work holds the grammar, not the handle.
Napi::Value precompute_masks(const Napi::CallbackInfo& info) {
  esp_grammar* grammar = grammar_of(info[0]);
  const auto most = static_cast<size_t>(info[1].ToNumber().Int64Value());
  const int keep = info[2].ToBoolean().Value() ? 1 : 0;
  esp_grammar_retain(grammar);
  const std::shared_ptr<esp_grammar> held(grammar, esp_grammar_release);
  using Masks = std::shared_ptr<esp_masks>;
  return PromiseWorker<Masks>::start(
      info.Env(),
      [held, most, keep]() -> Masks {
        esp_masks* masks = nullptr;
        if (esp_grammar_precompute(held.get(), most, keep, &masks) != ESP_OK)
          throw std::runtime_error(esp_last_error());
        return {masks, esp_masks_release};
      },
      [](Napi::Env env, Masks&& masks) -> Napi::Value {
        esp_masks_view view;
        esp_masks_view_of(masks.get(), &view);
        Napi::Object made = Napi::Object::New(env);
        made.Set("count", static_cast<double>(view.count));
        made.Set("isComplete", view.complete != 0);
        made.Set("entries", copy_of(env, view.entries, view.entry_words));
        made.Set("tokens", copy_of(env, view.tokens, view.token_words));
        made.Set("bases", copy_of(env, view.bases, view.base_words));
        return made;
      });
}

Napi::Value load_masks(const Napi::CallbackInfo& info) {
  const std::span<int32_t> entries = rows_of(info[1]), tokens = rows_of(info[2]), bases = rows_of(info[3]);
  const esp_masks_view view = {entries.data(), entries.size(), tokens.data(), tokens.size(),
                               bases.data(),   bases.size(),   0,             0};
  const int64_t loaded = esp_grammar_load_masks(grammar_of(info[0]), &view);
  if (loaded < 0) throw_status(info.Env(), loaded);
  return Napi::Number::New(info.Env(), static_cast<double>(loaded));
}

/// A row that knows what it holds, and its bits as an Int32Array. The array buffer and the handle own a reference each: what
/// is written to lives, whatever JavaScript does with the buffer.
Napi::Value new_row(const Napi::CallbackInfo& info) {
  esp_row* row = nullptr;
  const esp_status status = esp_row_new(untag<esp_tokenizer>(info[0], kTokenizerTag, "tokenizer handle"), &row);
  if (status != ESP_OK) throw_status(info.Env(), status);
  auto handle =
      Napi::External<esp_row>::New(info.Env(), row, [](Napi::BasicEnv, esp_row* owned) { esp_row_release(owned); });
  handle.TypeTag(&kRowTag);
  esp_row_retain(row);
  const auto buffer = Napi::ArrayBuffer::New(
      info.Env(), esp_row_bits(row), esp_row_words(row) * sizeof(int32_t),
      [](Napi::BasicEnv, void*, esp_row* owned) { esp_row_release(owned); }, row);
  Napi::Object made = Napi::Object::New(info.Env());
  made.Set("row", handle);
  made.Set("bits", Napi::Int32Array::New(info.Env(), esp_row_words(row), buffer, 0));
  return made;
}

class MatcherObject : public Napi::ObjectWrap<MatcherObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "NativeMatcher",
                       {
                           InstanceMethod<&MatcherObject::fill>("fill"),
                           InstanceMethod<&MatcherObject::accept>("accept"),
                           InstanceMethod<&MatcherObject::advance>("advance"),
                           InstanceMethod<&MatcherObject::validate>("validate"),
                           InstanceMethod<&MatcherObject::rollback>("rollback"),
                           InstanceMethod<&MatcherObject::fork>("fork"),
                           InstanceMethod<&MatcherObject::forced>("forced"),
                           InstanceMethod<&MatcherObject::close>("close"),
                           InstanceAccessor<&MatcherObject::is_accepting>("isAccepting"),
                           InstanceAccessor<&MatcherObject::is_finished>("isFinished"),
                       });
  }

  /// Called with a grammar handle and perhaps a row to fill, or with a matcher to fork.
  explicit MatcherObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<MatcherObject>(info) {
    esp_status status;
    if (info[0].IsExternal()) {
      status = esp_matcher_open(grammar_of(info[0]), &matcher_);
    } else {
      status = esp_matcher_fork(Unwrap(info[0].As<Napi::Object>())->open(), &matcher_);
    }
    if (status != ESP_OK) throw_status(info.Env(), status);
    if (!info[1].IsExternal()) return;
    row_ = untag<esp_row>(info[1], kRowTag, "mask row");
    esp_row_retain(row_);
  }

  ~MatcherObject() override {
    esp_matcher_close(matcher_);
    esp_row_release(row_);
  }

  esp_matcher* open() {
    if (matcher_ == nullptr) throw Napi::Error::New(Env(), "this matcher is closed");
    return matcher_;
  }

 private:
  Napi::Value fill(const Napi::CallbackInfo& info) {
    if (info.Length() == 0 && row_ != nullptr) return fill_own_row(info);
    const int64_t allowed = esp_matcher_fill(open(), given_row(info[0]));
    if (allowed < 0) throw_status(info.Env(), allowed);
    return Napi::Number::New(info.Env(), static_cast<double>(allowed));
  }

  Napi::Value fill_own_row(const Napi::CallbackInfo& info) {
    const int64_t allowed = esp_row_fill(row_, open());
    if (allowed < 0) throw_status(info.Env(), allowed);
    return Napi::Number::New(info.Env(), static_cast<double>(allowed));
  }

  int32_t* given_row(const Napi::Value& given) {
    const std::span<int32_t> row = rows_of(given);
    if (row.size() < esp_matcher_words(open()))
      throw Napi::RangeError::New(Env(), "the mask row is too short for this vocabulary");
    return row.data();
  }

  static int32_t token_of(const Napi::CallbackInfo& info) {
    int32_t token = -1;
    if (napi_get_value_int32(info.Env(), info[0], &token) != napi_ok)
      throw Napi::TypeError::New(info.Env(), "expected a token id");
    return token;
  }

  Napi::Value advance(const Napi::CallbackInfo& info) {
    const int32_t token = token_of(info);
    const bool fills_own = info.Length() < 2 && row_ != nullptr;
    const int64_t allowed =
        fills_own ? esp_row_advance(row_, open(), token) : esp_matcher_advance(open(), token, given_row(info[1]));
    if (allowed < 0 && allowed != ESP_REFUSED) throw_status(info.Env(), allowed);
    return Napi::Number::New(info.Env(), allowed == ESP_REFUSED ? -1 : static_cast<double>(allowed));
  }

  Napi::Value accept(const Napi::CallbackInfo& info) {
    const int32_t token = token_of(info);
    const esp_status status = esp_matcher_accept(open(), token);
    if (status != ESP_OK && status != ESP_REFUSED) throw_status(info.Env(), status);
    return Napi::Boolean::New(info.Env(), status == ESP_OK);
  }

  Napi::Value validate(const Napi::CallbackInfo& info) {
    const std::span<int32_t> tokens = rows_of(info[0]);
    const int64_t accepted = esp_matcher_validate(open(), tokens.data(), tokens.size());
    if (accepted < 0) throw_status(info.Env(), accepted);
    return Napi::Number::New(info.Env(), static_cast<double>(accepted));
  }

  void rollback(const Napi::CallbackInfo& info) {
    const int64_t count = info[0].ToNumber().Int64Value();
    const esp_status status = esp_matcher_rollback(open(), static_cast<size_t>(count));
    if (status != ESP_OK) throw_status(info.Env(), status);
  }

  Napi::Value fork(const Napi::CallbackInfo& info) {
    return info.This().As<Napi::Object>().Get("constructor").As<Napi::Function>().New({info.This()});
  }

  Napi::Value forced(const Napi::CallbackInfo& info) {
    const uint32_t limit = info[0].ToNumber().Uint32Value();
    Napi::Uint8Array out = Napi::Uint8Array::New(info.Env(), limit);
    const int64_t length = esp_matcher_forced(open(), out.Data(), limit);
    if (length < 0) throw_status(info.Env(), length);
    return Napi::Uint8Array::New(info.Env(), static_cast<size_t>(length), out.ArrayBuffer(), 0);
  }

  void close(const Napi::CallbackInfo&) {
    esp_matcher_close(matcher_);
    matcher_ = nullptr;
  }

  Napi::Value is_accepting(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), esp_matcher_is_accepting(open()) != 0);
  }
  Napi::Value is_finished(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), esp_matcher_is_finished(open()) != 0);
  }

  esp_matcher* matcher_ = nullptr;
  esp_row* row_ = nullptr;  ///< what fill() without a row fills; null for none
};

/// Matchers, rows, words of a row, threads. Returns the counts.
Napi::Value fill_masks(const Napi::CallbackInfo& info) {
  const auto objects = info[0].As<Napi::Array>();
  const std::span<int32_t> rows = rows_of(info[1]);
  const auto words = static_cast<size_t>(info[2].ToNumber().Int64Value());
  const auto threads = static_cast<size_t>(info[3].ToNumber().Int64Value());
  std::vector<esp_matcher*> matchers;
  for (uint32_t i = 0; i < objects.Length(); i++)
    matchers.push_back(MatcherObject::Unwrap(Napi::Value(objects[i]).As<Napi::Object>())->open());
  if (rows.size() < matchers.size() * words)
    throw Napi::RangeError::New(info.Env(), "the rows are too short for these matchers");
  std::vector<int64_t> counts(matchers.size());
  esp_matchers_fill(matchers.data(), matchers.size(), rows.data(), words, counts.data(), threads);
  Napi::Int32Array result = Napi::Int32Array::New(info.Env(), counts.size());
  for (size_t i = 0; i < counts.size(); i++) {
    if (counts[i] < 0) throw_status(info.Env(), counts[i]);
    result[i] = static_cast<int32_t>(counts[i]);
  }
  return result;
}

}  // namespace

esp_grammar* grammar_of(const Napi::Value& value) { return untag<esp_grammar>(value, kGrammarTag, "grammar handle"); }

void InitMatcher(Napi::Env env, Napi::Object exports) {
  exports.Set("loadTokenizer", Napi::Function::New<load_tokenizer>(env, "loadTokenizer"));
  exports.Set("openTokenizer", Napi::Function::New<open_tokenizer>(env, "openTokenizer"));
  exports.Set("loadGrammar", Napi::Function::New<load_grammar>(env, "loadGrammar"));
  exports.Set("newRow", Napi::Function::New<new_row>(env, "newRow"));
  exports.Set("fillMasks", Napi::Function::New<fill_masks>(env, "fillMasks"));
  exports.Set("precomputeMasks", Napi::Function::New<precompute_masks>(env, "precomputeMasks"));
  exports.Set("loadMasks", Napi::Function::New<load_masks>(env, "loadMasks"));
  exports.Set("maskStats", Napi::Function::New<mask_stats>(env, "maskStats"));
  exports.Set("grammarMemory", Napi::Function::New<grammar_memory>(env, "grammarMemory"));
  exports.Set("reserveMemory", Napi::Function::New<reserve_memory>(env, "reserveMemory"));
  exports.Set("warmGrammar", Napi::Function::New<warm_grammar>(env, "warmGrammar"));
  const auto matcher = std::make_shared<Napi::FunctionReference>(Napi::Persistent(MatcherObject::define(env)));
  exports.Set("openMatcher",
              Napi::Function::New(
                  env, [matcher](const Napi::CallbackInfo& info) { return matcher->New({info[0], info[1]}); }, "openMatcher"));
}

}  // namespace espalier::node
