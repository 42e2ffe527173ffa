#include "fhir/validation/pattern.hpp"

#include "fhir/path/json_equality.hpp"

namespace vigil::fhir {

bool matches_pattern(JsonValue value, JsonValue pattern) {
    if (pattern.is(JsonKind::object)) {
        if (!value.is(JsonKind::object)) return false;
        for (auto at = pattern.begin(); at != pattern.end(); ++at)
            if (!matches_pattern(value[at.key()], *at)) return false;
        return true;
    }
    if (pattern.is(JsonKind::array)) {
        if (!value.is(JsonKind::array)) return false;
        const auto is_found = [value](JsonValue wanted) {
            for (const auto part : value)
                if (matches_pattern(part, wanted)) return true;
            return false;
        };
        for (const auto wanted : pattern)
            if (!is_found(wanted)) return false;
        return true;
    }
    return matches_fixed(value, pattern);
}

bool matches_fixed(JsonValue value, JsonValue fixed) {
    return value && path::json_equal(value, fixed);
}

}  // namespace vigil::fhir
