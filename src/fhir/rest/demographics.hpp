#pragma once
// The little of a Patient that identity/ keeps, so that a ward can tell its patients apart.

#include <string>

#include "base/json.hpp"

namespace vigil::fhir {

struct Demographics {
    std::string display_name, identifier, birth_date, sex;
    std::string id = {};  // the Patient's, where its writer chose it; else empty
    bool operator==(const Demographics&) const = default;
};

Demographics demographics_of(JsonValue patient);

}  // namespace vigil::fhir
