#include "app/gatekeeper.hpp"

#include <gmock/gmock.h>

#include <deque>

#include "identity/password.hpp"
#include "identity/ward.hpp"

namespace vigil::app {
namespace {

using identity::at;

struct Ledger final : identity::AuditSink {
    bool record(identity::AuditLine line) override {
        lines.push_back(std::move(line));
        return true;
    }
    void when_on_record(identity::OnRecord, std::function<void(Result<void>)> done) override {
        done({});
    }
    std::vector<identity::AuditLine> lines;
};

// A pump with a token, a monitor with a certificate, and the service `bus`, which has a password,
// a token, and the topics of site/.
class GatekeeperTest : public testing::Test {
protected:
    GatekeeperTest() {
        ward.device("pump-1");
        token = ward.device_token("pump-1");
        const auto monitor = ward.device("monitor-1");
        certificate = *authority.issue_device("monitor-1", at(7));
        ward.must(ward.registry.plan_certificate({.device = monitor,
                                                  .serial = certificate.serial,
                                                  .not_before = certificate.not_before,
                                                  .not_after = certificate.not_after},
                                                 ward.now()));
        const auto hash = identity::hash_password(password, {.memory_bytes = 8192, .passes = 1});
        ward.must(ward.registry.plan_add_account(
            {.user_name = "bus", .role = identity::Role::service, .password_hash = *hash},
            ward.now()));
        auto issued = ward.registry.plan_api_token(
            ward.registry.find_account("bus")->id, "integration", {"system/*.cruds"},
            identity::end_of_time, identity::system_random(), ward.now());
        api_token = issued->secret;
        ward.must(issued->act);
    }

    // The answer, once the worker has done what it was given.
    Result<broker::Principal> ask(broker::Credentials credentials) {
        std::optional<Result<broker::Principal>> answer;
        credentials.peer.address = "192.0.2.7:50312";
        keeper.authenticate(std::move(credentials),
                            [&](Result<broker::Principal> given) { answer = std::move(given); });
        EXPECT_FALSE(answer && !work.empty()) << "answered before the password was looked at";
        while (!work.empty()) {
            const auto next = std::move(work.front());
            work.pop_front();
            next();
        }
        EXPECT_TRUE(answer);
        return *answer;
    }
    Result<broker::Principal> ask(const std::string& user, const std::string& secret) {
        return ask({.client_identifier = "c", .user_name = user, .password = secret, .peer = {}});
    }
    Result<broker::Principal> show(const std::string& certificate_pem) {
        return ask({.client_identifier = "c",
                    .user_name = {},
                    .password = {},
                    .peer = {.address = {}, .tls = true, .certificate_pem = certificate_pem}});
    }
    void refused(const Result<broker::Principal>& answer) {
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().kind, Error::Kind::forbidden);
        EXPECT_EQ(keeper.refused(), ++refusals) << "every refusal is counted";
    }

