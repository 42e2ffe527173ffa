// Devices' codes and certificates on the API; how devices use them: tests/share/est/door_test.cpp.
#include "share/api/stage.hpp"

namespace vigil::share {
namespace {

using testing::HasSubstr;
using testing::Not;

class Enrolments : public ApiTest {};

TEST_F(Enrolments, a_code_is_shown_once_with_what_a_device_has_to_trust) {
    const auto offered = ask("POST", "/api/devices/m/enrolment", administrator(), "{}");
    ASSERT_EQ(offered.status, 201) << offered.body;
    const auto body = offered.json();
    EXPECT_EQ(body["username"].string(), "m");
    const std::string code(body["code"].string());
    EXPECT_THAT(code, testing::MatchesRegex("[0-9A-Z]{4}(-[0-9A-Z]{4}){4}"));
    EXPECT_EQ(body["authority_pem"].string(), authority.pair().certificate_pem);
    EXPECT_THAT(std::string(body["authority_sha256"].string()), testing::StartsWith("sha256:"));
    EXPECT_EQ(body["expires"].string(), "2026-11-24T08:00:00Z") << "a day";
    const auto shown = ask("GET", "/api/devices/m", administrator());
    EXPECT_THAT(shown.body, Not(HasSubstr(code)));
    EXPECT_EQ(shown.json()["device"]["enrolment"]["expires"].string(), "2026-11-24T08:00:00Z");
    EXPECT_TRUE(registry.check_enrolment("m", identity::sha256(*identity::normal_code(code)), now));
}

TEST_F(Enrolments, a_code_is_good_as_long_as_is_said_and_no_longer_than_thirty_days) {
    const auto hour =
        ask("POST", "/api/devices/m/enrolment", administrator(), R"({"good_for_s":3600})");
    EXPECT_EQ(hour.json()["expires"].string(), "2026-11-23T09:00:00Z");
    for (const auto* wrong : {R"({"good_for_s":0})", R"({"good_for_s":2592001})",
                              R"({"good_for_s":"long"})", "nonsense"})
        EXPECT_EQ(ask("POST", "/api/devices/m/enrolment", administrator(), wrong).status, 400)
            << wrong;
    EXPECT_EQ(ask("POST", "/api/devices/none/enrolment", administrator(), "{}").status, 404);
}

TEST_F(Enrolments, a_device_is_registered_with_a_code_in_one_step) {
    const auto added =
        ask("POST", "/api/devices", administrator(), R"({"id":"pump-1","credential":"enrolment"})");
    ASSERT_EQ(added.status, 201) << added.body;
    EXPECT_EQ(added.json()["secret"]["type"].string(), "enrolment");
    EXPECT_FALSE(added.json()["secret"]["code"].string().empty());
    EXPECT_EQ(added.json()["device"]["credential"].string(), "none") << "not yet";
}

TEST_F(Enrolments, a_code_is_taken_back) {
    ask("POST", "/api/devices/m/enrolment", administrator(), "{}");
    EXPECT_EQ(ask("DELETE", "/api/devices/m/enrolment", administrator()).status, 204);
    EXPECT_EQ(ask("DELETE", "/api/devices/m/enrolment", administrator()).status, 404);
    EXPECT_TRUE(ask("GET", "/api/devices/m", administrator())
                    .json()["device"]["enrolment"]
                    .is(JsonKind::null));
}

TEST_F(Enrolments, a_devices_certificates_are_listed_and_one_of_them_revoked) {
    ask("POST", "/api/devices/m/credentials", administrator(), R"({"type":"certificate"})");
    ask("POST", "/api/devices/m/credentials", administrator(), R"({"type":"certificate"})");
    const auto listed = ask("GET", "/api/devices/m/certificates", administrator());
    ASSERT_EQ(listed.json()["certificates"].size(), 2U) << listed.body;
    const auto first = *listed.json()["certificates"].begin();
    const std::string serial(first["serial"].string());
    EXPECT_EQ(first["state"].string(), "good");
    EXPECT_EQ(first["origin"].string(), "issued");
    const auto path = "/api/devices/m/certificates/" + serial;
    EXPECT_EQ(ask("DELETE", "/api/devices/gw/certificates/" + serial, administrator()).status, 404)
        << "another device's";
    EXPECT_EQ(ask("DELETE", path, administrator()).status, 204);
    EXPECT_EQ(ask("DELETE", path, administrator()).status, 409);
    EXPECT_FALSE(registry.check_certificate(serial, now));
    EXPECT_EQ(ask("GET", "/api/devices/m", administrator())
                  .json()["device"]["certificate"]["state"]
                  .string(),
              "good")
        << "the other one";
}

TEST_F(Enrolments, a_certificate_near_its_end_is_told_apart) {
    const auto id = registry.find_device("m")->id;
    const auto day = std::chrono::hours(24);
    take(registry.plan_certificate({id, "0a", now - day, now + 180 * day}, ward.now()));
    const auto state = [&] {
        return std::string(ask("GET", "/api/devices/m", administrator())
                               .json()["device"]["certificate"]["state"]
                               .string());
    };
    EXPECT_EQ(state(), "good");
    now += 151 * day;
    EXPECT_EQ(state(), "expiring");
    now += 29 * day;
    EXPECT_EQ(state(), "ended");
}

}  // namespace
}  // namespace vigil::share
