#include "fhir/path/pattern.hpp"

#include <re2/re2.h>

#include <array>
#include <vector>

#include "base/utf8.hpp"

namespace vigil::fhir::path {
namespace {

constexpr int groups_max = 16;

re2::StringPiece piece(std::string_view text) {
    return {text.data(), text.size()};
}

// The group that a reference at the front of `rest` (behind its "$") means, -1 if it is none.
int take_group(const re2::RE2& program, std::string_view& rest) {
    if (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') {
        const int group = rest[0] - '0';
        rest.remove_prefix(1);
        return group;
    }
    if (!rest.starts_with('{')) return -1;
    const auto end = rest.find('}');
    if (end == std::string_view::npos) return -1;
    const auto& names = program.NamedCapturingGroups();
    const auto found = names.find(std::string(rest.substr(1, end - 1)));
    if (found == names.end()) return -1;
    rest.remove_prefix(end + 1);
    return found->second;
}

void append_substitution(std::string& out, const re2::RE2& program, std::string_view substitution,
                         const std::array<re2::StringPiece, groups_max>& groups) {
    while (!substitution.empty()) {
        const auto dollar = substitution.find('$');
        out += substitution.substr(0, dollar);
        if (dollar == std::string_view::npos) return;
        substitution.remove_prefix(dollar + 1);
        if (substitution.starts_with('$')) {
            out += '$';
            substitution.remove_prefix(1);
            continue;
        }
        const int group = take_group(program, substitution);
        if (group < 0) {
            out += '$';
        } else if (group < groups_max) {
            const auto& found = groups[static_cast<std::size_t>(group)];
            out.append(found.data(), found.size());
        }
    }
}

}  // namespace

Result<Pattern> Pattern::compile(std::string_view text) {
    if (text.size() > text_bytes_max)
        return fail(Error::Kind::too_large, "a regular expression is too long");
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_dot_nl(true);
    options.set_max_mem(static_cast<std::int64_t>(program_bytes_max));
    auto program = std::make_shared<const re2::RE2>(piece(text), options);
    if (!program->ok())
        return fail(Error::Kind::unsupported,
                    "not a regular expression that this server knows: " + program->error());
    return Pattern(std::move(program));
}

bool Pattern::found_in(std::string_view text) const {
    return re2::RE2::PartialMatch(piece(text), *program_);
}

bool Pattern::matches_whole(std::string_view text) const {
    return re2::RE2::FullMatch(piece(text), *program_);
}

Result<std::string> Pattern::replace_all(std::string_view text, std::string_view substitution,
                                         std::size_t bytes_max) const {
    std::string out;
    if (program_->pattern().empty()) return std::string(text);  // as the test suite of HL7 has it
    std::array<re2::StringPiece, groups_max> groups;
    const int group_count = std::min(groups_max, 1 + program_->NumberOfCapturingGroups());
    std::size_t at = 0;
    while (at <= text.size()) {
        if (!program_->Match(piece(text), at, text.size(), re2::RE2::UNANCHORED, groups.data(),
                             group_count))
            break;
        const auto start = static_cast<std::size_t>(groups[0].data() - text.data());
        out += text.substr(at, start - at);
        append_substitution(out, *program_, substitution, groups);
        if (out.size() > bytes_max) return fail(Error::Kind::too_large, "a string grew too long");
        at = start + groups[0].size();
        if (!groups[0].empty()) continue;
        // Nothing was matched here: go on behind the next character.
        const auto step = std::max<std::size_t>(1, utf8_sequence_length(text.substr(at)));
        out += text.substr(std::min(at, text.size()), step);
        at += step;
    }
    if (at < text.size()) out += text.substr(at);
    return out;
}

}  // namespace vigil::fhir::path
