#include "identity/second_factor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>

#include "identity/gcm_sealer.hpp"
#include "identity/ledger.hpp"
#include "identity/totp.hpp"
#include "identity/ward.hpp"

namespace vigil::identity {
namespace {

constexpr const char* desk_address = "192.0.2.7:50312";

// RFC 4648 6, backwards: what an authenticator makes of the secret that it was told.
std::string from_base32(std::string_view text) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string bytes;
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : text) {
        bits = bits << 5 | static_cast<std::uint32_t>(alphabet.find(c));
        held += 5;
        if (held < 8) continue;
        held -= 8;
        bytes += static_cast<char>(bits >> held & 0xFF);
    }
    return bytes;
}

class SecondFactorTest : public testing::Test {
protected:
    SecondFactorTest() { ada = ward.account("ada", Role::clinician); }

    static Given given(Timestamp now) { return {now, "ada"}; }
    std::string code(Timestamp now) const { return hotp(app, totp_step(now)); }

    // Ada's app is set up; its recovery codes.
    std::vector<std::string> set_up(Timestamp now = at(7)) {
        const auto begun = desk.begin_totp(session, now);
        EXPECT_TRUE(begun);
        app = from_base32(begun->secret);
        auto confirmed = desk.confirm_totp(session, code(now), given(now));
        EXPECT_TRUE(confirmed);
        EXPECT_TRUE(ward.apply(confirmed->act));
        return confirmed->recovery_codes;
    }
    Result<Principal> sign_in(const std::string& typed, Timestamp now,
                              const std::string& address = desk_address) {
        const auto ticket = desk.open_ticket(ada, address, now);
        VIGIL_TRY(used, desk.redeem(ticket, typed, address, now));
        VIGIL_CHECK(ward.apply(used.act));
        return desk.complete(used, ticket, address, now);
    }

    Ward ward;
    AccountId ada;
    SignIn session{.id = SessionId{1}, .account = AccountId{1}};
    Ledger ledger;
    AccessDesk audit{ledger, ward.registry};
    SignInGuard password_guard;
    SignInDesk passwords{ward.registry, password_guard, audit};
    KeyRing ring =
        std::move(*KeyRing::open(Key256{1}, {}, system_random(),
                                 [](std::span<const WrappedKey>) { return Result<void>(); }));
    GcmSealer sealer{ring, system_random()};
    SecondFactorDesk desk{{.registry = ward.registry,
                           .sealer = sealer,
                           .sign_in = passwords,
                           .audit = audit,
                           .random = system_random(),
                           .issuer = "Vigil"}};
    std::string app;  // the secret in the authenticator app
};

TEST_F(SecondFactorTest, the_code_of_the_app_signs_in) {
    set_up();
    const auto who = sign_in(code(at(8)), at(8));
    ASSERT_TRUE(who);
    EXPECT_EQ(who->name, "ada");
    EXPECT_EQ(ledger.lines.back().what, "sign-in ada");
    EXPECT_TRUE(ledger.lines.back().permitted);
}

TEST_F(SecondFactorTest, a_code_is_good_once) {
    set_up();
    const auto shown = code(at(8));
    ASSERT_TRUE(sign_in(shown, at(8)));
    const auto again = sign_in(shown, at(8));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().place, "code");
}

TEST_F(SecondFactorTest, a_code_that_two_ask_with_at_once_lets_one_in) {
    set_up();
    const auto first = desk.open_ticket(ada, desk_address, at(8));
    const auto second = desk.open_ticket(ada, desk_address, at(8));
    EXPECT_TRUE(desk.redeem(first, code(at(8)), desk_address, at(8)));
    EXPECT_FALSE(desk.redeem(second, code(at(8)), desk_address, at(8)))
        << "before the act of the first is in force";
}

TEST_F(SecondFactorTest, a_code_that_was_used_is_used_after_a_restart_too) {
    set_up();
    ASSERT_TRUE(sign_in(code(at(8)), at(8)));
    ward.registry = std::move(*Registry::restore(ward.registry.snapshot()));
    SecondFactorDesk restarted{{.registry = ward.registry,
                                .sealer = sealer,
                                .sign_in = passwords,
                                .audit = audit,
                                .random = system_random(),
                                .issuer = "Vigil"}};
    const auto ticket = restarted.open_ticket(ada, desk_address, at(8));
    EXPECT_FALSE(restarted.redeem(ticket, code(at(8)), desk_address, at(8)));
    const auto later = restarted.open_ticket(ada, desk_address, at(9));
    EXPECT_TRUE(restarted.redeem(later, code(at(9)), desk_address, at(9)))
        << "the app goes on as it was";
}

TEST_F(SecondFactorTest, the_code_that_set_it_up_signs_nobody_in) {
    set_up(at(8));
    EXPECT_FALSE(sign_in(code(at(8)), at(8)));
}

TEST_F(SecondFactorTest, a_recovery_code_is_good_once_however_it_is_typed) {
    const auto codes = set_up();
    ASSERT_THAT(codes, testing::SizeIs(recovery_codes_count));
    auto typed = codes[3];
    for (char& c : typed)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    EXPECT_TRUE(sign_in(" " + typed, at(8)));
    EXPECT_FALSE(sign_in(codes[3], at(8)));
    EXPECT_TRUE(sign_in(codes[4], at(8)));
    EXPECT_THAT(ward.registry.factors().of(ada).recovery, testing::SizeIs(8));
}

