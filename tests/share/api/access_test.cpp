// Who may ask for what: the same for every address of the API.
#include "share/api/privacy.hpp"
#include "share/api/stage.hpp"

namespace vigil::share {
namespace {

enum class Needs { sign_in, read, write, administer };

struct Route {
    const char *method, *target;
    Needs needs;
    const char* body = "{}";
};

constexpr Route routes[] = {
    {"GET", "/api/session", Needs::sign_in},
    {"GET", "/api/catalogue", Needs::sign_in},
    {"GET", "/api/status", Needs::sign_in},
    {"GET", "/api/me", Needs::sign_in},
    {"GET", "/api/ward", Needs::read},
    {"GET", "/api/patients", Needs::read},
    {"GET", "/api/patients/1", Needs::read},
    {"GET", "/api/devices", Needs::read},
    {"GET", "/api/devices/m", Needs::read},
    {"GET", "/api/series?patient=1", Needs::read},
    {"GET", "/api/series?device=gw", Needs::read},
    {"GET", "/api/series/latest?patient=1", Needs::read},
    {"GET", "/api/series/window?patient=1&metric=heart_rate", Needs::read},
    {"GET", "/api/series/raw?patient=1&metric=heart_rate", Needs::read},
    {"GET", "/api/series/raw?patient=1&metric=heart_rate&metric=spo2", Needs::read},
    {"GET", "/api/patients/1/relations", Needs::read},
    {"GET", "/api/patients/1/accesses", Needs::read},
    {"GET", "/api/patients/1/privacy", Needs::read},
    {"GET", "/api/alarms", Needs::read},
    {"GET", "/api/alarms/events", Needs::read},
    {"GET", "/api/alarms/load?unit=ICU", Needs::read},
    {"GET", "/api/patients/1/alarms", Needs::read},
    {"GET", "/api/patients/1/alarm-limits", Needs::read},
    {"POST", "/api/alarms/1-0-7-0/acknowledge", Needs::write, R"({"episode":1,"seen":"high"})"},
    {"POST", "/api/alarms/1-0-7-0/answer", Needs::write, R"({"response":"accepted"})"},
    {"POST", "/api/patients/1/alarm-inactivations", Needs::write,
     R"({"kind":"audio-paused","duration_s":60,"reason":"suction"})"},
    {"DELETE", "/api/alarm-inactivations/1-0-7-0", Needs::write},
    {"PUT", "/api/patients/1/alarm-limits/spo2_low", Needs::write,
     R"({"limit":"88","reason":"COPD"})"},
    {"DELETE", "/api/patients/1/alarm-limits/spo2_low", Needs::write, R"({"reason":"better"})"},
    {"PUT", "/api/patients/1/age-class", Needs::write, R"({"age_class":"adult"})"},
    {"PUT", "/api/patients/1/score-settings/spo2_scale", Needs::write,
     R"({"value":"2","reason":"COPD"})"},
    {"POST", "/api/alarms/1-0-7-0/reset", Needs::write},
    {"GET", "/api/patients/1/alarm-limits/proposals", Needs::read},
    {"PUT", "/api/patients/1/data-watch/heart_rate", Needs::write,
     R"({"gap_s":60,"reason":"slow link"})"},
    {"GET", "/api/scores?unit=ICU", Needs::read},
    {"GET", "/api/patients/1/scores", Needs::read},
    {"GET", "/api/patients/1/rhythm", Needs::read},
    {"GET", "/api/patients/1/beats", Needs::read},
    {"GET", "/api/patients/1/alarm-rules", Needs::read},
    {"POST", "/api/patients/1/alarm-rules", Needs::write,
     R"({"name":"Low","text":"SpO2 < 88","priority":"high","reason":"COPD"})"},
    {"PUT", "/api/patients/1/alarm-rules/rule_40000", Needs::write,
     R"({"name":"Low","text":"SpO2 < 86","priority":"high","reason":"COPD"})"},
    {"DELETE", "/api/patients/1/alarm-rules/rule_40000", Needs::write, R"({"reason":"better"})"},
    {"POST", "/api/patients/1/alarm-rules/dry-run", Needs::read,
     R"({"text":"SpO2 < 88","from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z"})"},
    {"POST", "/api/alarms/what-if", Needs::read,
     R"({"patients":["1"],"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z",
         "limits":[{"condition":"spo2_low","limit":"88"}]})"},
    {"GET", "/api/alarm-contacts", Needs::read},
    {"POST", "/api/alarm-contacts", Needs::administer,
     R"({"name":"Paging","as":["charge-nurse"],"channel":"webhook","address":"https://paging.example/a"})"},
    {"GET", "/api/alarm-displays", Needs::read},
    {"POST", "/api/alarm-displays", Needs::write, R"({"name":"desk","unit":"ICU"})"},
    {"GET", "/api/alarm-duties", Needs::read},
    {"POST", "/api/alarm-duties", Needs::write,
     R"({"as":["assigned-nurse"],"unit":"ICU","until":"2026-11-24T00:00:00Z"})"},
    {"GET", "/api/alarm-profiles?unit=ICU", Needs::read},
    {"POST", "/api/alarm-profiles/proposals", Needs::write,
     R"({"unit":"ICU","age_class":"adult","condition":"spo2_low","limit":"88","reason":"COPD"})"},
    {"GET", "/api/quarantine", Needs::read},
    {"GET", "/api/quarantine/0:7", Needs::read},
    {"POST", "/api/patients", Needs::write, R"({"display_name":"Cleo"})"},
    {"PATCH", "/api/patients/1", Needs::write, R"({"bed":"02"})"},
    {"POST", "/api/patients/1/relations", Needs::write,
     R"({"account":"colleague","kind":"care-team"})"},
    {"DELETE", "/api/relations/1", Needs::write},
    {"POST", "/api/devices/m/detach", Needs::write},
    {"POST", "/api/devices/gw/attach", Needs::write, R"({"patient":"2"})"},
    {"POST", "/api/quarantine/0:7/replay", Needs::write},
    {"POST", "/api/quarantine/0:7/dismiss", Needs::write},
    {"POST", "/api/devices", Needs::administer, R"({"id":"new"})"},
    {"PATCH", "/api/devices/m", Needs::administer, R"({"model":"M"})"},
    {"POST", "/api/devices/m/set-clock", Needs::administer},
    {"POST", "/api/devices/m/credentials", Needs::administer, R"({"type":"token"})"},
    {"DELETE", "/api/devices/m/credentials", Needs::administer},
    {"POST", "/api/devices/m/enrolment", Needs::administer},
    {"DELETE", "/api/devices/m/enrolment", Needs::administer},
    {"GET", "/api/devices/m/certificates", Needs::administer},
    {"DELETE", "/api/devices/m/certificates/0a", Needs::administer},
    {"POST", "/api/patients/1/hold", Needs::administer, R"({"reason":"court file"})"},
    {"POST", "/api/patients/1/restriction", Needs::administer, R"({"reason":"disputed"})"},
    {"DELETE", "/api/patients/3/hold", Needs::administer},
    {"DELETE", "/api/patients/3/restriction", Needs::administer},
    {"POST", "/api/patients/1/erasure", Needs::administer,
     R"({"reason":"asked","identifier":"MRN-1"})"},
    {"GET", "/api/patients/1/everything", Needs::administer},
    {"GET", "/api/patients/4/erasure", Needs::administer},
    {"POST", "/api/backup", Needs::administer, R"({"folder":"/backup"})"},
    {"POST", "/api/keys/rotate", Needs::administer},
    {"POST", "/api/verify", Needs::administer},
    {"POST", "/api/verify/audit", Needs::administer, "{}"},
    {"POST", "/api/audit/checkpoint", Needs::administer},
    {"GET", "/api/audit", Needs::administer},
    {"GET", "/api/emergencies", Needs::administer},
    {"POST", "/api/emergencies/2/review", Needs::administer, R"({"finding":"as it should be"})"},
    {"GET", "/api/apps", Needs::administer},
    {"POST", "/api/apps", Needs::administer,
     R"({"name":"Diary","kind":"public","redirect_uris":["https://diary.example/"],
         "scopes":["patient/*.rs"]})"},
    {"GET", "/api/accounts", Needs::administer},
    {"POST", "/api/accounts", Needs::administer, R"({"username":"bus","role":"service"})"},
    {"POST", "/api/accounts/nurse/tokens", Needs::administer,
     R"({"name":"x","scopes":["system/*.rs"]})"},
    {"PATCH", "/api/accounts/nurse", Needs::administer, R"({"role":"engineer"})"},
    {"DELETE", "/api/accounts/nurse/sessions", Needs::administer},
    {"DELETE", "/api/accounts/nurse/factors", Needs::administer},
    {"GET", "/api/accounts/nurse/tokens", Needs::administer},
    {"DELETE", "/api/accounts/nurse/tokens/1", Needs::administer},
};

void PrintTo(const Route& route, std::ostream* out) {
    *out << route.method << ' ' << route.target;
}

class Access : public ApiTest, public testing::WithParamInterface<Route> {
protected:
    Access() {
        store::Quarantine::Held held;
        held.item.position = {0, 7};
        held.item.sender = "m";
        held.item.topic = "vigil/m/telemetry";
        held.raw = "{broken";
        quarantine.all.emplace(7, std::move(held));
        token("nurse", {"system/*.rs"});  // number 1
        take(identity::Act{ward.now().at, "nurse",
                           identity::TotpSet{.account = registry.find_account("nurse")->id,
                                             .sealed_secret = "c2VhbGVk"}});
        take(registry
                 .plan_device_token(registry.find_device("m")->id, identity::system_random(),
                                    ward.now())
                 ->act);
        take(registry.plan_add_account(
            {.user_name = "colleague", .role = identity::Role::clinician}, ward.now()));
        const auto monitor = registry.find_device("m")->id;
        take(registry
                 .plan_enrolment(monitor, std::chrono::hours(24), identity::system_random(),
                                 ward.now())
                 ->act);
        take(registry.plan_certificate({monitor, "0a", identity::at(1), identity::at(23)},
                                       ward.now()));
        const auto nurse = registry.find_account("nurse")->id;
        for (const auto kind :
             {identity::Relationship::care_team, identity::Relationship::emergency})
            take(registry.plan_relation({.account = nurse,
                                         .patient = {2},
                                         .kind = kind,
                                         .from = identity::at(7),
                                         .to = identity::at(9),
                                         .reason = "cover"},
                                        ward.now()));
        take(registry.plan_add_patient({.display_name = "Cleo"}, ward.now()));
        take(registry.plan_hold({3}, true, "court file", ward.now()));
        take(registry.plan_restriction({3}, true, "disputed", ward.now()));
        take(registry.plan_add_patient({.display_name = "Dora"}, ward.now()));
        take(registry.plan_erase({4}, "asked", ward.now()));
        privacy = {.erase = [](PatientId, const std::string&, const identity::Given&,
                               const auto& done) { done(std::string("{}")); },
                   .certificate = [](PatientId) { return std::optional<std::string>("{}"); }};
        context.privacy = &privacy;
    }
    PrivacySources privacy;
    // What asks for nobody's data goes on no record.
    static bool is_recorded() {
        const std::string_view target = GetParam().target;
        return target != "/api/status" && target != "/api/me";
    }
    Answer ask_as(const Credential& credential) {
        return ask(GetParam().method, GetParam().target, credential, GetParam().body);
    }
    bool is_get() const { return std::string_view(GetParam().method) == "GET"; }
    void refused(const Answer& answer, int status, std::string_view kind) {
        EXPECT_EQ(answer.status, status) << answer.body;
        EXPECT_EQ(answer.error(), kind);
        EXPECT_EQ(answer.appended, 0U) << "refused, it changed something";
    }
    void done(const Answer& answer) {
        EXPECT_GE(answer.status, 200) << answer.body;
        EXPECT_LT(answer.status, 300) << answer.body;
    }
};

TEST_P(Access, nobody_is_told_to_sign_in) {
    refused(ask_as({}), 401, "unauthenticated");
}

TEST_P(Access, a_token_or_cookie_that_is_none_is_told_to_sign_in) {
    refused(ask_as({{"authorization", "Bearer vgl_wrong"}}), 401, "unauthenticated");
    refused(ask_as({{"cookie", "vigil_session=wrong"}, {"x-vigil-csrf", "wrong"}}), 401,
            "unauthenticated");
}

TEST_P(Access, a_token_does_what_its_scopes_say) {
    const auto enough = GetParam().needs == Needs::administer ? administrator()
                        : GetParam().needs == Needs::write    ? writer()
                                                              : reader();
    if (GetParam().needs >= Needs::write) refused(ask_as(reader()), 403, "forbidden");
    if (GetParam().needs == Needs::administer) refused(ask_as(writer()), 403, "forbidden");
    done(ask_as(enough));
}

TEST_P(Access, a_browser_shows_its_csrf_token_with_every_change) {
    if (!is_get()) {
        refused(ask_as(browser("admin", false)), 403, "forbidden");
        auto of_another = browser("admin", false);
        of_another.emplace_back("x-vigil-csrf", browser("admin").back().second);
        refused(ask_as(of_another), 403, "forbidden");
    }
    done(ask_as(browser("admin", !is_get())));
}

TEST_P(Access, a_session_ends_after_its_idle_time_and_with_its_account) {
    const auto idle = browser("admin");
    now += std::chrono::hours(13);
    refused(ask_as(idle), 401, "unauthenticated");
    const auto shown = browser("nurse");
    auto account = *registry.find_account("nurse");
    account.enabled = false;
    take(registry.plan_change_account(account, ward.now()));
    refused(ask_as(shown), 401, "unauthenticated");
}

TEST_P(Access, patient_data_is_on_record_or_not_told) {
    const auto credential = administrator();
    ledger.works = false;
    const auto answer = ask_as(credential);
    if (!is_recorded()) return done(answer);
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.error(), "busy");
    EXPECT_EQ(answer.body.find("Example"), std::string::npos);
    if (GetParam().needs == Needs::sign_in || !is_get()) return;
    ledger.works = true;
    const auto lines = ledger.lines.size();
    done(ask_as(credential));
    ASSERT_GT(ledger.lines.size(), lines);
    EXPECT_EQ(ledger.lines.back().who, "admin");
    EXPECT_TRUE(ledger.lines.back().permitted);
    EXPECT_EQ(ledger.lines.back().from, "192.0.2.7:50312");
}

// Break-glass: docs/decisions/0016-audit-on-a-full-disk.md.
TEST_P(Access, while_the_audit_cannot_be_written_people_may_look_and_nothing_else) {
    const auto person = browser("admin"), program = administrator();
    ledger.works = false;
    ledger.holds = true;
    const std::string_view target = GetParam().target;
    if (!is_recorded()) return done(ask_as(person));
    if (target != "/api/session") EXPECT_EQ(ask_as(program).status, 503);
    if (is_get())
        done(ask_as(person));
    else
        EXPECT_EQ(ask_as(person).status, 503);
}

TEST_F(ApiTest, what_takes_data_away_in_bulk_waits_for_an_audit_that_can_be_written) {
    const auto person = browser("nurse");
    ledger.works = false;
    ledger.holds = true;
    const std::string raw = "/api/series/raw?patient=1&metric=heart_rate";
    EXPECT_EQ(ask("GET", raw, person).status, 200);
    EXPECT_EQ(ask("GET", raw + "&format=csv", person).status, 503);
    EXPECT_EQ(ask("GET", raw + "&format=ndjson", person).status, 503);
    auto by_header = person;
    by_header.emplace_back("accept", "text/csv");
    EXPECT_EQ(ask("GET", raw, by_header).status, 503);
}

std::string name_of(const testing::TestParamInfo<Route>& info) {
    std::string name = info.param.method;
    for (const char c : std::string_view(info.param.target))
        name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    return name;
}
INSTANTIATE_TEST_SUITE_P(Routes, Access, testing::ValuesIn(routes), name_of);

class Sessions : public ApiTest {};

TEST_F(Sessions, signing_in_and_out) {
    const std::string password = "five large words in order";
    take(registry.plan_add_account(
        {.user_name = "ada",
         .display_name = "Ada",
         .role = identity::Role::clinician,
         .password_hash = *identity::hash_password(password, {.memory_bytes = 8192, .passes = 1})},
        ward.now()));
    const auto body = [](const std::string& name, const std::string& word) {
        return R"({"username":")" + name + R"(","password":")" + word + R"("})";
    };
    const auto wrong_word = ask("POST", "/api/session", {}, body("ada", "guess"));
    const auto wrong_name = ask("POST", "/api/session", {}, body("eve", password));
    EXPECT_EQ(wrong_word.status, 401);
    EXPECT_EQ(wrong_word.body, wrong_name.body) << "which of the two was wrong is not told";
    EXPECT_EQ(ask("POST", "/api/session", {}, "[]").status, 400);
    EXPECT_EQ(
        ask("POST", "/api/session", {{"origin", "https://evil.example"}}, body("ada", password))
            .status,
        403);

    const auto signed_in =
        ask("POST", "/api/session", {{"origin", "https://vigil.example"}}, body("ada", password));
    ASSERT_EQ(signed_in.status, 200) << signed_in.body;
    const auto cookie = signed_in.header("set-cookie");
    EXPECT_THAT(cookie, testing::HasSubstr("HttpOnly; SameSite=Strict; Path=/"));
    const std::string csrf(signed_in.json()["csrf"].string());
    const Credential shown{{"cookie", cookie.substr(0, cookie.find(';'))}, {"x-vigil-csrf", csrf}};
    EXPECT_EQ(ask("GET", "/api/session", shown).json()["account"]["username"].string(), "ada");
    EXPECT_EQ(ask("DELETE", "/api/session", shown).status, 204);
    EXPECT_EQ(ask("GET", "/api/session", shown).status, 401);
}

TEST_F(Sessions, who_has_not_signed_in_learns_by_what_ways_they_may) {
    const auto ways = ask("GET", "/api/session/ways", {});
    EXPECT_EQ(ways.status, 200);
    EXPECT_EQ(ways.body, R"({"password":true,"openid":null})");
    // There is no provider here: back to the sign-in page, which says so.
    for (const auto* target :
         {"/api/session/openid", "/api/session/openid/callback?code=x&state=y"}) {
        const auto answer = ask("GET", target, {});
        EXPECT_EQ(answer.status, 303);
        EXPECT_EQ(answer.header("location"), "/?sign-in=none");
    }
    const auto step = ask("POST", "/api/session/openid", {}, "{}");
    EXPECT_EQ(step.status, 401);
    EXPECT_EQ(step.json()["error"]["place"].string(), "ticket");
    EXPECT_EQ(ask("POST", "/api/session/openid", {{"origin", "https://evil.example"}}, "{}").status,
              403);
}

TEST_F(Sessions, whoever_guesses_on_and_on_is_told_to_wait) {
    for (int guess = 0; guess < 100; ++guess) {
        const auto answer =
            ask("POST", "/api/session", {}, R"({"username":"admin","password":"guess"})");
        if (answer.status == 401) continue;
        EXPECT_EQ(answer.status, 429);
        EXPECT_FALSE(answer.header("retry-after").empty());
        return;
    }
    FAIL() << "a hundred guesses were looked at";
}

TEST_F(Sessions, an_address_that_is_none_and_a_method_that_is_none) {
    EXPECT_EQ(ask("GET", "/api/nowhere", reader()).status, 404);
    EXPECT_EQ(ask("DELETE", "/api/patients", administrator()).status, 405);
    EXPECT_EQ(ask("GET", "/api/nowhere", {}).status, 401) << "what is there is not told to anybody";
}

}  // namespace
}  // namespace vigil::share
