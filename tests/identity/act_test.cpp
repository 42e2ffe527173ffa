#include "identity/act.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "identity/ward.hpp"

namespace vigil::identity {
namespace {

const std::string golden_path = std::string(VIGIL_TESTS_DIR) + "/identity/golden/acts.jsonl";

// One of each, with every member that it can have; then some with as few as they can have.
std::vector<Act> examples() {
    const Patient ada{.id = PatientId{1},
                      .display_name = "Ada Example",
                      .identifier = "MRN-1",
                      .birth_date = "1957-02-03",
                      .sex = "female",
                      .unit = "ICU 1",
                      .bed = "01",
                      .registered = at(7)};
    const Device sensor{.id = DeviceId{3},
                        .external_id = "sensor:3",
                        .display = "Pulse oximeter",
                        .model = "PO-1",
                        .kind = "pulse_oximeter",
                        .gateway = DeviceId{2},
                        .utc_offset_minutes = -210,
                        .clock_tolerance = std::chrono::seconds(5),
                        .registered = at(7)};
    const Account nurse{.id = AccountId{4},
                        .user_name = "n.nightingale",
                        .display_name = "Florence N.",
                        .role = Role::clinician,
                        .enabled = true,
                        .password_hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
                        .registered = at(7)};
    auto disabled = nurse;
    disabled.enabled = false;
    const ApiToken token{.id = TokenId{5},
                         .account = AccountId{4},
                         .name = "nightly export",
                         .secret = sha256("secret"),
                         .scopes = {"system/*.rs", "vigil/administer"},
                         .issued = at(7),
                         .expires = at(19)};
    const App app{.id = AppId{9},
                  .client_id = "growth",
                  .name = "Growth chart",
                  .kind = AppKind::confidential,
                  .redirect_uris = {"https://growth.example/callback"},
                  .launch_uri = "https://growth.example/launch",
                  .jwks_uri = "https://growth.example/keys",
                  .scopes = {"launch/patient", "patient/*.rs"},
                  .registered = at(7),
                  .changed = at(7)};
    const App service{.id = AppId{10},
                      .client_id = "bulk",
                      .name = "Registry",
                      .kind = AppKind::service,
                      .jwks = R"({"keys":[]})",
                      .scopes = {"system/*.rs"},
                      .account = AccountId{4},
                      .enabled = false,
                      .registered = at(7),
                      .changed = at(8)};
    const auto act = [](Act::Body body) {
        return Act{.recorded = at(7, 30), .by = "admin", .body = std::move(body)};
    };
    return {
        act(PatientAdded{ada}),
        act(PatientChanged{ada}),
        act(DeviceAdded{sensor}),
        act(DeviceChanged{sensor}),
        act(DeviceAssociated{DeviceId{3}, PatientId{1}, at(8), at(9), AssociationRank::scan, true}),
        act(DeviceTokenSet{DeviceId{3}, sha256("secret")}),
        act(CertificateIssued{{DeviceId{3}, "4f00ba5e", at(0), at(23)}}),
        act(CertificateRevoked{"4f00ba5e"}),
        act(AccountAdded{nurse}),
        act(AccountChanged{disabled}),
        act(TokenIssued{token}),
        act(TokenRevoked{TokenId{5}}),
        act(TotpSet{AccountId{4}, "c2VhbGVk", {to_hex(sha256("abcd"))}, at(7)}),
        act(TotpUsed{AccountId{4}, 59'000'000}),
        act(TotpRemoved{AccountId{4}}),
        act(RecoveryCodesSet{AccountId{4}, {to_hex(sha256("abcd")), to_hex(sha256("efgh"))}}),
        act(RecoveryCodeUsed{AccountId{4}, to_hex(sha256("abcd"))}),
        act(FactorsReset{AccountId{4}}),
        act(PasskeyAdded{.account = AccountId{4},
                         .passkey = {.credential = "Y3JlZGVudGlhbA",
                                     .public_key = "a2V5",
                                     .name = "work phone",
                                     .sign_count = 7,
                                     .registered = at(7),
                                     .used = at(8)},
                         .recovery = {to_hex(sha256("abcd"))}}),
        act(PasskeyUsed{AccountId{4}, "Y3JlZGVudGlhbA", 8, at(9)}),
        act(PasskeyRemoved{AccountId{4}, "Y3JlZGVudGlhbA"}),
        act(PatientAdded{
            {.id = PatientId{2}, .display_name = "Bo \"\u00e9\" \\", .registered = at(7)}}),
        act(DeviceAdded{{.id = DeviceId{2}, .external_id = "gateway", .registered = at(7)}}),
        act(DeviceAssociated{.device = DeviceId{3}, .from = at(8), .correction = true}),
        act(DeviceTokenSet{DeviceId{3}, {}}),
        act(PatientAdded{{.id = PatientId{3},
                          .display_name = "Cy",
                          .registered = at(7),
                          .record_id = "import-7"}}),
        act(AccountAdded{{.id = AccountId{6},
                          .user_name = "nia",
                          .role = Role::nurse,
                          .units = {"ICU 1", "ICU 2"},
                          .fhir_user = "Practitioner/nia-1",
                          .registered = at(7)}}),
        act(RelationGiven{{.id = RelationId{7},
                           .account = AccountId{6},
                           .patient = PatientId{2},
                           .kind = Relationship::emergency,
                           .from = at(8),
                           .to = at(9),
                           .reason = "collapsed in the lift",
                           .reviewed_by = "officer",
                           .reviewed = at(12),
                           .finding = "as it should be"}}),
        act(RelationEnded{RelationId{7}, at(8, 30)}),
        act(EmergencyReviewed{RelationId{7}, "as it should be"}),
        act(PatientErased{PatientId{1},
                          "asked by letter",
                          RelationId{9},
                          {device_span_text({DeviceId{3}, at(8), at(9)}),
                           device_span_text({DeviceId{3}, at(10)})}}),
        act(HoldSet{PatientId{1}, true, "court file 12"}),
        act(RestrictionSet{PatientId{1}, false, ""}),
        act(RelationGiven{{.id = RelationId{8},
                           .account = AccountId{6},
                           .patient = PatientId{2},
                           .kind = Relationship::care_team,
                           .from = at(8)}}),
        act(AppAdded{app}),
        act(AppChanged{service}),
        act(GrantGiven{{.id = GrantId{11},
                        .app = AppId{9},
                        .account = AccountId{6},
                        .patient = PatientId{2},
                        .scopes = {"patient/*.rs", "offline_access"},
                        .given = at(8),
                        .expires = at(20),
                        .family = sha256("family"),
                        .refresh = sha256("one")}}),
        act(GrantRenewed{GrantId{11}, sha256("one"), sha256("two"), at(21)}),
        act(GrantEnded{GrantId{11}, "ended by whoever gave it"}),
        act(EnrolmentOffered{DeviceId{3}, "7K2M", sha256("7K2M41QXW0V3E9HS5TZA"), at(20)}),
        act(EnrolmentRevoked{DeviceId{3}, "lost on the way"}),
        act(CertificateIssued{.certificate = {.device = DeviceId{3},
                                              .serial = "4f00ba5f",
                                              .not_before = at(0),
                                              .not_after = at(23),
                                              .origin = CertificateOrigin::enrolled},
                              .code = sha256("7K2M41QXW0V3E9HS5TZA")}),
        act(CertificateIssued{.certificate = {.device = DeviceId{3},
                                              .serial = "4f00ba60",
                                              .not_before = at(0),
                                              .not_after = at(23),
                                              .origin = CertificateOrigin::renewed},
                              .renews = "4f00ba5f"}),
    };
}

std::vector<std::string> golden_lines() {
    std::ifstream file(golden_path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
}

TEST(Act, is_written_as_it_always_was) {
    if (std::getenv("UPDATE_GOLDEN") != nullptr) {
        std::ofstream file(golden_path);
        for (const auto& act : examples()) file << encode(act) << '\n';
    }
    std::vector<std::string> written;
    for (const auto& act : examples()) written.push_back(encode(act));
    EXPECT_THAT(golden_lines(), testing::ElementsAreArray(written));
}

TEST(Act, reads_back_as_what_was_written) {
    for (const auto& act : examples()) {
        const auto read = decode_act(encode(act));
        ASSERT_TRUE(read) << encode(act) << ": " << read.error().place << " "
                          << read.error().message;
        EXPECT_EQ(*read, act) << encode(act);
    }
}

TEST(Act, cut_short_anywhere_is_refused) {
    for (const auto& act : examples()) {
        const auto whole = encode(act);
        for (std::size_t cut = 0; cut < whole.size(); ++cut)
            EXPECT_FALSE(decode_act(whole.substr(0, cut))) << whole.substr(0, cut);
    }
}

TEST(Act, of_another_room_or_a_later_version_is_unsupported_not_malformed) {
    const auto foreign = R"({"act":"alarm-limit-set","recorded":"2026-11-23T07:30:00Z"})";
    EXPECT_EQ(decode_act(foreign).error().kind, Error::Kind::unsupported);
    const auto later = decode_act(
        R"({"act":"token-revoked","recorded":"2026-11-23T07:30:00Z","by":"a","token":5,"why":"x"})");
    ASSERT_TRUE(later) << "a member that was added later is passed over";
    EXPECT_EQ(std::get<TokenRevoked>(later->body).token, TokenId{5});
}

TEST(Act, that_says_what_cannot_be_names_the_member) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {R"({"act":"patient-added","patient":0,"display_name":"Ada"})", "patient"},
        {R"({"act":"patient-added","patient":4294967295,"display_name":"Ada"})", "patient"},
        {R"({"act":"patient-added","patient":-1,"display_name":"Ada"})", "patient"},
        {R"({"act":"patient-added","patient":"1","display_name":"Ada"})", "patient"},
        {R"({"act":"patient-added","patient":1})", "display_name"},
        {R"({"act":"patient-added","patient":1,"display_name":7})", "display_name"},
        {R"({"act":"device-added","device":1,"id":"a/b"})", "id"},
        {R"({"act":"device-added","device":1,"id":"a","gateway":1})", "gateway"},
        {R"({"act":"device-added","device":1,"id":"a","utc_offset_minutes":99999})",
         "utc_offset_minutes"},
        {R"({"act":"device-associated","device":1,"patient":1,"from":"yesterday"})", "from"},
        {R"({"act":"device-associated","device":1,"patient":1,"rank":"royal"})", "rank"},
        {R"({"act":"device-associated","device":1,"from":"2026-11-23T08:00:00Z"})", "patient"},
        {R"({"act":"device-associated","device":1,"patient":1,"from":"2026-11-23T08:00:00Z",)"
         R"("to":"2026-11-23T08:00:00Z"})",
         "to"},
        {R"({"act":"device-token-set","device":1,"secret_sha256":"12"})", "secret_sha256"},
        {R"({"act":"certificate-issued","device":1,"serial":"XYZ"})", "serial"},
        {R"({"act":"certificate-issued","device":1,"serial":"12","renews":"XYZ"})", "renews"},
        {R"({"act":"certificate-issued","device":1,"serial":"12","origin":"found"})", "origin"},
        {R"({"act":"enrolment-offered","device":1,"locator":"7K2M"})", "code_sha256"},
        {R"({"act":"enrolment-offered","device":1,"locator":"7k2m"})", "locator"},
        {R"({"act":"account-added","account":1,"username":"Ada Example"})", "username"},
        {R"({"act":"account-added","account":1,"username":"ada","enabled":"yes"})", "enabled"},
        {R"({"act":"token-issued","token":1,"account":1,"scopes":[1]})", "scopes"},
    };
    for (const auto& [json, place] : cases) {
        const auto read = decode_act(json);
        ASSERT_FALSE(read) << json;
        EXPECT_EQ(read.error().kind, Error::Kind::malformed) << json;
        EXPECT_EQ(read.error().place, place) << json;
    }
}

TEST(Act, is_sealed_with_the_patient_it_is_about) {
    for (const auto& act : examples()) {
        const bool about_ada = std::holds_alternative<PatientChanged>(act.body);
        if (about_ada) EXPECT_EQ(subject(act), PatientId{1});
    }
    EXPECT_EQ(
        subject({.recorded = {}, .by = {}, .body = DeviceAssociated{DeviceId{1}, PatientId{9}}}),
        PatientId{9});
    EXPECT_EQ(subject({.recorded = {}, .by = {}, .body = TokenRevoked{}}), PatientId{});
}

}  // namespace
}  // namespace vigil::identity
