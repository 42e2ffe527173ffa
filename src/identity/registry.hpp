#pragma once
// The people, devices, credentials and associations this server knows, in memory.
//
// Every change is an act: `plan_…` checks a command against what is known and says what act it is,
// app/ appends that to the log, and once it is committed `apply` makes it so. A refused command
// never reaches the log; the same log always makes the same registry. One owner, the loop's thread;
// it has no clock, no disk and no lock.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "base/hash.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "identity/act.hpp"
#include "identity/associations.hpp"
#include "identity/factors.hpp"
#include "identity/people.hpp"
#include "identity/privacy.hpp"
#include "identity/rights.hpp"
#include "identity/secret.hpp"
#include "store/series.hpp"

namespace vigil::store {
class Sealer;
}

namespace vigil::identity {

// When a command was given, and by whom.
struct Given {
    Timestamp at{};
    std::string by{};
};

// A secret that is shown once, and the act that keeps its digest.
struct NewSecret {
    std::string secret{};
    Act act;
};

// Who may do less than before, or has other credentials than before: their open conversations end,
// and whoever still may comes back.
struct AccessEnded {
    DeviceId device{};  // one of the two is 0
    AccountId account{};
};

// What follows from an act for the other rooms.
struct Applied {
    std::vector<store::Refile> refiles{};
    std::optional<AccessEnded> access_ended{};
    bool reach_changed = false;  // of somebody: what they watch is looked at again
};

struct AttachRequest {
    DeviceId device{};
    PatientId patient{};
    Timestamp from{}, to = end_of_time;
    AssociationRank rank = AssociationRank::manual;
    // Where it is on somebody else, a person is refused (conflict) unless they mean to take that
    // back.
    bool correction = false;
};

class Registry {
public:
    Registry() = default;
    Registry(const Registry&) = delete;  // it points into itself
    Registry& operator=(const Registry&) = delete;
    Registry(Registry&&) = default;
    Registry& operator=(Registry&&) = default;
    ~Registry() = default;

    // Numbers, `id` and `registered` of what is passed in are given by the registry.
    Result<Act> plan_add_patient(Patient patient, const Given& given);
    Result<Act> plan_change_patient(Patient patient, const Given& given) const;
    Result<Act> plan_add_device(Device device, const Given& given);
    Result<Act> plan_change_device(Device device, const Given& given) const;
    Result<Act> plan_attach(const AttachRequest& request, const Given& given) const;
    // Takes the device off whomever it is on at `from`, until the end of its stay there.
    Result<Act> plan_detach(DeviceId device, Timestamp from, const Given& given) const;

    Result<NewSecret> plan_device_token(DeviceId device, const RandomSource& random,
                                        const Given& given) const;
    Result<Act> plan_remove_device_token(DeviceId device, const Given& given) const;
    Result<Act> plan_certificate(DeviceCertificate certificate, const Given& given) const;
    Result<Act> plan_revoke_certificate(std::string_view serial, const Given& given) const;
    // registry_enrolment.cpp. The code in its normal form.
    Result<NewSecret> plan_enrolment(DeviceId device, Nanoseconds good_for,
                                     const RandomSource& random, const Given& given) const;
    Result<Act> plan_revoke_enrolment(DeviceId device, std::string reason,
                                      const Given& given) const;
    // Uses the code up.
    Result<Act> plan_enrolled_certificate(DeviceCertificate certificate, const Digest& code,
                                          const Given& given) const;
    Result<Act> plan_renewed_certificate(DeviceCertificate certificate, std::string renews,
                                         const Given& given) const;

    Result<Act> plan_add_account(Account account, const Given& given);
    // Refuses to take the last enabled administrator away.
    Result<Act> plan_change_account(Account account, const Given& given) const;
    Result<NewSecret> plan_api_token(AccountId account, std::string name,
                                     std::vector<std::string> scopes, Timestamp expires,
                                     const RandomSource& random, const Given& given);
    Result<Act> plan_revoke_token(TokenId token, const Given& given) const;

    // `unsupported`: a relation of that kind is not for an account of that role.
    Result<Act> plan_relation(CareRelation relation, const Given& given);
    Result<Act> plan_end_relation(RelationId relation, const Given& given) const;
    // An emergency that nobody has looked at yet, and not by whoever it was.
    Result<Act> plan_review(RelationId emergency, std::string finding, const Given& given) const;

    // `id`, `registered` and `changed` of what is passed in are given by the registry.
    Result<Act> plan_add_app(App app, const Given& given);
    Result<Act> plan_change_app(App app, const Given& given) const;
    Result<Act> plan_grant(Grant grant, const Given& given);
    Result<Act> plan_renew_grant(GrantRenewed renewed, const Given& given) const;
    Result<Act> plan_end_grant(GrantId grant, std::string reason, const Given& given) const;
    // registry_privacy.cpp. `conflict` while a hold stands.
    Result<Act> plan_erase(PatientId patient, std::string reason, const Given& given) const;
    Result<Act> plan_hold(PatientId patient, bool stands, std::string reason,
                          const Given& given) const;
    Result<Act> plan_restriction(PatientId patient, bool stands, std::string reason,
                                 const Given& given) const;

