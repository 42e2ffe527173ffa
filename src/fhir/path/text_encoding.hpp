#pragma once
// encode(), decode(), escape() and unescape() of the drafts that followed FHIRPath N1. Nothing: a
// format that is not known, or a text that is not in it.

#include <optional>
#include <string>
#include <string_view>

namespace vigil::fhir::path {

// "hex", "base64", "urlbase64"
std::optional<std::string> encoded(std::string_view text, std::string_view format);
std::optional<std::string> decoded(std::string_view text, std::string_view format);
// "html", "json"
std::optional<std::string> escaped(std::string_view text, std::string_view format);
std::optional<std::string> unescaped(std::string_view text, std::string_view format);

}  // namespace vigil::fhir::path
