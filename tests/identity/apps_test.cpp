// Apps and what they were granted: who may be registered, what an app gets of what it asks, and
// when it ends.
#include "identity/apps.hpp"

#include <gtest/gtest.h>

#include "identity/access_tokens.hpp"
#include "identity/app_scopes.hpp"
#include "identity/authorizations.hpp"
#include "identity/reach.hpp"
#include "identity/ward.hpp"
#include "store/records.hpp"

namespace vigil::identity {
namespace {

App growth() {
    return {
        .client_id = "growth",
        .name = "Growth chart",
        .redirect_uris = {"https://growth.example/callback"},
        .scopes = {"launch/patient", "openid", "offline_access", "patient/*.rs", "user/*.cruds"}};
}

struct AppsTest : testing::Test, Ward {
    PatientId ada = patient("Ada"), ben = patient("Ben");
    AccountId dora = account("dora", Role::clinician), pat = account("pat", Role::patient);

    AppId add(App app) {
        const auto act = registry.plan_add_app(std::move(app), now());
        must(act);
        return std::get<AppAdded>(act->body).app.id;
    }
    GrantId grant(AppId app, AccountId by, Digest refresh = {}, Timestamp expires = at(20)) {
        const auto act = registry.plan_grant({.app = app,
                                              .account = by,
                                              .patient = ada,
                                              .scopes = {"patient/*.rs"},
                                              .expires = expires,
                                              .family = refresh ? sha256("family") : Digest{},
                                              .refresh = refresh},
                                             now());
        must(act);
        return std::get<GrantGiven>(act->body).grant.id;
    }
    Principal of(AppId app, GrantId id, std::vector<std::string> scopes = {"patient/*.rs"}) {
        const auto* grant = registry.apps().grant(id);
        return principal_of(*registry.account(grant->account), *registry.apps().app(app), grant,
                            scopes, at(9), {});
    }
    std::vector<std::string> available(const App& app, AccountId by,
                                       std::vector<std::string> asked) {
        return available_scopes(asked, app, *registry.account(by)).scopes;
    }
};

TEST_F(AppsTest, an_app_is_called_back_at_addresses_that_are_its_own) {
    for (const auto* good :
         {"https://growth.example/cb", "https://growth.example:8443/cb?x=1", "http://127.0.0.1/cb",
          "http://localhost:8080/", "http://[::1]:7/", "org.example.growth:/cb"}) {
        auto app = growth();
        app.redirect_uris = {good};
        EXPECT_TRUE(registry.plan_add_app(app, now())) << good;
    }
    for (const auto* bad :
         {"", "growth.example/cb", "http://growth.example/cb", "https:///cb",
          "http://localhost.evil.example/", "http://127.0.0.1.evil.example/",
          "https://growth.example/cb#x", "javascript:alert(1)", "data:text/html,x",
          "https://growth.example/\r\nx", "HTTPS://growth.example/", "growth:/cb"}) {
        auto app = growth();
        app.redirect_uris = {bad};
        const auto planned = registry.plan_add_app(app, now());
        ASSERT_FALSE(planned) << bad;
        EXPECT_EQ(planned.error().place, "redirect_uris");
    }
}

TEST_F(AppsTest, each_kind_has_what_it_needs_and_nothing_else) {
    account("bus", Role::service);
    const auto refused_at = [&](auto change) {
        auto app = growth();
        change(app);
        const auto planned = registry.plan_add_app(app, now());
        return planned ? std::string() : planned.error().place;
    };
    EXPECT_EQ(refused_at([](App& app) { app.client_id = "a b"; }), "client_id");
    EXPECT_EQ(refused_at([](App& app) { app.name = ""; }), "name");
    EXPECT_EQ(refused_at([](App& app) { app.redirect_uris = {}; }), "redirect_uris");
    EXPECT_EQ(refused_at([](App& app) { app.jwks = "{}"; }), "jwks");
    EXPECT_EQ(refused_at([](App& app) { app.kind = AppKind::confidential; }), "jwks");
    EXPECT_EQ(refused_at([](App& app) { app.scopes = {"system/*.rs"}; }), "scopes");
    EXPECT_EQ(refused_at([](App& app) { app.scopes = {}; }), "scopes");
    EXPECT_EQ(refused_at([](App& app) { app.scopes = {"vigil/administer"}; }), "scopes");
    EXPECT_EQ(refused_at([](App& app) { app.launch_uri = "ftp://x"; }), "launch_uri");
    const auto service = [&](App& app) {
        app.kind = AppKind::service;
        app.redirect_uris = {};
        app.jwks_uri = "https://bus.example/keys";
        app.scopes = {"system/*.rs"};
        app.account = registry.find_account("bus")->id;
    };
    EXPECT_EQ(refused_at(service), "");
    EXPECT_EQ(refused_at([&](App& app) {
                  service(app);
                  app.scopes = {"openid"};
              }),
              "scopes");
    EXPECT_EQ(refused_at([&](App& app) {
                  service(app);
                  app.account = dora;
              }),
              "account");
}

TEST_F(AppsTest, a_client_id_is_taken_once) {
    add(growth());
    EXPECT_EQ(registry.plan_add_app(growth(), now()).error().kind, Error::Kind::conflict);
}

TEST_F(AppsTest, an_app_gets_what_it_is_registered_for_and_its_persons_role_has) {
    const auto app = growth();
    using Scopes = std::vector<std::string>;
    EXPECT_EQ(available(app, dora, {"patient/Observation.rs", "openid"}),
              (Scopes{"patient/Observation.rs", "openid"}));
    EXPECT_EQ(available(app, dora, {"patient/Observation.cruds"}),
              (Scopes{"patient/Observation.rs"}));
    EXPECT_EQ(available(app, dora, {"patient/Observation.read"}),
              (Scopes{"patient/Observation.read"}));
    EXPECT_EQ(available(app, dora, {"user/Condition.c", "system/*.rs", "fhirUser", "nonsense"}),
              (Scopes{"user/Condition.c"}));
    EXPECT_EQ(available(app, pat, {"user/Condition.c"}), Scopes{}) << "a patient writes none";
    auto narrow = app;
    narrow.scopes = {"patient/Observation.rs?category=vital-signs", "patient/Patient.r"};
    EXPECT_EQ(available(narrow, dora, {"patient/*.rs"}),
              (Scopes{"patient/Observation.rs?category=vital-signs", "patient/Patient.r"}));
    EXPECT_EQ(available(narrow, dora, {"patient/Observation.rs?category=laboratory"}), Scopes{});
}

TEST_F(AppsTest, an_apps_principal_reaches_the_patient_it_was_opened_for) {
    const auto app = add(growth());
    const auto given = grant(app, dora);
    Reaches reaches(registry);
    const auto who = of(app, given);
    EXPECT_TRUE(reaches.of(who, at(8))->reaches(ada));
    EXPECT_FALSE(reaches.of(who, at(8))->reaches(ben));
    EXPECT_TRUE(reaches.of(principal_of(*registry.account(dora)), at(8))->reaches(ben))
        << "the person themselves reaches as before";
    EXPECT_TRUE(reaches.of(of(app, given, {"user/*.rs"}), at(8))->reaches(ben));
    EXPECT_TRUE(who.rights.allow(Area::vitals, store::Act::read));
    EXPECT_FALSE(who.rights.allow(Area::vitals, store::Act::write));
    EXPECT_FALSE(who.rights.allow(Area::accounts, store::Act::administer));
}

TEST_F(AppsTest, scopes_of_a_patient_without_a_patient_open_nothing) {
    const auto app = add(growth());
    Grant none{.app = app, .account = dora};
    const auto who = principal_of(*registry.account(dora), *registry.apps().app(app), &none,
                                  std::vector<std::string>{"patient/*.rs"}, at(9), {});
    EXPECT_FALSE(who.rights.allow(Area::vitals, store::Act::read));
    EXPECT_EQ(who.rights.types, nullptr);
}

TEST_F(AppsTest, a_scope_that_searches_sees_only_what_meets_it) {
    const auto app = add(growth());
    const auto given = grant(app, dora);
    const ScopeSearch search =
        [](std::string_view,
           std::string_view query) -> Result<std::shared_ptr<const store::Condition>> {
        if (query == "bad=1") return fail(Error::Kind::unsupported, "unknown");
        return std::make_shared<const store::Condition>();
    };
    const auto rights = [&](std::vector<std::string> scopes) {
        const auto* known = registry.apps().grant(given);
        return principal_of(*registry.account(dora), *registry.apps().app(app), known, scopes,
                            at(9), search)
            .rights;
    };
    const auto narrow = rights({"patient/Observation.rs?category=vital-signs"});
    EXPECT_TRUE(narrow.types->allow(store::Interaction::search, "Observation"));
    ASSERT_NE(narrow.types->only_if(store::looking, "Observation"), nullptr);
    EXPECT_FALSE(narrow.allow(Area::vitals, store::Act::read)) << "series know no category";
    const auto both =
        rights({"patient/Observation.rs?category=vital-signs", "patient/Observation.rs"});
    EXPECT_EQ(both.types->only_if(store::looking, "Observation"), nullptr) << "one is of all";
    EXPECT_FALSE(rights({"patient/Observation.rs?bad=1"})
                     .types->allow(store::Interaction::search, "Observation"));
    EXPECT_FALSE(rights({"patient/Observation.cud?category=vital-signs"})
                     .types->allow(store::Interaction::create, "Observation"))
        << "what is written is not searched";
}

TEST_F(AppsTest, what_was_granted_stands_until_somebody_ends_it) {
    const auto app = add(growth());
    const auto stands = [&](const Principal& who, Timestamp when = at(8)) {
        return registry.stands(who, when);
    };
    auto who = of(app, grant(app, dora));
    EXPECT_TRUE(stands(who));
    EXPECT_FALSE(stands(who, at(9))) << "its token's time";
    EXPECT_TRUE(must(registry.plan_end_grant(who.grant, "enough", now())).reach_changed);
    EXPECT_FALSE(stands(who));

    who = of(app, grant(app, dora));
    auto changed = *registry.apps().app(app);
    changed.scopes = {"patient/Patient.r"};
    must(registry.plan_change_app(changed, {at(8), "admin"}));
    EXPECT_FALSE(stands(who)) << "the app was changed";

    who = of(app, grant(app, dora));
    auto disabled = *registry.account(dora);
    disabled.enabled = false;
    must(registry.plan_change_account(disabled, now()));
    EXPECT_FALSE(stands(who)) << "its person was disabled";
}

TEST_F(AppsTest, a_refresh_token_is_renewed_once) {
    const auto app = add(growth());
    const auto id = grant(app, dora, sha256("one"));
    EXPECT_EQ(registry.apps().of_family(sha256("family"))->id, id);
    const auto renew = [&](const char* from, const char* to) {
        return registry.plan_renew_grant({id, sha256(from), sha256(to), at(22)}, now());
    };
    const auto first = renew("one", "two"), again = renew("one", "three");
    must(first);
    EXPECT_EQ(apply(*again).error().kind, Error::Kind::conflict) << "two at once: the later loses";
    EXPECT_EQ(registry.apps().grant(id)->refresh, sha256("two"));
    EXPECT_EQ(registry.apps().grant(id)->expires, at(22));
}

TEST_F(AppsTest, the_oldest_of_too_many_grants_ends) {
    const auto app = add(growth());
    const auto first = grant(app, dora);
    for (std::size_t i = 0; i < grants_an_account_max; ++i) grant(app, dora);
    EXPECT_EQ(registry.apps().grant(first), nullptr);
    EXPECT_EQ(registry.apps().granted_by(dora, at(8)).size(), grants_an_account_max);
}

TEST_F(AppsTest, a_snapshot_and_the_log_make_the_same) {
    const auto app = add(growth());
    const auto id = grant(app, dora, sha256("one"));
    const auto restored = Registry::restore(registry.snapshot());
    ASSERT_TRUE(restored) << restored.error().message;
    EXPECT_EQ(*restored->apps().find("growth"), *registry.apps().app(app));
    EXPECT_EQ(*restored->apps().of_family(sha256("family")), *registry.apps().grant(id));
    for (const auto& body :
         {identity::Act::Body(AppAdded{growth()}), identity::Act::Body(GrantEnded{id, "enough"})}) {
        auto act = identity::Act{.recorded = at(7), .by = "admin", .body = body};
        if (auto* added = std::get_if<AppAdded>(&act.body)) added->app.id = AppId{9};
        const auto read = decode_act(encode(act));
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_EQ(*read, act);
    }
}

TEST(AccessTokens, are_good_until_their_time_or_their_end) {
    AccessTokens tokens;
    const auto issue = [&](std::uint32_t grant) {
        AccessToken token;
        token.who.app = AppId{1};
        token.who.grant = GrantId{grant};
        token.who.until = at(9);
        return tokens.issue(token, system_random());
    };
    const auto one = issue(1), two = issue(2);
    EXPECT_TRUE(one.starts_with(access_token_prefix));
    EXPECT_NE(tokens.find(one, at(8)), nullptr);
    EXPECT_EQ(tokens.find(one, at(9)), nullptr);
    EXPECT_EQ(tokens.find(one + "x", at(8)), nullptr);
    tokens.revoke_all(GrantId{1});
    EXPECT_EQ(tokens.find(one, at(8)), nullptr);
    EXPECT_TRUE(tokens.revoke(two));
    EXPECT_FALSE(tokens.revoke(two));
    issue(3);
    tokens.sweep(at(10));
    EXPECT_EQ(tokens.size(), 0U);
}

TEST(AccessTokens, past_its_bound_an_app_loses_its_oldest) {
    AccessTokens tokens;
    AccessToken token;
    token.who.app = AppId{1};
    const auto first = tokens.issue(token, system_random());
    for (std::size_t i = 0; i < AccessTokens::tokens_an_app_max; ++i)
        tokens.issue(token, system_random());
    EXPECT_EQ(tokens.find(first, at(8)), nullptr);
    EXPECT_EQ(tokens.size(), AccessTokens::tokens_an_app_max);
}

TEST(Authorizations, are_answered_once_and_over_in_minutes) {
    Authorizations all(system_random());
    const Asked question{.app = AppId{1},
                         .redirect_uri = "https://growth.example/callback",
                         .state = "s",
                         .nonce = "n",
                         .code_challenge = "c",
                         .scopes = {"openid", "patient/*.rs"},
                         .launch = Launch{.account = AccountId{2}, .patient = PatientId{3}}};
    const auto id = all.ask(question, at(8));
    const auto asked = all.asked(id, at(8, 9));
    ASSERT_TRUE(asked);
    EXPECT_EQ(asked->redirect_uri, question.redirect_uri);
    EXPECT_EQ(asked->scopes, question.scopes);
    EXPECT_EQ(asked->launch->patient, PatientId{3});
    EXPECT_FALSE(all.asked(id, at(8, 10)));
    EXPECT_TRUE(all.answered(id, at(8)));
    EXPECT_FALSE(all.asked(id, at(8)));
    EXPECT_FALSE(all.answered(id, at(8)));
    const auto code = all.give({.account = AccountId{1}}, at(8));
    EXPECT_NE(all.code(code, at(8)), nullptr);
    EXPECT_EQ(all.code(code, at(8, 1)), nullptr);
    const auto launch = all.open_launch({.app = AppId{1}}, at(8));
    EXPECT_NE(all.launch(launch, at(8, 4)), nullptr);
    EXPECT_EQ(all.launch(launch, at(8, 5)), nullptr);
}

TEST(Authorizations, what_is_asked_is_believed_of_this_server_only) {
    Authorizations all(system_random()), another(system_random());
    auto id = all.ask({.app = AppId{1}, .state = "s"}, at(8));
    EXPECT_FALSE(another.asked(id, at(8)));
    for (std::size_t i = 0; i < id.size(); ++i) {
        auto bent = id;
        bent[i] = bent[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(all.asked(bent, at(8))) << i;
    }
    EXPECT_FALSE(all.asked("", at(8)));
    EXPECT_FALSE(all.asked(id.substr(0, 43), at(8)));
}

TEST(Authorizations, of_too_many_codes_are_refused_until_some_are_over) {
    Authorizations all(system_random());
    for (std::size_t i = 0; i < Authorizations::of_each_max; ++i)
        ASSERT_FALSE(all.give({}, at(8)).empty());
    EXPECT_EQ(all.give({}, at(8)), "");
    EXPECT_NE(all.give({}, at(9)), "");
}

// RFC 7636 appendix B.
TEST(Pkce, holds_a_code_to_whoever_asked_for_it) {
    const std::string verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const std::string challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    EXPECT_TRUE(verifier_fits(verifier, challenge));
    EXPECT_FALSE(verifier_fits(challenge, challenge)) << "\"plain\" is not taken";
    EXPECT_FALSE(verifier_fits("", challenge));
    EXPECT_FALSE(is_verifier(std::string(42, 'a')));
    EXPECT_FALSE(is_verifier(std::string(129, 'a')));
    EXPECT_FALSE(is_verifier(std::string(43, ' ')));
    EXPECT_TRUE(is_challenge(challenge));
    EXPECT_FALSE(is_challenge(challenge + "="));
}

}  // namespace
}  // namespace vigil::identity
