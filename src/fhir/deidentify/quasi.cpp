#include "fhir/deidentify/quasi.hpp"

namespace vigil::fhir::deidentify {

std::string_view words_of(Quasi quasi, std::uint8_t level) {
    constexpr std::array<std::string_view, 5> ages{"year of birth", "in bands of 5 years",
                                                   "in bands of 10 years", "in bands of 20 years",
                                                   "not told"};
    constexpr std::array<std::string_view, 3> zips{"as the method leaves it", "state only",
                                                   "not told"};
    if (quasi == Quasi::age) return ages.at(level);
    if (quasi == Quasi::zip) return zips.at(level);
    if (level == 0) return "told";
    return quasi == Quasi::diagnosis ? "codes that few have are withheld" : "not told";
}

}  // namespace vigil::fhir::deidentify
