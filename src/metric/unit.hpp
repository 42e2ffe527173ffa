#pragma once
// UCUM units (the Unified Code for Units of Measure, ucum.org) as far as the catalogue needs them.

#include <optional>
#include <string_view>

#include "base/decimal.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"

namespace vigil {

struct Unit {
    UnitId id;               // stable for ever: stored in the log and in chunks
    std::string_view ucum;   // "mm[Hg]", "Cel", "/min"
    std::string_view shown;  // "mmHg", "°C", "1/min"
    std::string_view mdc_refid;
    std::uint32_t mdc_code = 0;  // 32-bit CF code (partition 4), 0 if none is known
};

namespace units {

const Unit& at(UnitId id);  // id 0 is "no unit declared"; an id read from disk: < count()
std::size_t count();        // ids are 0..count()-1
// By UCUM code, case-sensitive, and the synonyms devices send ("bpm", "mmHg", "degC", "%"): a
// synonym is listed only where it can mean one thing.
std::optional<UnitId> find(std::string_view code);
std::optional<UnitId> find_mdc(std::uint32_t mdc_code);

// A value in another unit of the same quantity: exact rational factors (kPa→mm[Hg], [degF]→Cel),
// rounded half away from zero to the precision the source carried plus what the factor needs.
// `molar_mass_g_per_mol` is the analyte's, for mg/dL ⇄ mmol/L; without it such a pair is refused.
Result<Decimal> convert(const Decimal& value, UnitId from, UnitId to,
                        std::optional<Decimal> molar_mass_g_per_mol = std::nullopt);

}  // namespace units
}  // namespace vigil
