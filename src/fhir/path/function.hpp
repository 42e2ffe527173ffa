#pragma once
// The functions of FHIRPath N1 (section 5 to 7) and those that FHIR adds (FHIR R4, 2.9.1.5).

#include <cstdint>
#include <optional>
#include <string_view>

namespace vigil::fhir::path {

enum class Function : std::uint8_t {
    // 5.1 existence
    empty,
    exists,
    all,
    all_true,
    any_true,
    all_false,
    any_false,
    subset_of,
    superset_of,
    count,
    distinct,
    is_distinct,
    // 5.2 filtering and projection
    where,
    select,
    repeat,
    of_type,
    // 5.3 subsetting
    single,
    first,
    last,
    tail,
    skip,
    take,
    intersect,
    exclude,
    // 5.4 combining
    union_,
    combine,
    // 5.5 conversion
    iif,
    to_boolean,
    converts_to_boolean,
    to_integer,
    converts_to_integer,
    to_date,
    converts_to_date,
    to_date_time,
    converts_to_date_time,
    to_decimal,
    converts_to_decimal,
    to_quantity,
    converts_to_quantity,
    to_string,
    converts_to_string,
    to_time,
    converts_to_time,
    // 5.6 string manipulation
    index_of,
    substring,
    starts_with,
    ends_with,
    contains,
    upper,
    lower,
    replace,
    matches,
    replace_matches,
    length,
    to_chars,
    // of the drafts that followed N1, already in use
    last_index_of,
    matches_full,
    trim,
    split,
    join,
    encode,
    decode,
    escape,
    unescape,
    // 5.7 math
    abs,
    ceiling,
    exp,
    floor,
    ln,
    log,
    power,
    round,
    sqrt,
    truncate,
    // 5.8 tree navigation
    children,
    descendants,
    // 5.9 utility
    trace,
    now,
    time_of_day,
    today,
    // 6.3 types, 6.5 boolean logic, 7 aggregates, 10.2 reflection
    is,
    as,
    not_,
    aggregate,
    type,
    // FHIR
    extension,
    has_extension,  // of a draft; the search parameter QuestionnaireResponse.item-subject has it
    has_value,
    get_value,
    resolve,
    member_of,
    conforms_to,
    html_checks,
    subsumes,
    subsumed_by
};

struct Signature {
    std::string_view name;
    Function function;
    std::uint8_t arguments_min, arguments_max;
};

std::optional<Signature> find_function(std::string_view name);
std::string_view name_of(Function function);

}  // namespace vigil::fhir::path
