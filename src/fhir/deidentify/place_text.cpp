#include "fhir/deidentify/place_text.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "metric/table.hpp"

namespace vigil {
namespace data {
extern const std::string_view zip3_tsv;
}

namespace fhir::deidentify {
namespace {

constexpr std::array<std::string_view, 52> states{
    "Alabama",        "Alaska",        "Arizona",
    "Arkansas",       "California",    "Colorado",
    "Connecticut",    "Delaware",      "District of Columbia",
    "Florida",        "Georgia",       "Hawaii",
    "Idaho",          "Illinois",      "Indiana",
    "Iowa",           "Kansas",        "Kentucky",
    "Louisiana",      "Maine",         "Maryland",
    "Massachusetts",  "Michigan",      "Minnesota",
    "Mississippi",    "Missouri",      "Montana",
    "Nebraska",       "Nevada",        "New Hampshire",
    "New Jersey",     "New Mexico",    "New York",
    "North Carolina", "North Dakota",  "Ohio",
    "Oklahoma",       "Oregon",        "Pennsylvania",
    "Puerto Rico",    "Rhode Island",  "South Carolina",
    "South Dakota",   "Tennessee",     "Texas",
    "Utah",           "Vermont",       "Virginia",
    "Washington",     "West Virginia", "Wisconsin",
    "Wyoming"};

std::unordered_set<std::string_view> prefixes_too_small() {
    std::unordered_set<std::string_view> found;
    for (TableReader row(data::zip3_tsv); row.next();) found.insert(row[0]);
    return found;
}

bool is_digits(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string_view zip3(std::string_view postal_code) {
    static const auto too_small = prefixes_too_small();
    const bool has_five = postal_code.size() == 5 && is_digits(postal_code);
    const bool has_nine = postal_code.size() == 10 && postal_code[5] == '-' &&
                          is_digits(postal_code.substr(0, 5)) && is_digits(postal_code.substr(6));
    if (!has_five && !has_nine) return {};
    const auto digits = postal_code.substr(0, 3);
    return too_small.contains(digits) ? std::string_view("000") : digits;
}

bool is_region(std::string_view text) {
    const bool is_code = (text.size() == 2 || text.size() == 3) &&
                         std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
    return is_code || std::ranges::find(states, text) != states.end();
}

bool is_united_states(std::string_view country) {
    return country.empty() || country == "US" || country == "USA" || country == "United States" ||
           country == "United States of America";
}

}  // namespace fhir::deidentify
}  // namespace vigil
