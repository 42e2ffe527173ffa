#include "fhir/path/function.hpp"

#include <algorithm>
#include <array>

namespace vigil::fhir::path {
namespace {

// By name.
constexpr std::array signatures{
    Signature{"abs", Function::abs, 0, 0},
    Signature{"aggregate", Function::aggregate, 1, 2},
    Signature{"all", Function::all, 1, 1},
    Signature{"allFalse", Function::all_false, 0, 0},
    Signature{"allTrue", Function::all_true, 0, 0},
    Signature{"anyFalse", Function::any_false, 0, 0},
    Signature{"anyTrue", Function::any_true, 0, 0},
    Signature{"as", Function::as, 1, 1},
    Signature{"ceiling", Function::ceiling, 0, 0},
    Signature{"children", Function::children, 0, 0},
    Signature{"combine", Function::combine, 1, 2},
    Signature{"conformsTo", Function::conforms_to, 1, 1},
    Signature{"contains", Function::contains, 1, 1},
    Signature{"convertsToBoolean", Function::converts_to_boolean, 0, 0},
    Signature{"convertsToDate", Function::converts_to_date, 0, 0},
    Signature{"convertsToDateTime", Function::converts_to_date_time, 0, 0},
    Signature{"convertsToDecimal", Function::converts_to_decimal, 0, 0},
    Signature{"convertsToInteger", Function::converts_to_integer, 0, 0},
    Signature{"convertsToQuantity", Function::converts_to_quantity, 0, 1},
    Signature{"convertsToString", Function::converts_to_string, 0, 0},
    Signature{"convertsToTime", Function::converts_to_time, 0, 0},
    Signature{"count", Function::count, 0, 0},
    Signature{"decode", Function::decode, 1, 1},
    Signature{"descendants", Function::descendants, 0, 0},
    Signature{"distinct", Function::distinct, 0, 0},
    Signature{"empty", Function::empty, 0, 0},
    Signature{"encode", Function::encode, 1, 1},
    Signature{"endsWith", Function::ends_with, 1, 1},
    Signature{"escape", Function::escape, 1, 1},
    Signature{"exclude", Function::exclude, 1, 1},
    Signature{"exists", Function::exists, 0, 1},
    Signature{"exp", Function::exp, 0, 0},
    Signature{"extension", Function::extension, 1, 1},
    Signature{"first", Function::first, 0, 0},
    Signature{"floor", Function::floor, 0, 0},
    Signature{"getValue", Function::get_value, 0, 0},
    Signature{"hasExtension", Function::has_extension, 1, 1},
    Signature{"hasValue", Function::has_value, 0, 0},
    Signature{"htmlChecks", Function::html_checks, 0, 0},
    Signature{"iif", Function::iif, 2, 3},
    Signature{"indexOf", Function::index_of, 1, 1},
    Signature{"intersect", Function::intersect, 1, 1},
    Signature{"is", Function::is, 1, 1},
    Signature{"isDistinct", Function::is_distinct, 0, 0},
    Signature{"join", Function::join, 0, 1},
    Signature{"last", Function::last, 0, 0},
    Signature{"lastIndexOf", Function::last_index_of, 1, 1},
    Signature{"length", Function::length, 0, 0},
    Signature{"ln", Function::ln, 0, 0},
    Signature{"log", Function::log, 1, 1},
    Signature{"lower", Function::lower, 0, 0},
    Signature{"matches", Function::matches, 1, 1},
    Signature{"matchesFull", Function::matches_full, 1, 1},
    Signature{"memberOf", Function::member_of, 1, 1},
    Signature{"not", Function::not_, 0, 0},
    Signature{"now", Function::now, 0, 0},
    Signature{"ofType", Function::of_type, 1, 1},
    Signature{"power", Function::power, 1, 1},
    Signature{"repeat", Function::repeat, 1, 1},
    Signature{"replace", Function::replace, 2, 2},
    Signature{"replaceMatches", Function::replace_matches, 2, 2},
    Signature{"resolve", Function::resolve, 0, 0},
    Signature{"round", Function::round, 0, 1},
    Signature{"select", Function::select, 1, 1},
    Signature{"single", Function::single, 0, 0},
    Signature{"skip", Function::skip, 1, 1},
    Signature{"split", Function::split, 1, 1},
    Signature{"sqrt", Function::sqrt, 0, 0},
    Signature{"startsWith", Function::starts_with, 1, 1},
    Signature{"subsetOf", Function::subset_of, 1, 1},
    Signature{"substring", Function::substring, 1, 2},
    Signature{"subsumedBy", Function::subsumed_by, 1, 1},
    Signature{"subsumes", Function::subsumes, 1, 1},
    Signature{"supersetOf", Function::superset_of, 1, 1},
    Signature{"tail", Function::tail, 0, 0},
    Signature{"take", Function::take, 1, 1},
    Signature{"timeOfDay", Function::time_of_day, 0, 0},
    Signature{"toBoolean", Function::to_boolean, 0, 0},
    Signature{"toChars", Function::to_chars, 0, 0},
    Signature{"toDate", Function::to_date, 0, 0},
    Signature{"toDateTime", Function::to_date_time, 0, 0},
    Signature{"toDecimal", Function::to_decimal, 0, 0},
    Signature{"toInteger", Function::to_integer, 0, 0},
    Signature{"toQuantity", Function::to_quantity, 0, 1},
    Signature{"toString", Function::to_string, 0, 0},
    Signature{"toTime", Function::to_time, 0, 0},
    Signature{"today", Function::today, 0, 0},
    Signature{"trace", Function::trace, 1, 2},
    Signature{"trim", Function::trim, 0, 0},
    Signature{"truncate", Function::truncate, 0, 0},
    Signature{"type", Function::type, 0, 0},
    Signature{"unescape", Function::unescape, 1, 1},
    Signature{"union", Function::union_, 1, 1},
    Signature{"upper", Function::upper, 0, 0},
    Signature{"where", Function::where, 1, 1},
};

static_assert(std::ranges::is_sorted(signatures, {}, &Signature::name));

}  // namespace

std::optional<Signature> find_function(std::string_view name) {
    const auto found = std::ranges::lower_bound(signatures, name, {}, &Signature::name);
    if (found == signatures.end() || found->name != name) return std::nullopt;
    return *found;
}

std::string_view name_of(Function function) {
    const auto found = std::ranges::find(signatures, function, &Signature::function);
    return found == signatures.end() ? std::string_view() : found->name;
}

}  // namespace vigil::fhir::path
