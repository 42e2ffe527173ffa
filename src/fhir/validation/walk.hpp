#pragma once
// The walk through a resource: JSON form (FHIR R4 2.6.2), names, cardinality and types, and at each
// element the checks that belong to it.

#include "fhir/validation/invariants.hpp"
#include "fhir/validation/profile_check.hpp"
#include "fhir/validation/scope.hpp"
#include "fhir/validation/validator.hpp"

namespace vigil::fhir {

class Walk {
public:
    // What a walk leans on; all outlive it. `profiles` may be null.
    struct Rules {
        const Definitions& definitions;
        const Invariants& invariants;
        const Profiles* profiles;
    };
    Walk(const Rules& rules, const ValidationOptions& options, Report& report)
        : definitions_(rules.definitions),
          invariants_(rules.invariants),
          profiles_(rules.profiles),
          options_(options),
          report_(report) {}

    void root(JsonValue resource);

private:
    // What the JSON has of one element: its value and the "_name" beside a primitive's.
    struct Slot {
        const TypeUse* use = nullptr;
        JsonValue value, beside;
        bool is_present() const { return use != nullptr; }
    };

    void resource(JsonValue resource, const Scope& around, const Place& place, bool is_contained);
    void object(const Type& type, JsonValue object, const Scope& scope, const Place& place);
    void member(const Type& type, std::string_view name, JsonValue value, std::vector<Slot>& slots,
                const Place& place);
    void element(const Type& owner, const Element& element, const Slot& slot, const Scope& scope,
                 const Place& place);
    void repeated(const Element& element, const Slot& slot, const Scope& scope, const Place& place);
    void single(const Element& element, const TypeUse& use, JsonValue value, JsonValue beside,
                const Scope& scope, const Place& place);
    void primitive(const Element& element, const Type& type, JsonValue value, JsonValue beside,
                   const Scope& scope, const Place& place);
    void known_type(const TypeUse& use, JsonValue value, const Scope& scope, const Place& place);

    void profiles(const Scope& scope, const Place& place);
    void profile(std::string_view canonical, const Scope& scope, const Place& place);
    path::Environment environment_of(const Scope& scope) const;

    const Definitions& definitions_;
    const Invariants& invariants_;
    const Profiles* profiles_;
    const ValidationOptions& options_;
    Report& report_;
};

}  // namespace vigil::fhir
