#pragma once
// Who may connect to the broker, and what they may do there: the registry's devices and accounts.

#include <functional>

#include "broker/inbound.hpp"
#include "identity/access_desk.hpp"
#include "identity/certificates.hpp"
#include "identity/registry.hpp"
#include "identity/sign_in.hpp"
#include "identity/topic_rules.hpp"

namespace vigil::app {

class RegistryGatekeeper : public broker::Gatekeeper {
public:
    struct Sources {
        const identity::Registry& registry;
        identity::AccessDesk& desk;
        const identity::CertificateAuthority& authority;
        identity::SignInDesk& sign_in;
        identity::TopicRules rules;
        std::function<Timestamp()> now;
        std::function<void(std::function<void()>)> on_worker, on_loop;
    };
    explicit RegistryGatekeeper(Sources sources) : sources_(std::move(sources)) {}

    void authenticate(broker::Credentials credentials,
                      std::function<void(Result<broker::Principal>)> answer) override;
    bool may_publish(const broker::Principal& principal, std::string_view topic) override;
    bool may_subscribe(const broker::Principal& principal, std::string_view filter) override;
    bool may_receive(const broker::Principal& principal,
                     std::span<const PatientId> patients) override;
    std::uint64_t generation() const override { return sources_.registry.generation(); }

    std::uint64_t refused() const { return refused_; }

private:
    using Answer = std::function<void(Result<broker::Principal>)>;
    Result<identity::Principal> by_certificate(const broker::Credentials& credentials) const;
    void by_password(const broker::Credentials& credentials, Answer answer);
    void give(const Result<identity::Principal>& who, const Answer& answer);
    identity::Principal full(const broker::Principal& principal) const;

    Sources sources_;
    std::uint64_t refused_ = 0;
};

}  // namespace vigil::app
