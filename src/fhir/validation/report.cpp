#include "fhir/validation/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "base/utf8.hpp"

namespace vigil::fhir {

std::string Place::expression() const {
    std::vector<const Place*> places;
    for (const auto* place = this; place != nullptr; place = place->above) places.push_back(place);
    std::string text;
    for (const auto* place : places | std::views::reverse) {
        if (!text.empty()) text += '.';
        text += place->name;
        if (place->index != no_index) text += fmt::format("[{}]", place->index);
    }
    return text;
}

void Report::add(Severity severity, std::string_view code, const Place& place,
                 std::string diagnostics) {
    if (is_full()) return;
    issues_.push_back({.severity = severity,
                       .code = code,
                       .diagnostics = std::move(diagnostics),
                       .expression = place.expression()});
}

std::vector<Issue> Report::take() {
    if (is_full())
        issues_.push_back({.severity = Severity::information,
                           .code = "informational",
                           .diagnostics = fmt::format("There may be more: validation stops after "
                                                      "{} issues",
                                                      issues_max_),
                           .expression = {}});
    return std::move(issues_);
}

std::string in_quotes(std::string_view text) {
    constexpr std::size_t bytes_max = 60;
    std::string shown = "'";
    while (!text.empty() && shown.size() < bytes_max) {
        const auto length = std::max<std::size_t>(utf8_sequence_length(text), 1);
        const bool printable = length > 1 || (text.front() >= ' ' && text.front() != '\x7F');
        shown += printable ? text.substr(0, length) : "?";
        text.remove_prefix(length);
    }
    return shown + (text.empty() ? "'" : "…'");
}

}  // namespace vigil::fhir
