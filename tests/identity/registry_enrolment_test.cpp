#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/registry.hpp"
#include "identity/ward.hpp"

namespace vigil::identity {
namespace {

using std::chrono::hours;

class RegistryEnrolment : public testing::Test {
protected:
    // The digest of its code.
    Digest offer(DeviceId device, Nanoseconds good_for = hours(4)) {
        const auto offered =
            ward.registry.plan_enrolment(device, good_for, system_random(), ward.now());
        EXPECT_TRUE(offered);
        EXPECT_TRUE(ward.apply(offered->act));
        return sha256(offered->secret);
    }
    Result<Act> enrol(const std::string& serial, const Digest& code, Timestamp now = at(8)) {
        return ward.registry.plan_enrolled_certificate({pump, serial, at(7), at(20)}, code,
                                                       {now, "pump"});
    }
    Result<Act> renew(const std::string& serial, const std::string& shown, Timestamp now = at(9)) {
        return ward.registry.plan_renewed_certificate({pump, serial, at(8), at(22)}, shown,
                                                      {now, "pump"});
    }
    bool good(const std::string& serial, Timestamp now = at(10)) const {
        return ward.registry.check_certificate(serial, now).has_value();
    }

    Ward ward;
    DeviceId pump = ward.device("pump");
    DeviceId other = ward.device("other");
};

TEST_F(RegistryEnrolment, a_code_is_one_devices_until_it_expires) {
    const auto code = offer(pump);
    const auto check = [&](const std::string& device, const Digest& shown, Timestamp now) {
        return ward.registry.check_enrolment(device, shown, now).has_value();
    };
    EXPECT_TRUE(check("pump", code, at(8)));
    EXPECT_FALSE(check("other", code, at(8)));
    EXPECT_FALSE(check("nobody", code, at(8)));
    EXPECT_FALSE(check("pump", sha256("guess"), at(8)));
    EXPECT_FALSE(check("other", Digest{}, at(8))) << "no code is not a code";
    EXPECT_FALSE(check("pump", code, at(11))) << "it was good for four hours from seven";
    const auto newer = offer(pump);
    EXPECT_FALSE(check("pump", code, at(8))) << "another took its place";
    EXPECT_TRUE(check("pump", newer, at(8)));
    ward.must(ward.registry.plan_revoke_enrolment(pump, "lost", ward.now()));
    EXPECT_FALSE(check("pump", newer, at(8)));
    EXPECT_EQ(ward.registry.plan_revoke_enrolment(pump, "", ward.now()).error().kind,
              Error::Kind::not_found);
}

TEST_F(RegistryEnrolment, a_code_is_not_for_ever_and_not_for_what_a_gateway_speaks_for) {
    for (const auto good_for :
         {Nanoseconds(0), Nanoseconds(-1), enrolment_lifetime_max + Nanoseconds(1)})
        EXPECT_FALSE(ward.registry.plan_enrolment(pump, good_for, system_random(), ward.now()));
    ward.must(
        ward.registry.plan_add_device({.external_id = "strap", .gateway = other}, ward.now()));
    const auto strap = ward.registry.find_device("strap")->id;
    EXPECT_EQ(
        ward.registry.plan_enrolment(strap, hours(1), system_random(), ward.now()).error().kind,
        Error::Kind::conflict);
}

TEST_F(RegistryEnrolment, two_requests_at_once_with_one_code_get_one_certificate) {
    const auto code = offer(pump);
    const auto first = enrol("0a", code), second = enrol("0b", code);
    ASSERT_TRUE(first);
    ASSERT_TRUE(second) << "neither is committed yet";
    ward.must(first);
    EXPECT_EQ(ward.apply(*second).error().kind, Error::Kind::conflict);
    EXPECT_TRUE(good("0a"));
    EXPECT_FALSE(good("0b"));
    EXPECT_EQ(ward.registry.enrolment(pump), nullptr) << "used up";
    EXPECT_FALSE(enrol("0c", code));
}

TEST_F(RegistryEnrolment, a_code_taken_back_meanwhile_makes_no_certificate) {
    const auto code = offer(pump);
    const auto planned = enrol("0a", code);
    ward.must(ward.registry.plan_revoke_enrolment(pump, "", ward.now()));
    EXPECT_FALSE(ward.apply(*planned));
    EXPECT_FALSE(good("0a"));
}

TEST_F(RegistryEnrolment, a_device_has_at_most_two_certificates_of_its_own) {
    ward.must(enrol("0a", offer(pump)));
    ward.must(ward.registry.plan_certificate({pump, "0f", at(7), at(20)}, ward.now()));
    ward.must(renew("0b", "0a"));
    EXPECT_TRUE(good("0a")) << "it may never have received the new one";
    EXPECT_TRUE(good("0b"));
    // It shows the old one again: the answer was lost.
    ward.must(renew("0c", "0a"));
    EXPECT_FALSE(good("0b"));
    EXPECT_TRUE(good("0a"));
    EXPECT_TRUE(good("0c"));
    ward.must(renew("0d", "0c"));
    EXPECT_FALSE(good("0a")) << "it has shown that it holds the next";
    EXPECT_TRUE(good("0c"));
    EXPECT_TRUE(good("0d"));
    EXPECT_TRUE(good("0f")) << "what a person issued is theirs to end";
    EXPECT_FALSE(renew("0e", "0a")) << "revoked";
    EXPECT_FALSE(renew("0e", "ff")) << "unknown";
    EXPECT_FALSE(ward.registry.plan_renewed_certificate({other, "0e", at(8), at(22)}, "0d",
                                                        {at(9), "other"}))
        << "another device's";
}

TEST_F(RegistryEnrolment, a_revoke_on_the_way_wins) {
    ward.must(enrol("0a", offer(pump)));
    const auto planned = renew("0b", "0a");
    ward.must(ward.registry.plan_revoke_certificate("0a", ward.now()));
    EXPECT_FALSE(ward.apply(*planned));
    EXPECT_FALSE(good("0b"));
}

TEST_F(RegistryEnrolment, what_has_ended_is_forgotten_with_the_next) {
    ward.must(ward.registry.plan_certificate({pump, "01", at(1), at(8)}, ward.now()));
    EXPECT_EQ(ward.registry.newest_certificate(pump, at(9))->serial, "01") << "it ended: shown";
    ward.must(enrol("02", offer(pump), at(9)));
    EXPECT_EQ(ward.registry.certificate("01"), nullptr);
    ASSERT_EQ(ward.registry.certificates_of(pump).size(), 1U);
    EXPECT_EQ(ward.registry.newest_certificate(pump, at(9))->serial, "02");
    EXPECT_EQ(ward.registry.newest_certificate(other, at(9)), nullptr);
}

TEST_F(RegistryEnrolment, the_good_certificate_is_the_newest_whatever_else_ends_later) {
    ward.must(ward.registry.plan_certificate({pump, "01", at(1), at(23)}, ward.now()));
    ward.must(ward.registry.plan_certificate({pump, "02", at(1), at(12)}, ward.now()));
    EXPECT_EQ(ward.registry.newest_certificate(pump, at(9))->serial, "01");
    ward.must(ward.registry.plan_revoke_certificate("01", ward.now()));
    EXPECT_EQ(ward.registry.newest_certificate(pump, at(9))->serial, "02");
    EXPECT_TRUE(ward.registry.has_certificate(pump, at(9)));
    EXPECT_FALSE(ward.registry.has_certificate(pump, at(12)));
}

TEST_F(RegistryEnrolment, a_restart_knows_the_same) {
    ward.must(enrol("0c", offer(pump)));
    ward.must(renew("0b", "0c"));
    ward.must(renew("0a", "0b"));  // the serials run against the order of the acts
    const auto code = offer(other);
    const auto kept = ward.registry.snapshot();
    const auto restored = Registry::restore(kept);
    ASSERT_TRUE(restored) << restored.error().message;
    EXPECT_EQ(restored->snapshot(), kept);
    EXPECT_FALSE(restored->check_certificate("0c", at(10)));
    EXPECT_TRUE(restored->check_certificate("0b", at(10)));
    EXPECT_TRUE(restored->check_certificate("0a", at(10)));
    EXPECT_EQ(restored->newest_certificate(pump, at(10))->origin, CertificateOrigin::renewed);
    EXPECT_TRUE(restored->check_enrolment("other", code, at(8)));
}

}  // namespace
}  // namespace vigil::identity
