// Duties, contacts and receipts, as people and systems ask for them.
#include "share/api/stage.hpp"

namespace vigil::share {
namespace {

using testing::HasSubstr;
using testing::Not;

class AlarmContacts : public ApiTest {
protected:
    std::string until(int hours = 8) { return format_rfc3339(now + std::chrono::hours(hours)); }
    Credential nurse() { return token("nurse", {"system/*.cruds"}); }
};

TEST_F(AlarmContacts, people_look_after_their_own_address_and_see_no_others) {
    const auto own = ask("POST", "/api/alarm-contacts", nurse(),
                         R"({"account":"nurse","channel":"email","address":"nurse@x.example"})");
    ASSERT_EQ(own.status, 201) << own.body;
    EXPECT_EQ(own.json()["least"].string(), "medium");
    EXPECT_EQ(ask("POST", "/api/alarm-contacts", nurse(),
                  R"({"account":"admin","channel":"email","address":"eve@x.example"})")
                  .status,
              403);
    const auto paging = ask(
        "POST", "/api/alarm-contacts", administrator(),
        R"({"name":"Paging","as":["charge-nurse"],"channel":"webhook","address":"https://paging.example/a"})");
    ASSERT_EQ(paging.status, 201) << paging.body;
    EXPECT_FALSE(paging.json()["secret"].string().empty()) << "this once";
    const auto seen = ask("GET", "/api/alarm-contacts", nurse());
    EXPECT_THAT(seen.body, Not(HasSubstr("Paging")));
    const auto all = ask("GET", "/api/alarm-contacts", administrator());
    EXPECT_EQ(all.json()["contacts"].size(), 2U);
    EXPECT_THAT(all.body, Not(HasSubstr(std::string(paging.json()["secret"].string()))));
    EXPECT_EQ(ask("DELETE", "/api/alarm-contacts/2", nurse(), "").status, 403);
    EXPECT_EQ(ask("DELETE", "/api/alarm-contacts/1", nurse(), "").status, 200);
    EXPECT_EQ(ask("DELETE", "/api/alarm-contacts/1", administrator(), "").status, 404);
}

TEST_F(AlarmContacts, what_cannot_be_reached_is_refused_with_the_reason) {
    for (
        const auto* body :
        {R"({"account":"nurse","channel":"email","address":"no address"})",
         R"({"account":"nurse","channel":"pigeon","address":"x"})",
         R"({"account":"nobody","channel":"email","address":"a@x.example"})",
         R"({"account":"nurse","as":["buddy"],"channel":"email","address":"a@x.example"})",
         R"({"name":"Paging","channel":"webhook","address":"https://paging.example/a"})",
         R"({"name":"Paging","as":["king"],"channel":"webhook","address":"https://paging.example/a"})",
         R"({"channel":"email","address":"a@x.example"})"})
        EXPECT_EQ(ask("POST", "/api/alarm-contacts", administrator(), body).status, 400) << body;
    EXPECT_EQ(
        ask("POST", "/api/alarm-contacts", administrator(),
            R"({"name":"P","as":["buddy"],"channel":"webhook","address":"https://evil.example/"})")
            .status,
        403);
    context.alarm_ways.mail = false;
    EXPECT_EQ(ask("POST", "/api/alarm-contacts", nurse(),
                  R"({"account":"nurse","channel":"email","address":"nurse@x.example"})")
                  .status,
              409);
}

TEST_F(AlarmContacts, who_hears_of_emergency_accesses_is_said_by_whoever_runs_the_server) {
    const auto body =
        R"({"account":"nurse","channel":"email","address":"nurse@x.example","emergencies":true})";
    EXPECT_EQ(ask("POST", "/api/alarm-contacts", nurse(), body).status, 403);
    const auto added = ask("POST", "/api/alarm-contacts", administrator(), body);
    EXPECT_TRUE(added.json()["emergencies"].is_true()) << added.body;
}

TEST_F(AlarmContacts, a_test_says_what_became_of_it) {
    ask("POST", "/api/alarm-contacts", nurse(),
        R"({"account":"nurse","channel":"email","address":"nurse@x.example"})");
    const auto sent = ask("POST", "/api/alarm-contacts/1/test", nurse(), "{}");
    EXPECT_EQ(sent.json()["outcome"].string(), "delivered") << sent.body;
    EXPECT_EQ(sent.json()["said"].string(), "250 taken");
    message_outcome = fail(Error::Kind::forbidden, "550 no such mailbox");
    const auto refused = ask("POST", "/api/alarm-contacts/1/test", nurse(), "{}");
    EXPECT_EQ(refused.json()["outcome"].string(), "undeliverable");
    EXPECT_EQ(refused.json()["said"].string(), "550 no such mailbox");
}

TEST_F(AlarmContacts, a_duty_is_of_a_unit_has_an_end_and_is_given_back) {
    const auto taken =
        ask("POST", "/api/alarm-duties", nurse(),
            R"({"as":["assigned-nurse","buddy"],"unit":"ICU","patients":["1"],"until":")" +
                until() + R"("})");
    ASSERT_EQ(taken.status, 201) << taken.body;
    EXPECT_EQ(taken.json()["account"].string(), "nurse");
    EXPECT_EQ(taken.json()["as"].size(), 2U);
    EXPECT_EQ(ask("GET", "/api/alarm-duties?unit=ICU", reader()).json()["duties"].size(), 1U);
    EXPECT_EQ(ask("GET", "/api/alarm-duties?unit=Ward", reader()).json()["duties"].size(), 0U);
    for (const auto& body :
         {R"({"as":[],"unit":"ICU","until":")" + until() + R"("})",
          R"({"as":["buddy"],"unit":"ICU"})" + std::string(),
          R"({"as":["buddy"],"unit":"ICU","until":")" + until(-1) + R"("})",
          R"({"as":["buddy"],"unit":"ICU","until":")" + until(800) + R"("})",
          R"({"as":["buddy"],"account":"nobody","unit":"ICU","until":")" + until() + R"("})"})
        EXPECT_EQ(ask("POST", "/api/alarm-duties", nurse(), body).status, 400) << body;
    EXPECT_EQ(ask("DELETE", "/api/alarm-duties/1", nurse(), "").status, 200);
    EXPECT_EQ(ask("GET", "/api/alarm-duties", reader()).json()["duties"].size(), 0U);
    EXPECT_EQ(ask("DELETE", "/api/alarm-duties/1", nurse(), "").status, 404);
}

TEST_F(AlarmContacts, a_receipt_needs_nothing_but_the_messages_own_id) {
    EXPECT_EQ(ask("POST", "/api/alarm-receipts/guessed", {}, "{}").status, 404);
    ask("POST", "/api/alarm-contacts", administrator(),
        R"({"name":"Paging","as":["central"],"channel":"webhook","address":"https://paging.example/a"})");
    monitor::AlarmEvent event{
        .id = {{{1}, {}}, {0, 9}, 0}, .time = now, .type = monitor::EventType::onset};
    event.alarm = event.id;
    event.priority = monitor::AlarmPriority::high;
    event.told = monitor::recipients::central;
    dissemination.concluded({&event, 1}, now);
    ASSERT_EQ(messages.size(), 1U);
    const auto path = "/api/alarm-receipts/" + messages[0].id;
    EXPECT_EQ(ask("POST", path, {}, R"({"by":"pager 17"})").status, 200);
    EXPECT_EQ(ask("POST", path, {}, "{}").status, 404);
    const auto& act = std::get<monitor::AlarmDisseminated>(watch.given.back().body);
    EXPECT_EQ(act.status, monitor::Dissemination::received);
    EXPECT_EQ(watch.given.back().reason, "pager 17");
}

}  // namespace
}  // namespace vigil::share
