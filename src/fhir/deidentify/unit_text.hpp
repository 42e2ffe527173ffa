#pragma once
// Whether a text is a unit of measure and nothing else: what stands beside a value may be kept only
// then, for anybody can write anything there.

#include <string_view>

#include "fhir/deidentify/rule_table.hpp"

namespace vigil::fhir::deidentify {

// A unit that devices send (metric/unit.hpp), or a UCUM term (UCUM 2.1, sections 3 and 4) of atoms
// that medicine uses, with annotations that have a row in the table: "mg/dL", "10*3/uL",
// "{score}", "mm[Hg]".
bool is_unit_text(std::string_view text, const RuleTable& table);

}  // namespace vigil::fhir::deidentify
