#pragma once
// Regular expressions of matches() and replaceMatches(), and of primitive types. Matching takes
// time linear in the text whatever the pattern (docs/decisions/0015-regular-expressions.md).

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace re2 {
class RE2;
}

namespace vigil::fhir::path {

class Pattern {
public:
    static constexpr std::size_t text_bytes_max = 4096;
    static constexpr std::size_t program_bytes_max = std::size_t{1} << 20;

    // "." is any character, ^ and $ are the text's ends. What RE2 does not have (back references,
    // looking around) is `unsupported`.
    static Result<Pattern> compile(std::string_view text);

    bool found_in(std::string_view text) const;
    bool matches_whole(std::string_view text) const;
    // "$1" and "${name}" in the substitution stand for what a group matched; "$$" for a "$".
    Result<std::string> replace_all(std::string_view text, std::string_view substitution,
                                    std::size_t bytes_max) const;

private:
    explicit Pattern(std::shared_ptr<const re2::RE2> program) : program_(std::move(program)) {}
    std::shared_ptr<const re2::RE2> program_;
};

}  // namespace vigil::fhir::path
