#include "app/gatekeeper.hpp"

#include <algorithm>

#include "identity/password.hpp"

namespace vigil::app {
namespace {

broker::Principal for_broker(const identity::Principal& who) {
    return {.kind = who.kind == identity::Principal::Kind::device
                        ? broker::Principal::Kind::device
                        : broker::Principal::Kind::account,
            .id = who.name,
            .device = who.device,
            .account = who.account};
}

}  // namespace

void RegistryGatekeeper::authenticate(broker::Credentials credentials, Answer answer) {
    if (!credentials.user_name && !credentials.peer.certificate_pem.empty())
        return give(by_certificate(credentials), answer);
    if (!credentials.user_name || !credentials.password)
        return give(fail(Error::Kind::forbidden, "no credential was shown"), answer);
    // A device's name is not an account's: the registry keeps them apart.
    if (sources_.registry.find_device(*credentials.user_name) != nullptr)
        return give(
            sources_.registry.check_device_token(*credentials.user_name, *credentials.password),
            answer);
    if (credentials.password->starts_with(identity::api_token_prefix)) {
        auto who = sources_.registry.check_api_token(*credentials.password, sources_.now());
        if (who && who->name != *credentials.user_name)
            who = fail(Error::Kind::forbidden, "the token is another account's");
        return give(who, answer);
    }
    by_password(credentials, std::move(answer));
}

Result<identity::Principal> RegistryGatekeeper::by_certificate(
    const broker::Credentials& credentials) const {
    const auto now = sources_.now();
    VIGIL_TRY(shown, sources_.authority.verify_device(credentials.peer.certificate_pem, now));
    return sources_.registry.check_certificate(shown.serial, now);
}

void RegistryGatekeeper::by_password(const broker::Credentials& credentials, Answer answer) {
    auto check =
        sources_.sign_in.begin(*credentials.user_name, credentials.peer.address, sources_.now());
    if (!check) return give(tl::unexpected(check.error()), answer);
    sources_.on_worker([this, check = std::move(*check), password = *credentials.password,
                        answer = std::move(answer)] {
        const bool matched = password.size() <= identity::password_bytes_max &&
                             identity::verify_password(password, check.hash);
        sources_.on_loop([this, check, matched, answer] {
            give(sources_.sign_in.finish(check, matched, sources_.now()), answer);
        });
    });
}

void RegistryGatekeeper::give(const Result<identity::Principal>& who, const Answer& answer) {
    if (who) return answer(for_broker(*who));
    ++refused_;
    answer(tl::unexpected(who.error()));
}

identity::Principal RegistryGatekeeper::full(const broker::Principal& principal) const {
    if (principal.kind == broker::Principal::Kind::device) {
        const auto* device = sources_.registry.device(principal.device);
        return device != nullptr ? identity::principal_of(*device) : identity::nobody();
    }
    const auto* account = sources_.registry.account(principal.account);
    return account != nullptr && account->enabled ? identity::principal_of(*account)
                                                  : identity::nobody();
}

bool RegistryGatekeeper::may_publish(const broker::Principal& principal, std::string_view topic) {
    return sources_.rules.may_publish(full(principal), topic);
}

bool RegistryGatekeeper::may_receive(const broker::Principal& principal,
                                     std::span<const PatientId> patients) {
    if (patients.empty() || principal.kind == broker::Principal::Kind::device) return true;
    const auto who = full(principal);
    const auto now = sources_.now();
    return std::ranges::none_of(patients, [&](PatientId patient) {
        return sources_.desk.withholds_readings(who, patient, now);
    });
}

bool RegistryGatekeeper::may_subscribe(const broker::Principal& principal,
                                       std::string_view filter) {
    return sources_.rules.may_subscribe(full(principal), filter);
}

}  // namespace vigil::app
