// Checked reads of JavaScript values.
#include "node/values.h"

#include <cmath>

namespace espalier {
namespace {

[[noreturn]] void refuse(Napi::Env env, const std::string& what, const std::string& need) {
  throw coded_error(env, "bad_request", what + " must be " + need);
}

}  // namespace

Napi::Error coded_error(Napi::Env env, const std::string& code, const std::string& message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Value().Set("code", code);
  return error;
}

Napi::Object object_of(const Napi::Value& value, const std::string& what) {
  if (!value.IsObject()) refuse(value.Env(), what, "an object");
  return value.As<Napi::Object>();
}

double number_of(const Napi::Object& object, const char* key) {
  const Napi::Value value = object.Get(key);
  if (!value.IsNumber()) refuse(object.Env(), key, "a number");
  return value.As<Napi::Number>().DoubleValue();
}

uint64_t integer_of(const Napi::Object& object, const char* key, uint64_t least, uint64_t most) {
  const double value = number_of(object, key);
  if (!(value >= static_cast<double>(least) && value <= static_cast<double>(most)) || value != std::floor(value))
    refuse(object.Env(), key, "an integer from " + std::to_string(least) + " to " + std::to_string(most));
  return static_cast<uint64_t>(value);
}

bool boolean_of(const Napi::Object& object, const char* key) {
  const Napi::Value value = object.Get(key);
  if (!value.IsBoolean()) refuse(object.Env(), key, "a boolean");
  return value.As<Napi::Boolean>().Value();
}

std::string string_of(const Napi::Object& object, const char* key) {
  const Napi::Value value = object.Get(key);
  if (!value.IsString()) refuse(object.Env(), key, "a string");
  return value.As<Napi::String>().Utf8Value();
}

std::vector<float> floats_of(const Napi::Value& value, const std::string& what) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_float32_array)
    refuse(value.Env(), what, "a Float32Array");
  const auto array = value.As<Napi::Float32Array>();
  return {array.Data(), array.Data() + array.ElementLength()};
}

std::vector<int32_t> tokens_of(const Napi::Value& value, const std::string& what) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_int32_array)
    refuse(value.Env(), what, "an Int32Array");
  const auto array = value.As<Napi::Int32Array>();
  return {array.Data(), array.Data() + array.ElementLength()};
}

}  // namespace espalier