    // In log order. What stands at or before `applied()` is passed over. An error means that an act
    // committed in between made this one void: nothing has changed, and whoever gave the command
    // is told.
    Result<Applied> apply(const Act& act, Position position);
    Position applied() const { return applied_; }
    // Grows with every change that a remembered decision may rest on.
    std::uint64_t generation() const { return generation_; }
    // Grows with every change of whom an account may reach: units, beds, care relations.
    std::uint64_t reach_generation() const { return reach_generation_; }

    const Patient* patient(PatientId id) const;
    const Patient* find_patient(std::string_view identifier) const;
    // By the id that their Patient is to have: the first of them.
    const Patient* find_recorded(std::string_view record_id) const;
    const Device* device(DeviceId id) const {
        return id.value < device_of_number_.size() ? device_of_number_[id.value] : nullptr;
    }
    const Device* find_device(std::string_view external_id) const;
    const Account* account(AccountId id) const;
    const Account* find_account(std::string_view user_name) const;
    const ApiToken* token(TokenId id) const;
    const DeviceCertificate* certificate(std::string_view serial) const;
    const std::map<PatientId, Patient>& patients() const { return patients_; }
    const std::map<DeviceId, Device>& devices() const { return devices_; }
    const std::map<AccountId, Account>& accounts() const { return accounts_; }
    const std::map<TokenId, ApiToken>& tokens() const { return tokens_; }
    const std::map<std::string, DeviceCertificate, std::less<>>& certificates() const {
        return certificates_;
    }
    // Those of one device that have not been forgotten: ended ones are when it gets another.
    std::vector<const DeviceCertificate*> certificates_of(DeviceId device) const;
    // The one that is good longest; where none is, the one that was. Null: it never had one.
    const DeviceCertificate* newest_certificate(DeviceId device, Timestamp now) const;
    // The code that it was offered last and did not use, expired or not; null: none.
    const EnrolmentOffered* enrolment(DeviceId device) const;
    const CareRelation* relation(RelationId id) const;
    const std::map<RelationId, CareRelation>& relations() const { return relations_; }
    // Those of one account, of any time.
    std::vector<const CareRelation*> relations_of(AccountId account) const;
    // Who lies in a unit now.
    const std::set<PatientId>& patients_in(std::string_view unit) const;
    // The first time after `since` at which a care relation begins or ends; none: end_of_time.
    Timestamp next_reach_turn(Timestamp since) const;

    const Factors& factors() const { return factors_; }
    const Apps& apps() const { return apps_; }

    // That stands now; null: none does.
    const Standing* hold(PatientId patient) const;
    const Standing* restriction(PatientId patient) const;
    const std::map<PatientId, Standing>& restrictions() const { return restrictions_; }
    const std::map<PatientId, Erased>& erased() const { return erased_; }

    // On whom the device was; 0: on nobody, or not a device.
    PatientId patient_at(DeviceId device, Timestamp time) const {
        return device.value < associations_.size() ? associations_[device.value].patient_at(time)
                                                   : PatientId{};
    }
    // On whom it was, in order of time, gaps left out.
    const std::vector<Association>& spans(DeviceId device) const;

    bool has_token(DeviceId device) const;
    bool has_certificate(DeviceId device, Timestamp now) const;
    // `forbidden`, and nothing more said, for whatever is wrong.
    Result<Principal> check_device_token(std::string_view external_id,
                                         std::string_view secret) const;
    // The device whose code it is; the digest is of the code's normal form.
    Result<DeviceId> check_enrolment(std::string_view external_id, const Digest& code,
                                     Timestamp now) const;
    // A certificate whose chain the caller has verified.
    Result<Principal> check_certificate(std::string_view serial, Timestamp now) const;
    Result<Principal> check_api_token(std::string_view secret, Timestamp now) const;
    // Whoever a credential stood for still may do what they might then: its token stands, its
    // account is enabled, their rights are the same.
    bool stands(const Principal& who, Timestamp now) const;
    // Whose certificate or token came to its end after `since`, up to `now`.
    std::vector<AccessEnded> expired(Timestamp since, Timestamp now) const;

