#include "fhir/deidentify/unit_text.hpp"

#include <algorithm>
#include <array>

#include "metric/unit.hpp"

namespace vigil::fhir::deidentify {
namespace {

constexpr std::size_t unit_length_max = 40;

// UCUM's case-sensitive symbols. Those that take a prefix ("metric") and those that do not.
constexpr std::array<std::string_view, 33> metric_atoms{
    "m",  "s",  "g",   "L", "l",    "mol",  "K",  "Cel", "cal", "J",     "Pa",
    "W",  "V",  "A",   "C", "F",    "Ohm",  "S",  "Hz",  "N",   "Bq",    "Gy",
    "Sv", "cd", "kat", "U", "[IU]", "[iU]", "eq", "osm", "bar", "m[Hg]", "m[H2O]"};
constexpr std::array<std::string_view, 35> plain_atoms{
    "%",     "1",      "min",      "h",        "d",        "wk",       "mo",
    "a",     "deg",    "[degF]",   "[lb_av]",  "[oz_av]",  "[in_i]",   "[ft_i]",
    "[pH]",  "[drp]",  "[CFU]",    "[cfu]",    "[pfu]",    "[arb'U]",  "[hp'_X]",
    "[HPF]", "[LPF]",  "[foz_us]", "[cup_us]", "[tsp_us]", "[tbs_us]", "[ppm]",
    "[ppb]", "[ppth]", "[mesh_i]", "[Ch]",     "[diop]",   "dB",       "B"};
constexpr std::array<std::string_view, 16> prefixes{"k", "h", "d", "c", "m",  "u", "n", "p",
                                                    "f", "M", "G", "T", "da", "a", "P", "E"};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_atom(std::string_view text) {
    if (std::ranges::find(plain_atoms, text) != plain_atoms.end()) return true;
    if (std::ranges::find(metric_atoms, text) != metric_atoms.end()) return true;
    return std::ranges::any_of(prefixes, [text](std::string_view prefix) {
        return text.starts_with(prefix) &&
               std::ranges::find(metric_atoms, text.substr(prefix.size())) != metric_atoms.end();
    });
}

// "10*3", "10^-6", "24", each a factor.
bool is_number(std::string_view text) {
    const auto power = text.find_first_of("*^");
    const auto all_digits = [](std::string_view digits) {
        return !digits.empty() && digits.size() <= 6 && std::ranges::all_of(digits, is_digit);
    };
    if (power == std::string_view::npos) return all_digits(text);
    auto exponent = text.substr(power + 1);
    if (exponent.starts_with('-') || exponent.starts_with('+')) exponent.remove_prefix(1);
    return text.substr(0, power) == "10" && all_digits(exponent);
}

// An atom with its exponent: "m2", "s-1".
bool is_power(std::string_view text) {
    if (is_number(text) || is_atom(text)) return true;
    while (!text.empty() && is_digit(text.back())) text.remove_suffix(1);
    if (text.ends_with('-') || text.ends_with('+')) text.remove_suffix(1);
    return is_atom(text);
}

bool is_component(std::string_view text, const RuleTable& table) {
    if (text.ends_with('}')) {
        const auto open = text.find('{');
        if (open == std::string_view::npos) return false;
        if (!table.is_annotation(text.substr(open + 1, text.size() - open - 2))) return false;
        text = text.substr(0, open);
        if (text.empty()) return true;
    }
    return is_power(text);
}

}  // namespace

bool is_unit_text(std::string_view text, const RuleTable& table) {
    if (text.empty() || text.size() > unit_length_max) return false;
    if (units::find(text)) return true;
    if (text.starts_with('/')) text.remove_prefix(1);
    for (std::size_t start = 0;;) {
        const auto end = std::min(text.find_first_of("./", start), text.size());
        auto component = text.substr(start, end - start);
        if (component.starts_with('(')) component.remove_prefix(1);
        if (component.ends_with(')')) component.remove_suffix(1);
        if (!is_component(component, table)) return false;
        if (end == text.size()) return true;
        start = end + 1;
    }
}

}  // namespace vigil::fhir::deidentify
