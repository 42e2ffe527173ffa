// The numbers that identity/ gives the record's Patients, and the Patients of those whom it knows.

#include <algorithm>
#include <optional>
#include <set>

#include "app/fhir_door.hpp"
#include "base/json_writer.hpp"

namespace vigil::app {
namespace {

identity::Patient registered(const fhir::Demographics& patient) {
    identity::Patient out;
    out.display_name = patient.display_name.empty() ? "Unnamed" : patient.display_name;
    out.identifier = patient.identifier;
    out.birth_date = patient.birth_date;
    out.sex = patient.sex;
    out.record_id = patient.id;
    return out;
}

// What the ward needs at least, where the rest is not as the registry takes it.
identity::Patient reduced(const identity::Patient& patient) {
    identity::Patient out;
    out.display_name = patient.display_name;
    out.record_id = patient.record_id;
    return out;
}

std::string patient_resource(const identity::Patient& patient) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("resourceType", "Patient");
    if (!patient.record_id.empty()) json.member("id", patient.record_id);
    json.member("active", true);
    if (!patient.identifier.empty())
        json.key("identifier")
            .begin_array()
            .begin_object()
            .member("value", patient.identifier)
            .end_object()
            .end_array();
    json.key("name")
        .begin_array()
        .begin_object()
        .member("text", patient.display_name)
        .end_object()
        .end_array();
    if (!patient.sex.empty()) json.member("gender", patient.sex);
    if (!patient.birth_date.empty()) json.member("birthDate", patient.birth_date);
    json.end_object();
    return text;
}

}  // namespace

struct FhirDoor::Numbering {
    std::vector<PatientId> numbers;
    std::size_t open = 0;
    std::string by;  // who asked for them
    std::optional<Error> failed;
    std::function<void(Result<std::vector<PatientId>>)> done;

    void one_less() {
        if (--open > 0) return;
        if (failed) return done(tl::unexpected(std::move(*failed)));
        done(std::move(numbers));
    }
};

void FhirDoor::number(std::vector<fhir::Demographics> patients, std::string by,
                      std::function<void(Result<std::vector<PatientId>>)> done) {
    auto numbering = std::make_shared<Numbering>();
    numbering->numbers.resize(patients.size());
    numbering->open = patients.size();
    numbering->by = std::move(by);
    numbering->done = std::move(done);
    std::set<std::string> identifiers;
    for (std::size_t i = 0; i < patients.size(); ++i) {
        // One who was numbered for a write that never came keeps the number.
        if (const auto* known = parts_.registry.find_recorded(patients[i].id)) {
            numbering->numbers[i] = known->id;
            numbering->one_less();
            continue;
        }
        auto patient = registered(patients[i]);
        // The registry tells patients apart by identifier: a second one of that number is told
        // apart by the record.
        const bool taken = parts_.registry.find_patient(patient.identifier) != nullptr ||
                           !identifiers.insert(patient.identifier).second;
        if (taken) patient.identifier.clear();
        give_number(numbering, i, patient);
    }
}

void FhirDoor::give_number(const std::shared_ptr<Numbering>& numbering, std::size_t index,
                           const identity::Patient& patient) {
    const identity::Given given{parts_.now(), numbering->by};
    auto act = parts_.registry.plan_add_patient(patient, given);
    if (!act) act = parts_.registry.plan_add_patient(reduced(patient), given);
    if (!act)
        act = parts_.registry.plan_add_patient(
            {.display_name = "Unnamed", .record_id = patient.record_id}, given);
    if (!act) {
        numbering->failed = std::move(act).error();
        return numbering->one_less();
    }
    const auto number = std::get<identity::PatientAdded>(act->body).patient.id;
    numbering_.insert(number);
    parts_.acts.give(std::move(*act), [this, numbering, index, number,
                                       patient](const Result<identity::Applied>& taken) {
        if (taken) {
            numbering->numbers[index] = number;
            return numbering->one_less();
        }
        numbering_.erase(number);
        // Someone else took the identifier meanwhile.
        if (taken.error().kind == Error::Kind::conflict && !patient.identifier.empty())
            return give_number(numbering, index, reduced(patient));
        numbering->failed = taken.error();
        numbering->one_less();
    });
}

void FhirDoor::patient_added(const identity::Patient& patient) {
    if (numbering_.erase(patient.id) > 0) return;
    if (!server_.patients().id(patient.id)) make_patient(patient);
}

// The ward calls a patient as their Patient does, as far as the registry takes it.
void FhirDoor::patient_written(PatientId number, const fhir::Demographics& demographics) {
    const auto* known = parts_.registry.patient(number);
    if (known == nullptr) return;
    auto changed = *known;
    if (!demographics.display_name.empty()) changed.display_name = demographics.display_name;
    changed.birth_date = demographics.birth_date;
    changed.sex = demographics.sex;
    const auto* other = parts_.registry.find_patient(demographics.identifier);
    if (demographics.identifier.empty() || other == nullptr)
        changed.identifier = demographics.identifier;
    if (changed == *known) return;
    auto act = parts_.registry.plan_change_patient(changed, {parts_.now(), "fhir"});
    if (!act) return;  // the registry does not take it: the Patient keeps it alone
    parts_.acts.give(std::move(*act), [](const Result<identity::Applied>&) {});
}

std::string FhirDoor::id_of(PatientId patient) const {
    return server_.patients().id(patient).value_or("");
}

// Of a patient whom the command line or the console registered, or whose write was cut off between
// their number and their Patient.
void FhirDoor::make_patient(const identity::Patient& patient) {
    server_.create_patient(identity::AccessDesk::for_system("registration"),
                           patient_resource(patient), patient.id, patient.record_id);
}

}  // namespace vigil::app
