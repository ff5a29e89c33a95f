// Equality of JSON values as texts: the native twin of src/automata/json-values.ts.
#pragma once

#include <string>
#include <string_view>

namespace espalier::grammar {

/// The key of a JSON text without white space between its tokens: texts have one key exactly when they spell one value.
/// A text that is no JSON value is its own key, marked as such. Runs without recursion.
std::string json_value_key(std::string_view text);

}  // namespace espalier::grammar
