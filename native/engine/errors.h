// A refusal or failure of the engine with a stable code; the binding turns it into a JavaScript Error.
#pragma once
#include <stdexcept>
#include <string>

namespace espalier {

class EngineFailure : public std::runtime_error {
 public:
  EngineFailure(std::string code, const std::string& message) : std::runtime_error(message), code(std::move(code)) {}
  const std::string code;
};

}  // namespace espalier
