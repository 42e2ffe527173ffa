#pragma once
// Apps as the API shows and reads them (docs/reference/oauth.md).

#include <string>
#include <vector>

#include "share/api/context.hpp"

namespace vigil::share {

void write_app(JsonWriter& json, const ApiContext& api, const identity::App& app, Timestamp now);
void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts);

// What stands for no list: an empty one.
Result<std::vector<std::string>> read_texts(JsonValue list, std::string_view place);
// A JWK Set, as an object or as the text of one, looked at and in its shortest form; nothing: empty.
Result<std::string> read_keys(JsonValue jwks);
// For an app that was given none.
std::string new_client_id(const ApiContext& api);

}  // namespace vigil::share