    const std::string password = "correct horse battery staple";
    identity::Ward ward;
    Ledger ledger;
    identity::AccessDesk desk{ledger, ward.registry};
    identity::SignInGuard guard;
    identity::SignInDesk sign_in{ward.registry, guard, desk};
    identity::CertificateAuthority authority =
        *identity::CertificateAuthority::create("Test", at(6));
    std::string token, api_token;
    identity::IssuedCertificate certificate;
    Timestamp now = at(8);
    std::deque<std::function<void()>> work;
    std::uint64_t refusals = 0;
    RegistryGatekeeper keeper{
        {.registry = ward.registry,
         .desk = desk,
         .authority = authority,
         .sign_in = sign_in,
         .rules = *identity::TopicRules::make({{"*", "site/#", true, true}}),
         .now = [this] { return now; },
         .on_worker = [this](std::function<void()> call) { work.push_back(std::move(call)); },
         .on_loop = [](const std::function<void()>& call) { call(); }}};
};

TEST_F(GatekeeperTest, a_device_shows_its_token) {
    const auto who = ask("pump-1", token);
    ASSERT_TRUE(who);
    EXPECT_EQ(who->kind, broker::Principal::Kind::device);
    EXPECT_EQ(who->id, "pump-1");
    EXPECT_EQ(who->device, ward.registry.find_device("pump-1")->id);
}

TEST_F(GatekeeperTest, a_device_shows_its_certificate) {
    const auto who = show(certificate.pair.certificate_pem);
    ASSERT_TRUE(who) << who.error().message;
    EXPECT_EQ(who->id, "monitor-1");
}

TEST_F(GatekeeperTest, an_account_shows_a_password_or_a_token_of_its_own) {
    for (const auto& secret : {password, api_token}) {
        const auto who = ask("bus", secret);
        ASSERT_TRUE(who) << who.error().message;
        EXPECT_EQ(who->kind, broker::Principal::Kind::account);
        EXPECT_EQ(who->account, ward.registry.find_account("bus")->id);
    }
}

TEST_F(GatekeeperTest, whatever_is_wrong_is_refused_and_counted) {
    refused(ask("pump-1", "wrong"));
    refused(ask("pump-1", api_token));  // an account's, under a device's name
    refused(ask("monitor-1", token));   // another device's
    refused(ask("nobody", token));
    refused(ask("bus", "wrong"));
    refused(ask("bus", token));
    refused(ask("pump-1", ""));
    refused(ask({.client_identifier = "c", .user_name = {}, .password = {}, .peer = {}}));
    refused(ask({.client_identifier = "c", .user_name = "pump-1", .password = {}, .peer = {}}));
}

TEST_F(GatekeeperTest, a_token_under_another_accounts_name_is_refused) {
    ward.account("else", identity::Role::service);
    refused(ask("else", api_token));
}

TEST_F(GatekeeperTest, a_certificate_that_was_revoked_has_ended_or_is_not_ours_is_refused) {
    const auto others = identity::CertificateAuthority::create("Other", at(6));
    refused(show(others->issue_device("monitor-1", at(7))->pair.certificate_pem));
    refused(show("no certificate"));
    now = certificate.not_after + std::chrono::seconds(1);
    refused(show(certificate.pair.certificate_pem));
    now = at(8);
    ward.must(ward.registry.plan_revoke_certificate(certificate.serial, ward.now()));
    refused(show(certificate.pair.certificate_pem));
}

TEST_F(GatekeeperTest, a_revoked_token_is_refused) {
    ward.must(ward.registry.plan_remove_device_token(ward.registry.find_device("pump-1")->id,
                                                     ward.now()));
    refused(ask("pump-1", token));
}

TEST_F(GatekeeperTest, whoever_guesses_passwords_on_and_on_is_told_to_wait) {
    for (int guess = 0; guess < 100; ++guess) {
        const auto answer = ask("bus", "guess");
        ASSERT_FALSE(answer);
        if (answer.error().kind == Error::Kind::busy) return;
    }
    FAIL() << "a hundred guesses were looked at";
}

TEST_F(GatekeeperTest, a_device_uses_its_own_topics_and_an_account_what_the_rules_give) {
    const auto pump = *ask("pump-1", token);
    const auto bus = *ask("bus", api_token);
    EXPECT_TRUE(keeper.may_publish(pump, "vigil/pump-1/telemetry"));
    EXPECT_TRUE(keeper.may_subscribe(pump, "vigil/pump-1/#"));
    EXPECT_FALSE(keeper.may_publish(pump, "vigil/monitor-1/telemetry"));
    EXPECT_FALSE(keeper.may_subscribe(pump, "vigil/#"));
    EXPECT_FALSE(keeper.may_publish(pump, "site/x"));
    EXPECT_TRUE(keeper.may_publish(bus, "site/x"));
    EXPECT_TRUE(keeper.may_subscribe(bus, "$share/g/site/#"));
    EXPECT_FALSE(keeper.may_publish(bus, "vigil/pump-1/telemetry"));
    EXPECT_FALSE(keeper.may_subscribe(bus, "#"));
}

TEST_F(GatekeeperTest, a_disabled_account_may_do_nothing_more) {
    const auto bus = *ask("bus", api_token);
    const auto before = keeper.generation();
    auto account = *ward.registry.find_account("bus");
    account.enabled = false;
    ward.must(ward.registry.plan_change_account(account, ward.now()));
    EXPECT_NE(keeper.generation(), before) << "remembered decisions are looked at again";
    EXPECT_FALSE(keeper.may_publish(bus, "site/x"));
    EXPECT_FALSE(keeper.may_subscribe(bus, "site/x"));
    refused(ask("bus", api_token));
}

}  // namespace
}  // namespace vigil::app
