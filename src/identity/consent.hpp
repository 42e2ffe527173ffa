#pragma once
// What a patient agreed to, and did not: a FHIR Consent (R4 6.2) as far as it decides who may touch
// which data. fhir/consent reads it; the names here are that resource's.
//
// A provision says permit or deny of whom, what and when it names, and has exceptions, which say
// the other of less, as deep as one likes. What lies deepest decides; where two at one depth
// disagree, deny does. Between the Consents of one patient deny decides too: who is to be let in
// after all has to be an exception of what keeps the others out.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "identity/people.hpp"
#include "store/records.hpp"
#include "store/span.hpp"

namespace vigil::identity {

// http://terminology.hl7.org/CodeSystem/consentaction
enum class ConsentAction : std::uint8_t { collect, access, use, disclose, correct };
using ConsentActions = std::uint8_t;  // a bit each
constexpr ConsentActions bit(ConsentAction action) {
    return static_cast<ConsentActions>(1U << static_cast<unsigned>(action));
}

// A security label (Resource.meta.security).
struct SecurityLabel {
    std::string system, code;
    bool operator==(const SecurityLabel&) const = default;
};

// Which data a provision is about, as it was compiled. From any thread.
class DataClass {
public:
    virtual ~DataClass() = default;
    // What is meant where it cannot be told whether it is about something: for a denial it is
    // (wide), for a permission it is not (narrow).
    enum class Reading : std::uint8_t { wide, narrow };
    // Which resources of the type. AllOf{}: all; AnyOf{}: none.
    virtual store::Condition of_type(std::string_view type, Reading how) const = 0;
    // Of the readings of a metric within the span: in order, apart.
    virtual std::vector<store::Span> of_readings(MetricId metric, store::Span span,
                                                 Reading how) const = 0;
};

struct ConsentActor {
    enum class Kind : std::uint8_t {
        resource,      // "Practitioner/12": who bears it as Account::fhir_user; "Patient/7": who is
                       // that
        organization,  // "Organization/3": who bears it, or the site whose people all others are
        account,       // by user name
        role,
        unit,
        care_team  // whoever has that relation with the patient
    };
    Kind kind = Kind::resource;
    std::string name{};
    bool operator==(const ConsentActor&) const = default;
};

struct Provision {
    bool permits = false;  // else it denies
    std::optional<store::Span> period{};
    std::vector<ConsentActor> actors{};       // none: everybody
    ConsentActions actions = 0;               // none: every action
    std::vector<std::string> purposes{};      // codes (purposes.hpp); none: every purpose
    std::shared_ptr<const DataClass> data{};  // none: all data
    std::vector<SecurityLabel> labels{};      // that `data` asks for
    std::vector<Provision> exceptions{};
};

struct Consent {
    std::string id{};
    PatientId patient{};
    // What is said of all that the root is about; none: nothing but its exceptions.
    bool is_silent = false;
    Provision root{};
};

// As store/ and fhir/ name the type of resource.
constexpr std::string_view consent_type = "Consent";

// Who wants to do what, and what for.
struct Asker {
    std::string account{};    // the user name
    std::string fhir_user{};  // Account::fhir_user
    std::string patient{};    // "Patient/7", where they are one
    std::string organization{};
    Role role = Role::service;
    std::vector<std::string> units{};
    bool in_care_team = false;  // of the patient
    // For the Consents themselves, of which none is withheld: somebody has to record that one is
    // withdrawn. They see nothing else by it.
    bool keeps_consents = false;
    std::string purpose{};  // a code
    // All of these, and one of those: what is asked comes to both.
    ConsentActions actions = 0, one_of = 0;
    // By the person themself, not by a token, an app or a job: an emergency is theirs alone.
    bool in_person = true;
    Timestamp at{};
    bool operator==(const Asker&) const = default;
};

// About something of what is asked, as far as it is not about data: one of the actions, a part of
// the purpose. So much is enough for a denial.
bool is_about(const Provision& provision, const Asker& asker);
// About all of it: what a permission has to be.
bool permits_all(const Provision& provision, const Asker& asker);

}  // namespace vigil::identity
