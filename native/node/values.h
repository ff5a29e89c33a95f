// Reading JavaScript values into C++ ones, with checks: whatever JavaScript passes, the worst outcome is an Error.
#pragma once
#include <napi.h>

#include <cstdint>
#include <string>
#include <vector>

namespace espalier {

/// An Error with a `code` property.
Napi::Error coded_error(Napi::Env env, const std::string& code, const std::string& message);

/// Properties of a request object. All throw Napi::Error `bad_request` naming the property when it is not as asked.
Napi::Object object_of(const Napi::Value& value, const std::string& what);
double number_of(const Napi::Object& object, const char* key);
/// An integer in [least, most]; most is at most 2^53 - 1.
uint64_t integer_of(const Napi::Object& object, const char* key, uint64_t least, uint64_t most);
bool boolean_of(const Napi::Object& object, const char* key);
std::string string_of(const Napi::Object& object, const char* key);
std::vector<float> floats_of(const Napi::Value& value, const std::string& what);
std::vector<int32_t> tokens_of(const Napi::Value& value, const std::string& what);

constexpr uint64_t kMostInteger = (uint64_t{1} << 53) - 1;

}  // namespace espalier