TEST_F(SecondFactorTest, a_recovery_code_lets_nobody_in_before_that_is_durable) {
    const auto codes = set_up();
    const auto ticket = desk.open_ticket(ada, desk_address, at(8));
    EXPECT_TRUE(desk.redeem(ticket, codes[0], desk_address, at(8))->must_be_durable);
    EXPECT_FALSE(desk.redeem(ticket, code(at(8)), desk_address, at(8))->must_be_durable);
}

TEST_F(SecondFactorTest, neither_the_secret_nor_a_recovery_code_is_in_what_is_kept) {
    const auto codes = set_up();
    const auto kept = ward.registry.snapshot();
    EXPECT_THAT(kept, testing::Not(testing::HasSubstr(app)));
    EXPECT_THAT(kept, testing::Not(testing::HasSubstr(base32(app))));
    EXPECT_THAT(kept, testing::Not(testing::HasSubstr(base64url(app))));
    for (const auto& code : codes) EXPECT_THAT(kept, testing::Not(testing::HasSubstr(code)));
}

TEST_F(SecondFactorTest, a_ticket_ends_with_the_password_that_it_was_given_for) {
    set_up();
    const auto ticket = desk.open_ticket(ada, desk_address, at(8));
    auto changed = *ward.registry.account(ada);
    changed.password_hash = "another";
    ward.must(ward.registry.plan_change_account(changed, ward.now()));
    EXPECT_EQ(desk.redeem(ticket, code(at(8)), desk_address, at(8)).error().place, "ticket");
}

TEST_F(SecondFactorTest, a_disabled_account_is_shut_whatever_the_code) {
    set_up();
    const auto ticket = desk.open_ticket(ada, desk_address, at(8));
    auto changed = *ward.registry.account(ada);
    changed.enabled = false;
    ward.must(ward.registry.plan_change_account(changed, ward.now()));
    EXPECT_EQ(desk.redeem(ticket, code(at(8)), desk_address, at(8)).error().place, "ticket");
}

TEST_F(SecondFactorTest, guessing_is_slowed_over_all_tickets) {
    set_up();
    for (int i = 0; i < 5; ++i) EXPECT_EQ(sign_in("000000", at(8)).error().place, "code");
    const auto refused = sign_in(code(at(8)), at(8)).error();
    EXPECT_EQ(refused.kind, Error::Kind::busy);
    EXPECT_EQ(refused.place, "5") << "seconds";
    EXPECT_EQ(ledger.lines.back().reason, "too many wrong codes");
}

TEST_F(SecondFactorTest, guessing_from_elsewhere_does_not_lock_out_who_signed_in_here_before) {
    set_up();
    ASSERT_TRUE(sign_in(code(at(8)), at(8)));
    for (int network = 1; network <= 60; ++network)
        (void)sign_in("000000", at(9), "198.51.100." + std::to_string(network) + ":1");
    EXPECT_EQ(sign_in(code(at(9)), at(9), "203.0.113.1:1").error().kind, Error::Kind::busy);
    EXPECT_TRUE(sign_in(code(at(9)), at(9)));
}

TEST_F(SecondFactorTest, set_up_asks_for_a_code_of_the_new_app_within_ten_minutes) {
    const auto begun = desk.begin_totp(session, at(8));
    app = from_base32(begun->secret);
    EXPECT_EQ(desk.confirm_totp(session, "000000", given(at(8))).error().place, "code");
    EXPECT_FALSE(desk.confirm_totp({.id = SessionId{2}, .account = ada}, code(at(8)), given(at(8))))
        << "begun in another session";
    EXPECT_EQ(desk.confirm_totp(session, code(at(8, 10)), given(at(8, 10))).error().kind,
              Error::Kind::not_found);
}

TEST_F(SecondFactorTest, is_removed_with_its_recovery_codes_and_reset_by_others) {
    set_up();
    ward.must(desk.plan_remove_totp(ada, given(at(8))));
    EXPECT_FALSE(ward.registry.factors().of(ada).any());
    EXPECT_THAT(ward.registry.factors().of(ada).recovery, testing::IsEmpty());
    EXPECT_FALSE(desk.plan_reset(ada, given(at(8)))) << "there is none";
    set_up(at(9));
    EXPECT_EQ(ward.must(desk.plan_reset(ada, given(at(10)))).access_ended->account, ada);
    EXPECT_FALSE(ward.registry.factors().of(ada).any());
}

TEST_F(SecondFactorTest, is_not_removed_where_the_site_asks_for_it) {
    SignInDesk strict{ward.registry, password_guard, audit, FactorPolicy::all};
    SecondFactorDesk asking{{.registry = ward.registry,
                             .sealer = sealer,
                             .sign_in = strict,
                             .audit = audit,
                             .random = system_random(),
                             .issuer = "Vigil"}};
    set_up();
    EXPECT_EQ(asking.plan_remove_totp(ada, given(at(8))).error().kind, Error::Kind::conflict);
}

TEST_F(SecondFactorTest, new_recovery_codes_take_the_place_of_the_old) {
    const auto old = set_up();
    const auto made = desk.plan_recovery_codes(ada, given(at(8)));
    ASSERT_TRUE(made);
    ASSERT_TRUE(ward.apply(made->act));
    EXPECT_FALSE(sign_in(old[0], at(8)));
    EXPECT_TRUE(sign_in(made->codes[0], at(8)));
}

}  // namespace
}  // namespace vigil::identity
