#pragma once
// The walk through a resource: JSON form (FHIR R4 2.6.2), names, cardinality and types, and at each
// element the checks that belong to it.

#include "fhir/validation/report.hpp"
#include "fhir/validation/scope.hpp"

namespace vigil::fhir {

class Walk {
public:
    Walk(const Definitions& definitions, Report& report)
        : definitions_(definitions), report_(report) {}

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

    const Definitions& definitions_;
    Report& report_;
};

}  // namespace vigil::fhir
