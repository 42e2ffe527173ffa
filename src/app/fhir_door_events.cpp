// Who sees the lines of the audit over FHIR.
#include "app/fhir_door.hpp"

namespace vigil::app {
namespace {

using identity::Area;

// To look at events and at nothing else.
const std::shared_ptr<const store::TypeRights>& rights_to_events() {
    static const auto rights = std::make_shared<const store::TypeRights>(
        store::TypeRights::Rules{{"AuditEvent", store::TypeRule{store::looking, false}}},
        store::TypeRule{});
    return rights;
}

// The registry is the loop's: names are taken along.
std::shared_ptr<const fhir::ShownAccounts> shown_accounts(const identity::Registry& registry) {
    auto shown = std::make_shared<fhir::ShownAccounts>();
    for (const auto& [id, account] : registry.accounts())
        shown->emplace(account.user_name,
                       fhir::ShownAccount{account.display_name, account.fhir_user});
    return shown;
}

}  // namespace

std::optional<fhir::EventReader> FhirDoor::admit_to_events(const fhir::Asked& asked,
                                                           identity::Principal& who,
                                                           identity::AccessRequest& wanted) const {
    if (!asked.of_events) return std::nullopt;
    if (who.rights.allow(Area::audit, store::Act::read) && !who.patient) {
        wanted.areas = {Area::audit};
        return fhir::EventReader{.patient = {}, .accounts = shown_accounts(parts_.registry)};
    }
    const auto patient = server_.patients().number(asked.searched);
    if (!patient) return std::nullopt;
    who.rights.types = rights_to_events();
    wanted.areas = {Area::patients};
    wanted.subjects = identity::Subjects::of(*patient);
    return fhir::EventReader{.patient = patient, .accounts = shown_accounts(parts_.registry)};
}

}  // namespace vigil::app
