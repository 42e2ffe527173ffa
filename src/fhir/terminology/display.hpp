#pragma once
// How a concept is called: displays and designations (FHIR R4 4.8.9).

#include <string>
#include <string_view>
#include <vector>

#include "fhir/terminology/value_set.hpp"

namespace vigil::fhir::terminology {

// CodeSystem.concept.designation or ValueSet.compose.include.concept.designation.
std::vector<JsonValue> designations(const Member& member);

// "de" speaks of "de-CH" and the other way round (BCP 47, by its first subtag).
bool is_language(std::string_view wanted, std::string_view has);

// In that language, if there is one; else as the code system or the value set calls it. `language`
// may be empty.
std::string_view display_in(const Member& member, std::string_view language);

// Whether a person could call it that: the display or a designation, but for case, accents and
// white space.
bool is_called(const Member& member, std::string_view display);

// A text as typed to find a code: each word begins a word of one of its names, or the code.
class TextFilter {
public:
    explicit TextFilter(std::string_view text);
    bool passes(const Member& member) const;

private:
    bool all_in(std::string_view name) const;
    std::vector<std::string> words_;
};

}  // namespace vigil::fhir::terminology