    // Everything, so that the log need not be read from its beginning. With a sealer what is a
    // patient's is sealed under their key, and passed over once that is destroyed.
    std::string snapshot(store::Sealer* sealer = nullptr) const;
    static Result<Registry> restore(std::string_view bytes, store::Sealer* sealer = nullptr);

private:
    Result<Applied> take(const Act& act, const PatientAdded& body);
    Result<Applied> take(const Act& act, const PatientChanged& body);
    Result<Applied> take(const Act& act, const DeviceAdded& body);
    Result<Applied> take(const Act& act, const DeviceChanged& body);
    Result<Applied> take(const Act& act, const DeviceAssociated& body);
    Result<Applied> take(const Act& act, const DeviceTokenSet& body);
    Result<Applied> take(const Act& act, const CertificateIssued& body);
    Result<Applied> take(const Act& act, const CertificateRevoked& body);
    Result<Applied> take(const Act& act, const EnrolmentOffered& body);
    Result<Applied> take(const Act& act, const EnrolmentRevoked& body);
    Result<Applied> take(const Act& act, const AccountAdded& body);
    Result<Applied> take(const Act& act, const AccountChanged& body);
    Result<Applied> take(const Act& act, const TokenIssued& body);
    Result<Applied> take(const Act& act, const TokenRevoked& body);
    Result<Applied> take(const Act& act, const RelationGiven& body);
    Result<Applied> take(const Act& act, const RelationEnded& body);
    Result<Applied> take(const Act& act, const EmergencyReviewed& body);
    Result<Applied> take(const Act& act, const AppAdded& body);
    Result<Applied> take(const Act& act, const AppChanged& body);
    Result<Applied> take(const Act& act, const GrantGiven& body);
    Result<Applied> take(const Act& act, const GrantRenewed& body);
    Result<Applied> take(const Act& act, const GrantEnded& body);
    Result<Applied> take(const Act& act, const PatientErased& body);
    Result<Applied> take(const Act& act, const HoldSet& body);
    Result<Applied> take(const Act& act, const RestrictionSet& body);
    template <class Body>  // of factors.hpp
    Result<Applied> take(const Act& act, const Body& body);

    Result<void> check_free(const Patient& patient) const;
    Result<void> check_known(const Device& device) const;
    Result<void> check_administrator_left(const Account& changed) const;
    Result<void> check_known(const App& app) const;
    bool app_stands(const Principal& who, const Account& owner, Timestamp now) const;
    Result<void> check_ground(const Act& act, const CertificateIssued& body) const;
    void supersede(DeviceId device, std::string_view keeps);
    void forget_ended(DeviceId device, Timestamp now);
    void forget_patient(PatientId patient);
    void move_unit(PatientId patient, const std::string& before, const std::string& after);

    Position applied_;
    std::uint64_t generation_ = 1, reach_generation_ = 1;
    // The next free numbers. They move when a command is planned, so that two commands in flight
    // never get one number; a number that never reached the log is never used.
    std::uint32_t next_patient_ = 1, next_device_ = 1, next_account_ = 1, next_token_ = 1,
                  next_relation_ = 1;

    std::map<PatientId, Patient> patients_;
    std::map<DeviceId, Device> devices_;
    std::vector<const Device*> device_of_number_;  // every message of a device asks for it
    std::map<AccountId, Account> accounts_;
    std::map<TokenId, ApiToken> tokens_;
    Factors factors_;
    Apps apps_;
    std::map<std::string, DeviceCertificate, std::less<>> certificates_;  // by serial
    // Into the map above.
    std::unordered_map<DeviceId, std::vector<DeviceCertificate*>> certificates_of_device_;
    std::map<DeviceId, EnrolmentOffered> enrolments_;
    std::map<RelationId, CareRelation> relations_;
    std::map<AccountId, std::vector<RelationId>> relations_of_account_;
    std::set<Timestamp> reach_turns_;  // at which one may begin or end
    std::map<std::string, std::set<PatientId>, std::less<>> patients_of_unit_;
    std::map<PatientId, Standing> holds_, restrictions_;
    std::map<PatientId, Erased> erased_;
    std::unordered_map<DeviceId, Digest> device_tokens_;
    std::vector<DeviceAssociations> associations_;  // by device number

    template <class Number>
    using ByName = std::unordered_map<std::string, Number, TextHash, std::equal_to<>>;
    ByName<PatientId> patient_of_identifier_, patient_of_record_;
    ByName<DeviceId> device_of_name_;
    ByName<AccountId> account_of_name_;
    std::unordered_map<Digest, TokenId, DigestHash> token_of_secret_;
};

template <class Body>
Result<Applied> Registry::take(const Act& /*act*/, const Body& body) {
    if (!accounts_.contains(body.account))
        return fail(Error::Kind::not_found, "there is no such account", "account");
    VIGIL_CHECK(factors_.take(body));
    Applied applied;
    if constexpr (std::is_same_v<Body, FactorsReset>)
        applied.access_ended = AccessEnded{.account = body.account};
    return applied;
}

}  // namespace vigil::identity
