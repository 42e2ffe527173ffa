#include "identity/certificates.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/ward.hpp"

namespace vigil::identity {
namespace {

using std::chrono::hours;

class CertificatesTest : public testing::Test {
protected:
    CertificateAuthority authority = *CertificateAuthority::create("General Hospital", at(8));
};

TEST_F(CertificatesTest, a_device_certificate_names_its_device) {
    const auto issued = authority.issue_device("pump:1.a_b", at(8));
    ASSERT_TRUE(issued) << issued.error().message;
    const auto shown = authority.verify_device(issued->pair.certificate_pem, at(9));
    ASSERT_TRUE(shown) << shown.error().message;
    EXPECT_EQ(shown->device, "pump:1.a_b");
    EXPECT_EQ(shown->serial, issued->serial);
    EXPECT_EQ(shown->not_after, issued->not_after);
    EXPECT_NE(authority.issue_device("pump:1.a_b", at(8))->serial, issued->serial);
}

TEST_F(CertificatesTest, the_registry_takes_what_was_issued) {
    Ward ward;
    const auto pump = ward.device("pump");
    const auto issued = authority.issue_device("pump", at(8));
    ward.must(ward.registry.plan_certificate(
        {pump, issued->serial, issued->not_before, issued->not_after}, ward.now()));
    const auto shown = authority.verify_device(issued->pair.certificate_pem, at(9));
    EXPECT_EQ(ward.registry.check_certificate(shown->serial, at(9))->device, pump);
}

TEST_F(CertificatesTest, names_that_could_mean_something_else_are_not_issued) {
    for (const auto* name : {"", "a,DNS:evil", "a\nb", "a/b", "a b"})
        EXPECT_FALSE(authority.issue_device(name, at(8))) << name;
    for (const auto* name : {"evil,IP:10.0.0.1", "a b", ""})
        EXPECT_FALSE(authority.issue_server({name}, at(8))) << name;
    EXPECT_FALSE(authority.issue_server({}, at(8)));
}

TEST_F(CertificatesTest, what_another_authority_signed_is_refused) {
    const auto other = *CertificateAuthority::create("General Hospital", at(8));
    const auto issued = other.issue_device("pump", at(8));
    EXPECT_EQ(authority.verify_device(issued->pair.certificate_pem, at(9)).error().kind,
              Error::Kind::forbidden);
}

TEST_F(CertificatesTest, outside_its_time_it_is_refused) {
    const auto pem = authority.issue_device("pump", at(8))->pair.certificate_pem;
    EXPECT_TRUE(authority.verify_device(pem, at(8) - hours(23))) << "a clock that is behind";
    EXPECT_FALSE(authority.verify_device(pem, at(8) - hours(25)));
    EXPECT_TRUE(authority.verify_device(pem, at(8) + device_lifetime - hours(1)));
    EXPECT_FALSE(authority.verify_device(pem, at(8) + device_lifetime));
}

TEST_F(CertificatesTest, a_servers_certificate_opens_no_device) {
    const auto server = authority.issue_server({"localhost"}, at(8));
    EXPECT_FALSE(authority.verify_device(server->pair.certificate_pem, at(9)));
    EXPECT_FALSE(authority.verify_device(authority.pair().certificate_pem, at(9)));
}

TEST_F(CertificatesTest, changed_or_cut_bytes_are_refused) {
    const auto pem = authority.issue_device("pump", at(8))->pair.certificate_pem;
    for (std::size_t i = 0; i < pem.size(); i += 7) {
        auto changed = pem;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        if (const auto shown = authority.verify_device(changed, at(9)))
            EXPECT_EQ(shown->device, "pump") << "byte " << i << " (outside what is signed)";
    }
    for (std::size_t cut = 0; cut < pem.size() - 30; cut += 11)
        EXPECT_FALSE(authority.verify_device(pem.substr(0, cut), at(9)));
    EXPECT_FALSE(authority.verify_device(std::string(100'000, 'x'), at(9)));
}

TEST_F(CertificatesTest, the_authority_is_the_same_after_a_restart) {
    const auto pem = authority.issue_device("pump", at(8))->pair.certificate_pem;
    const auto again = CertificateAuthority::load(authority.pair());
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->verify_device(pem, at(9)));
    const auto other = *CertificateAuthority::create("Other", at(8));
    EXPECT_FALSE(CertificateAuthority::load(
        {authority.pair().certificate_pem, other.pair().private_key_pem}));
    EXPECT_FALSE(CertificateAuthority::load({}));
}

TEST_F(CertificatesTest, a_servers_certificate_is_made_anew_when_it_no_longer_serves) {
    const std::vector<std::string> names{"localhost", "vigil.example.org", "192.0.2.1", "::1"};
    const auto pem = authority.issue_server(names, at(8))->pair.certificate_pem;
    EXPECT_TRUE(still_serves(pem, authority, names, at(9)));
    EXPECT_TRUE(still_serves(pem, authority, {"192.0.2.1"}, at(9)));
    EXPECT_FALSE(still_serves(pem, authority, {"192.0.2.2"}, at(9))) << "a new address";
    EXPECT_FALSE(still_serves(pem, authority, {"other.example.org"}, at(9))) << "a new name";
    EXPECT_FALSE(still_serves(pem, authority, names, at(8) + server_lifetime - renew_before))
        << "about to expire";
    EXPECT_FALSE(still_serves(pem, *CertificateAuthority::create("Other", at(8)), names, at(9)));
    EXPECT_FALSE(still_serves("", authority, names, at(9)));
}

TEST_F(CertificatesTest, a_fingerprint_is_what_people_compare) {
    EXPECT_THAT(*certificate_fingerprint(authority.pair().certificate_pem),
                testing::MatchesRegex("sha256:[0-9a-f]{64}"));
    EXPECT_FALSE(certificate_fingerprint("nonsense"));
}

}  // namespace
}  // namespace vigil::identity
