#pragma once
// One FHIR R4 resource as it may leave: JSON in, JSON out. Pure: key, persons and what is in the
// release come in.
//
// The result is valid FHIR where the resource was: what must be there and is not told is marked
// "masked" (http://hl7.org/fhir/StructureDefinition/data-absent-reason), what cannot be without
// such a part goes whole. Relative times are cqf-relativeDateTime extensions in place of the value.

#include <string>

#include "base/json.hpp"
#include "fhir/deidentify/person.hpp"
#include "fhir/deidentify/plan.hpp"
#include "fhir/deidentify/pseudonym.hpp"

namespace vigil::fhir::deidentify {

// Extensions of ours in a released Patient.
constexpr std::string_view first_date_url = "urn:vigil:first-date";  // its year
constexpr std::string_view age_url = "urn:vigil:age";                // 90 or older; a band

// The release around a resource.
class Surroundings {
public:
    Surroundings() = default;
    Surroundings(const Surroundings&) = delete;
    Surroundings& operator=(const Surroundings&) = delete;
    virtual ~Surroundings() = default;
    // Whether a resource of a released type is there to be referred to.
    virtual bool holds(std::string_view type, std::string_view id) = 0;
    // A date of the person, other than a birth, that is told in some form.
    virtual void happened(const EventTime& /*time*/) {}
};

struct Manner {
    Method method = Method::safe_harbor;
    Times times = Times::relative;
    Levels levels{};
    const WithheldCodes* withheld = nullptr;
};

enum class Fate : std::uint8_t {
    released,
    left_out,  // resources of its type are not released
    refused    // it cannot be told without what would change its meaning, or names none
};

struct Counts {
    std::uint64_t masked = 0;      // elements that must be there
    std::uint64_t codings = 0;     // of systems or forms that the table has not
    std::uint64_t withheld = 0;    // codes too few have
    std::uint64_t references = 0;  // to what is not in the release
    std::uint64_t curves = 0;      // SampledData that are told
};

class Deidentifier {
public:
    // All outlive it. One thread at a time.
    Deidentifier(const Plan& plan, Pseudonyms& pseudonyms, const Manner& manner)
        : plan_(plan), pseudonyms_(pseudonyms), manner_(manner) {}

    // Appends the resource, without line breaks; `person` null: it is nobody's.
    Fate append(std::string& out, JsonValue resource, const Person* person,
                Surroundings& surroundings);

    // What `append` would say of it. A modifierExtension or implicitRules changes what all of a
    // resource means (FHIR R4 2.4.1, 2.26.3.1): without them it would say something else.
    Fate fate(JsonValue resource) const;

    const Counts& counts() const { return counts_; }
    const Plan& plan() const { return plan_; }

private:
    friend class Walk;
    const Plan& plan_;
    Pseudonyms& pseudonyms_;
    Manner manner_;
    Counts counts_;
};

// The id of the Patient whose resource it is; empty: nobody's.
std::string_view person_of(JsonValue resource);

}  // namespace vigil::fhir::deidentify
