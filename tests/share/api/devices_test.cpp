#include "share/api/stage.hpp"

namespace vigil::share {
namespace {

using testing::HasSubstr;

class Devices : public ApiTest {
protected:
    Answer attach(const std::string& device, const std::string& body) {
        return ask("POST", "/api/devices/" + device + "/attach", writer(), body);
    }
};

TEST_F(Devices, one_is_registered_and_its_token_shown_once) {
    const auto added =
        ask("POST", "/api/devices", administrator(), R"({"id":"pump-1","model":"P"})");
    ASSERT_EQ(added.status, 201) << added.body;
    EXPECT_EQ(added.json()["device"]["display"].string(), "pump-1");
    const std::string secret(added.json()["secret"]["password"].string());
    EXPECT_TRUE(registry.check_device_token("pump-1", secret));
    EXPECT_THAT(ask("GET", "/api/devices/pump-1", reader()).body, testing::Not(HasSubstr(secret)));
}

TEST_F(Devices, one_is_registered_with_a_certificate_of_the_built_in_authority) {
    const auto added = ask("POST", "/api/devices", administrator(),
                           R"({"id":"pump-1","credential":"certificate"})");
    ASSERT_EQ(added.status, 201) << added.body;
    const auto secret = added.json()["secret"];
    const auto shown = authority.verify_device(secret["certificate_pem"].string(), now);
    ASSERT_TRUE(shown) << shown.error().message;
    EXPECT_TRUE(registry.check_certificate(shown->serial, now));
    EXPECT_THAT(std::string(secret["private_key_pem"].string()), HasSubstr("PRIVATE KEY"));
}

TEST_F(Devices, one_behind_a_gateway_needs_no_credential) {
    const auto added =
        ask("POST", "/api/devices", administrator(), R"({"id":"cuff-1","gateway":"gw"})");
    ASSERT_EQ(added.status, 201) << added.body;
    EXPECT_TRUE(added.json()["secret"].is(JsonKind::null));
    EXPECT_EQ(registry.find_device("cuff-1")->gateway, registry.find_device("gw")->id);
}

TEST_F(Devices, what_was_not_known_when_it_was_registered_is_changed_later) {
    const auto changed = ask("PATCH", "/api/devices/m", administrator(),
                             R"({"utc_offset_minutes":120,"clock_tolerance_s":300})");
    ASSERT_EQ(changed.status, 200) << changed.body;
    const auto* device = registry.find_device("m");
    EXPECT_EQ(device->utc_offset_minutes, 120);
    EXPECT_EQ(device->clock_tolerance, std::chrono::seconds(300));
    EXPECT_EQ(changed.json()["utc_offset_minutes"].text(), "120");
    EXPECT_EQ(changed.json()["clock_tolerance_s"].text(), "300");
    const auto display = device->display;
    ask("PATCH", "/api/devices/m", administrator(), R"({"clock_tolerance_s":null})");
    EXPECT_EQ(registry.find_device("m")->clock_tolerance, std::nullopt) << "the site's";
    EXPECT_EQ(registry.find_device("m")->utc_offset_minutes, 120) << "not named, not changed";
    EXPECT_EQ(registry.find_device("m")->display, display);
    for (const auto* wrong : {R"({"utc_offset_minutes":"two"})", R"({"utc_offset_minutes":9999})",
                              R"({"clock_tolerance_s":-1})"}) {
        const auto answer = ask("PATCH", "/api/devices/m", administrator(), wrong);
        EXPECT_EQ(answer.status, 400) << wrong << answer.body;
    }
    EXPECT_EQ(ask("PATCH", "/api/devices/none", administrator(), "{}").status, 404);
}

TEST_F(Devices, one_that_listens_is_told_the_time) {
    const auto told = ask("POST", "/api/devices/m/set-clock", administrator(), "{}");
    ASSERT_EQ(told.status, 200) << told.body;
    EXPECT_EQ(told.json()["topic"].string(), "vigil/m/set-clock");
    EXPECT_THAT(told_the_time, testing::ElementsAre("m"));
    EXPECT_EQ(ask("POST", "/api/devices/gw/set-clock", administrator(), "{}").status, 422);
}

TEST_F(Devices, what_cannot_be_registered_is_told_why) {
    struct Case {
        const char* body;
        int status;
    };
    for (const auto& [body, status] : {
             Case{"nonsense", 400},
             Case{"{}", 400},
             Case{R"({"id":"a/b"})", 400},
             Case{R"({"id":"+"})", 400},
             Case{R"({"id":"m"})", 409},
             Case{R"({"id":"new","credential":"a song"})", 400},
             Case{R"({"id":"new","gateway":"nobody"})", 404},
         }) {
        const auto answer = ask("POST", "/api/devices", administrator(), body);
        EXPECT_EQ(answer.status, status) << body << answer.body;
        EXPECT_EQ(answer.appended, 0U) << body;
    }
}

TEST_F(Devices, readings_of_the_past_move_with_an_attachment_and_are_counted) {
    take(registry.plan_detach(registry.find_device("m")->id, identity::at(2), ward.now()));
    for (const auto* payload : {R"({"heart_rate":61,"ts":"2026-11-23T07:59:30Z"})",
                                R"({"heart_rate":62,"ts":"2026-11-23T07:59:40Z"})"})
        publish("vigil/m/telemetry", payload);
    const auto answer = attach("m", R"({"patient":"2","from":"2026-11-23T08:59:35+01:00"})");
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.json()["refiled"].text(), "1");
    EXPECT_EQ(answer.json()["device"]["patient"].string(), "2");
    EXPECT_EQ(answer.json()["association"]["by"].string(), "nurse");
    const auto moved = ask("GET", "/api/series/raw?patient=2&metric=heart_rate", reader());
    ASSERT_EQ(moved.json()["readings"].size(), 1U);
    EXPECT_EQ(moved.json()["readings"][std::size_t{0}]["value"].string(), "62");
}

TEST_F(Devices, readings_that_cannot_move_yet_are_told_and_the_attachment_stands) {
    take(registry.plan_detach(registry.find_device("m")->id, identity::at(2), ward.now()));
    refiles_work = false;
    const auto answer = attach("m", R"({"patient":"2"})");
    EXPECT_EQ(answer.status, 503);
    EXPECT_THAT(answer.body, HasSubstr("recorded"));
    EXPECT_EQ(registry.patient_at(registry.find_device("m")->id, now), PatientId{2});
}

TEST_F(Devices, one_on_another_patient_wants_a_correction) {
    EXPECT_EQ(attach("m", R"({"patient":"2"})").status, 409);
    const auto corrected =
        attach("m", R"({"patient":"2","from":"2026-11-23T05:00:00Z","correction":true})");
    EXPECT_EQ(corrected.status, 200) << corrected.body;
    EXPECT_EQ(registry.patient_at(registry.find_device("m")->id, identity::at(6)), PatientId{2});
    EXPECT_EQ(registry.patient_at(registry.find_device("m")->id, identity::at(4)), PatientId{1});
}

TEST_F(Devices, an_attachment_that_cannot_be_read_is_told_why) {
    EXPECT_EQ(attach("m", "{}").status, 404);
    EXPECT_EQ(attach("m", R"({"patient":"17"})").status, 404);
    EXPECT_EQ(attach("nobody", R"({"patient":"2"})").status, 404);
    EXPECT_EQ(attach("gw", R"({"patient":"2","from":"noon"})").status, 400);
    EXPECT_EQ(attach("gw", R"({"patient":"2","to":"noon"})").status, 400);
    EXPECT_GE(
        attach("gw", R"({"patient":"2","from":"2026-11-23T05:00:00Z","to":"2026-11-23T04:00:00Z"})")
            .status,
        400);
}

TEST_F(Devices, one_is_taken_off_its_patient) {
    const auto off = ask("POST", "/api/devices/m/detach", writer(), "{}");
    EXPECT_EQ(off.status, 200) << off.body;
    EXPECT_TRUE(off.json()["device"]["patient"].is(JsonKind::null));
    EXPECT_EQ(ask("POST", "/api/devices/m/detach", writer(), "{}").status, 409);
    EXPECT_EQ(ask("POST", "/api/devices/nobody/detach", writer(), "{}").status, 404);
    EXPECT_EQ(ask("POST", "/api/devices/m/detach", writer(), R"({"at":"noon"})").status, 400);
}

TEST_F(Devices, are_listed_and_paged) {
    const auto first = ask("GET", "/api/devices?limit=1", reader());
    EXPECT_EQ(first.json()["devices"][std::size_t{0}]["id"].string(), "m");
    const auto second =
        ask("GET", "/api/devices?limit=1&cursor=" + std::string(first.json()["next"].string()),
            reader());
    EXPECT_EQ(second.json()["devices"][std::size_t{0}]["id"].string(), "gw");
    EXPECT_TRUE(second.json()["next"].is(JsonKind::null));
    EXPECT_EQ(ask("GET", "/api/devices/nobody", reader()).status, 404);
}

}  // namespace
}  // namespace vigil::share
