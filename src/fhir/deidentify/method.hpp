#pragma once
// The ways to de-identify of 45 CFR 164.514 that this room knows, and what was chosen of them.

#include <cstdint>
#include <optional>
#include <string_view>

namespace vigil::fhir::deidentify {

enum class Method : std::uint8_t {
    safe_harbor,  // (b)(2): the eighteen identifiers go; times only as time since a first date
    limited,      // (e): direct identifiers go, dates and city stay; needs a data use agreement
    date_shift    // for an expert's determination, (b)(1): each person's dates moved by whole days
};

// What Safe Harbor leaves of a date. Both at once would tell the day: an offset that crosses a new
// year says when the year began (decision 0039).
enum class Times : std::uint8_t { relative, year };

constexpr std::string_view name_of(Method method) {
    switch (method) {
        case Method::safe_harbor:
            return "safe-harbor";
        case Method::limited:
            return "limited";
        case Method::date_shift:
            return "date-shift";
    }
    return {};
}

constexpr std::optional<Method> method_of(std::string_view name) {
    for (const auto one : {Method::safe_harbor, Method::limited, Method::date_shift})
        if (name_of(one) == name) return one;
    return std::nullopt;
}

}  // namespace vigil::fhir::deidentify
