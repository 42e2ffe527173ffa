#pragma once
// Scopes of SMART App Launch 2.x ("Scopes for requesting FHIR resources"): whose context, which
// type of resource, which interactions, and a search that narrows them.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "store/type_rights.hpp"

namespace vigil::identity {

struct Scope {
    enum class Context : std::uint8_t {
        patient,  // the one whom the app was launched for
        user,     // whomever the person who uses it may see
        system    // whomever the service may see
    };
    Context context = Context::system;
    std::string type{};  // "Observation"; empty: every type (*)
    store::Interactions interactions = store::no_interaction;
    std::string query{};  // "category=vital-signs"; empty: all of the type
    bool operator==(const Scope&) const = default;
};

// "patient/Observation.rs?category=vital-signs", or "patient/Observation.read" as version 1 of SMART
// App Launch wrote it. `unsupported` says what is wrong with it.
Result<Scope> read_scope(std::string_view text);
std::string to_string(const Scope& scope);

}  // namespace vigil::identity
