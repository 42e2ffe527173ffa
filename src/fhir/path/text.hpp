#pragma once
// Characters (code points) of UTF-8 text, as the string functions of FHIRPath count them.

#include <cstddef>
#include <string>
#include <string_view>

namespace vigil::fhir::path {

std::size_t character_count(std::string_view text);
// Byte where character `index` begins; the text's size if there is none.
std::size_t byte_of_character(std::string_view text, std::size_t index);
// Unicode's simple case mapping, a character for a character.
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);
// For ~: lower case, each run of white space one space (N1, 6.1.2).
std::string normalized(std::string_view text);
std::string_view trimmed(std::string_view text);

}  // namespace vigil::fhir::path
