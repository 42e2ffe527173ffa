#pragma once
// Where access to patient data is decided and put on record (promise 5 of docs/architecture.md).
// Nothing else can make a store::Access.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "identity/consents.hpp"
#include "identity/purposes.hpp"
#include "identity/reach.hpp"
#include "identity/registry.hpp"
#include "identity/rights.hpp"
#include "store/access.hpp"
#include "store/audit.hpp"

namespace vigil::identity {

// With whose data: named patients (0: what is filed under nobody), or everyone, which is cut down
// to whom the asker reaches. A search over everyone's that asks for one patient names them beside.
struct Subjects {
    bool everyone = false;
    std::vector<PatientId> patients{};

    static Subjects all() { return {.everyone = true, .patients = {}}; }
    static Subjects of(PatientId patient) { return {.everyone = false, .patients = {patient}}; }
};

// Interactions with resources of one type, any of these; an empty type: with those of many, each of
// which the access itself then answers for.
struct OfType {
    store::Interactions any_of = store::looking;
    std::string type{};
};

struct AccessRequest {
    store::Act act = store::Act::read;
    Subjects subjects{};
    // What is touched: areas, all of which must be open, or resources. Neither: refused.
    std::vector<Area> areas{};
    std::optional<OfType> resources{};
    std::string what{};  // what is done, as the audit names it: "series.window"
    // Why, by the name in data/purposes.tsv; empty: what the role is for. What is no purpose of use
    // ("sign-in") stands for itself.
    std::string purpose{};
    // It leaves the server for another system: an export, what subscribes, what an app fetches.
    bool discloses = false;
    // For the patients themselves, who asked for it (GDPR 15, 20): nothing of theirs is withheld.
    bool on_their_behalf = false;
    std::string from{};  // the address it came from
    Timestamp at{};
};

struct AuditLine {
    Timestamp at{};
    std::string who{};    // the principal's name; empty: nobody signed in
    std::string role{};   // "clinician", "device", "system", "nobody"
    std::string token{};  // the API token used; empty: none
    store::Act act = store::Act::read;
    std::string what{};
    Subjects subjects{};
    std::string purpose{};
    std::string from{};
    bool permitted = false;
    std::string reason{};  // of a denial
};

// As it is stored.
store::AuditLine stored(AuditLine line);

// An access whose line is committed with what it writes, or recorded once that came to nothing.
struct OwedAccess {
    store::Access access;
    std::shared_ptr<store::OwedLine> owed;
    AuditLine line;
};

// How far its line must have come before an answer leaves.
enum class OnRecord : std::uint8_t {
    durable,  // it is on disk
    held,     // or in memory, while the disk takes no writes and the site allows that
};

// Takes the lines of the audit, in order.
class AuditSink {
public:
    virtual ~AuditSink() = default;
    // False: there is no room for it, and what it is about must not happen.
    virtual bool record(AuditLine line) = 0;
    // Calls back once every line recorded so far is on record: no answer leaves before. An error
    // means that the access is not, and the answer must be withheld.
    virtual void when_on_record(OnRecord least, std::function<void(Result<void>)> done) = 0;
};

class PersonsWithholding;

class AccessDesk {
public:
    // Both outlive the desk, which outlives every access of its.
    AccessDesk(AuditSink& sink, const Registry& registry)
        : sink_(sink), registry_(registry), reaches_(registry) {}

    // What patients agreed to, and did not.
    Consents& consents() { return consents_; }
    // Who people are in the record, as Consents name them: the site's own Organization (empty: not
    // known), and the id of a patient's Patient (empty: there is none).
    void know_record(std::string organization, std::function<std::string(PatientId)> patient_id) {
        organization_ = std::move(organization);
        patient_id_ = std::move(patient_id);
    }

    // One line of audit a call, whatever the answer. Default deny; the error is `forbidden`, or
    // `busy` where the line found no room.
    Result<store::Access> decide(const Principal& who, const AccessRequest& request);

    // For what goes on after its answer: decided again, without a line where it comes to the same
    // as before.
    Result<store::Access> renew(const Principal& who, const AccessRequest& request,
                                const store::Access& before);

    // Of the patients whom the request names, those with whose data it would be permitted.
    std::vector<PatientId> open_to(const Principal& who, AccessRequest request);

    // Some of a patient's readings are withheld from them: of what is passed on whole.
    bool withholds_readings(const Principal& who, PatientId patient, Timestamp now);

    // Whom they reach now, whatever is withheld of them.
    std::shared_ptr<const Reached> reached(const Principal& who, Timestamp now) {
        return reaches_.of(who, now);
    }

    // The same for what writes, and for what shows only while it is read whose data it is: the line
    // of an access that is given is not on record yet, but owed. Patients may be added to it.
    Result<OwedAccess> decide_owing(const Principal& who, const AccessRequest& request);
    // What is still owed is recorded, before the answer leaves. False: the line found no room.
    bool settle(const OwedAccess& access);

    // Puts on record what is no access to patient data: a sign-in that failed, a setting changed.
    // False: the line found no room.
    bool note(const Principal& who, const AccessRequest& request, bool permitted,
              std::string reason = {});

    // The line of a part of what is permitted and on record already, which commits with what that
    // part writes.
    static store::AuditLine line_of_part(const Principal& who, const AccessRequest& request);

    // For the server's own consumers of the log, which act for nobody and answer to nobody: filing
    // readings, rebuilding, retention. Their lines are the entries themselves.
    static store::Access for_system(std::string purpose);

private:
    // What is asked, as it was understood.
    struct Asked;
    Asked understood(const Principal& who, const AccessRequest& request);
    static store::Access made(const Asked& asked);

    std::shared_ptr<const PersonsWithholding> withholding(const Principal& who, Asker asker,
                                                          std::shared_ptr<const Reached> reached);

    AuditSink& sink_;
    const Registry& registry_;
    Reaches reaches_;
    // Of those who asked last, each by a token or an account: most ask the same again and again.
    static constexpr std::size_t withholdings_max = 256;
    std::unordered_map<std::uint64_t, std::shared_ptr<const PersonsWithholding>> withholdings_;
    Asker asker(const Principal& who, const AccessRequest& request, const Reached& reached,
                std::string code) const;

    Consents consents_;
    std::string organization_;
    std::function<std::string(PatientId)> patient_id_;
};

}  // namespace vigil::identity
