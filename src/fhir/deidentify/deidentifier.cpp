#include "fhir/deidentify/deidentifier.hpp"

#include <array>

#include "fhir/deidentify/walk.hpp"

namespace vigil::fhir::deidentify {
namespace {

bool has_modifier(JsonValue value) {
    for (auto at = value.begin(); at != value.end(); ++at) {
        if (value.is(JsonKind::object) &&
            (at.key() == "modifierExtension" || at.key() == "implicitRules"))
            return true;
        if (has_modifier(*at)) return true;
    }
    return false;
}

}  // namespace

Fate Deidentifier::fate(JsonValue resource) const {
    if (plan_.resource(resource["resourceType"].string()) == nullptr) return Fate::left_out;
    const bool has_id = !resource["id"].string().empty();
    return has_id && !has_modifier(resource) ? Fate::released : Fate::refused;
}

Fate Deidentifier::append(std::string& out, JsonValue resource, const Person* person,
                          Surroundings& surroundings) {
    const auto decided = fate(resource);
    if (decided != Fate::released) return decided;
    if (person_of(resource).empty()) person = nullptr;
    Walk(*this, person, surroundings, out)
        .resource(*plan_.resource(resource["resourceType"].string()), resource);
    return decided;
}

std::string_view person_of(JsonValue resource) {
    constexpr std::string_view patient = "Patient/";
    if (resource["resourceType"].string() == "Patient") return resource["id"].string();
    for (const auto name : {"subject", "patient", "individual", "beneficiary"}) {
        auto text = resource[name]["reference"].string();
        if (!text.starts_with(patient)) continue;
        text.remove_prefix(patient.size());
        return text.substr(0, text.find('/'));
    }
    return {};
}

}  // namespace vigil::fhir::deidentify
