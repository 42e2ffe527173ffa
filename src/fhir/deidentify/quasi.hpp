#pragma once
// Quasi-identifiers: what may single a person out together with what others know of them, and how
// much less exactly each can be told.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace vigil::fhir::deidentify {

enum class Quasi : std::uint8_t { age, sex, zip, race, diagnosis, site, year };
constexpr std::array all_quasi{Quasi::age,       Quasi::sex,  Quasi::zip, Quasi::race,
                               Quasi::diagnosis, Quasi::site, Quasi::year};
constexpr std::size_t quasi_count = all_quasi.size();

constexpr std::string_view name_of(Quasi quasi) {
    constexpr std::array<std::string_view, quasi_count> names{"age",       "sex",  "zip", "race",
                                                              "diagnosis", "site", "year"};
    return names.at(static_cast<std::size_t>(quasi));
}

constexpr std::optional<Quasi> quasi_of(std::string_view name) {
    for (const auto one : all_quasi)
        if (name_of(one) == name) return one;
    return std::nullopt;
}

// The levels of generalisation, the same for everybody. 0: as the method leaves it. Age: the year
// of birth, then bands of 5, 10 and 20 years, then nothing. ZIP: its digits, the state, nothing.
// The others are told or not; of diagnoses those go that few persons have.
constexpr std::uint8_t level_max(Quasi quasi) {
    if (quasi == Quasi::age) return 4;
    return quasi == Quasi::zip ? 2 : 1;
}
// 0: no bands at this level.
constexpr int age_band_years(std::uint8_t level) {
    constexpr std::array bands{0, 5, 10, 20, 0};
    return bands.at(level);
}

struct Levels {
    std::array<std::uint8_t, quasi_count> of{};
    std::uint8_t operator[](Quasi quasi) const { return of.at(static_cast<std::size_t>(quasi)); }
    std::uint8_t& operator[](Quasi quasi) { return of.at(static_cast<std::size_t>(quasi)); }
    bool operator==(const Levels&) const = default;
};

// What a level means, in words: "in bands of 10 years".
std::string_view words_of(Quasi quasi, std::uint8_t level);

}  // namespace vigil::fhir::deidentify
