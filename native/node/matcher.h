// Binds tokenizers, grammars and matchers of espalier.h to JavaScript.
#pragma once

#include <napi.h>

#include "espalier.h"

namespace espalier::node {

/// Adds loadTokenizer, loadGrammar and openMatcher to the addon's exports.
void InitMatcher(Napi::Env env, Napi::Object exports);

/// The grammar behind a GrammarHandle. @throws Napi::TypeError when `value` is something else.
esp_grammar* grammar_of(const Napi::Value& value);

}  // namespace espalier::node
