// Punycode (RFC 3492): how a label of a host name holds characters beyond ASCII. The native twin of
// src/automata/punycode.ts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "grammar/table_memory.h"

namespace espalier::grammar {

/// The code points that a text of ASCII encodes, without the prefix `xn--`; nothing where it encodes none.
std::optional<Vector<int32_t>> decode_punycode(std::string_view text);

/// The text that encodes these code points, without the prefix.
std::string encode_punycode(const Vector<int32_t>& code_points);

}  // namespace espalier::grammar
