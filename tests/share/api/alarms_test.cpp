// What is shown of alarms, and what becomes of what people say about them.
#include "share/api/stage.hpp"

namespace vigil::share {
namespace {

using monitor::AlarmPriority;
using monitor::EventId;
using testing::ElementsAre;

class Alarms : public ApiTest {
protected:
    static constexpr EventId desaturation{{{1}, {}}, {0, 7}, 0};

    monitor::BedAlarm alarm(AlarmPriority priority = AlarmPriority::high) {
        monitor::BedAlarm shown;
        shown.alarm.id = desaturation;
        shown.alarm.condition = {.condition = watch.tables().conditions.id_of("spo2_desaturation"),
                                 .device = {1},
                                 .metric = catalogue.find("spo2")->id};
        shown.alarm.priority = priority;
        shown.alarm.began = now;
        shown.alarm.violated_since = now - std::chrono::seconds(10);
        shown.alarm.value = Decimal{78, 0};
        shown.alarm.limit = Decimal{80, 0};
        shown.alarm.told = monitor::recipients::bed | monitor::recipients::central;
        shown.signals = {.visual = true, .audible = true};
        shown.key = "spo2_desaturation";
        shown.words = "Desaturation";
        return shown;
    }
    monitor::BedState& bed(std::uint32_t patient = 1) { return watch.shown[{{patient}, {}}]; }
};

TEST_F(Alarms, a_bed_says_what_stands_of_whom_since_when) {
    bed().alarms = {alarm()};
    const auto answer = ask("GET", "/api/alarms", reader());
    const auto beds = answer.json()["beds"];
    ASSERT_EQ(beds.size(), 1U) << answer.body;
    const auto shown = beds[std::size_t{0}];
    EXPECT_EQ(shown["patient"].string(), "1");
    EXPECT_TRUE(shown["device"].is(JsonKind::null));
    EXPECT_TRUE(shown["watched"].is_true());
    EXPECT_EQ(shown["age_class"].string(), "adult");
    const auto one = shown["alarms"][std::size_t{0}];
    EXPECT_EQ(one["id"].string(), "1-0-7-0");
    EXPECT_EQ(one["condition"].string(), "spo2_desaturation");
    EXPECT_EQ(one["priority"].string(), "high");
    EXPECT_EQ(one["state"].string(), "active");
    EXPECT_EQ(one["metric"].string(), "spo2");
    EXPECT_EQ(one["device"].string(), "m");
    EXPECT_EQ(one["value"].string(), "78");
    EXPECT_EQ(one["limit"].string(), "80");
    EXPECT_EQ(one["unit_shown"].string(), "%");
    EXPECT_EQ(one["told"][std::size_t{1}].string(), "central");
    EXPECT_TRUE(one["acknowledged"].is(JsonKind::null));
    EXPECT_TRUE(one["suppressed"].is(JsonKind::null));
}

TEST_F(Alarms, whom_nobody_watches_has_none_and_cannot_be_set) {
    const auto answer = ask("GET", "/api/patients/2/alarms", reader());
    EXPECT_EQ(answer.status, 200);
    EXPECT_FALSE(answer.json()["watched"].is_true());
    const auto limits = ask("GET", "/api/patients/2/alarm-limits", reader());
    EXPECT_EQ(limits.status, 409) << limits.body;
}

TEST_F(Alarms, an_acknowledgement_names_one_alarm_as_the_screen_showed_it) {
    bed().alarms = {alarm()};
    EXPECT_EQ(
        ask("POST", "/api/alarms/1-0-7-0/acknowledge", writer(), R"({"episode":2,"seen":"high"})")
            .status,
        200);
    ASSERT_EQ(watch.given.size(), 1U);
    EXPECT_EQ(watch.given[0].by, "nurse");
    EXPECT_EQ(watch.given[0].reason, "at the console");
    EXPECT_EQ(std::get<monitor::AlarmAcknowledged>(watch.given[0].body),
              (monitor::AlarmAcknowledged{desaturation, 2, AlarmPriority::high}));
    for (const auto* body :
         {"{}", R"({"episode":0,"seen":"high"})", R"({"episode":1})",
          R"({"episode":1,"seen":"all"})", R"({"episode":1,"seen":"high","reason":""})"})
        EXPECT_EQ(ask("POST", "/api/alarms/1-0-7-0/acknowledge", writer(), body).status, 400)
            << body;
    EXPECT_EQ(ask("POST", "/api/alarms/1-0-7/acknowledge", writer(), "{}").status, 404);
    EXPECT_EQ(watch.given.size(), 1U);
}

TEST_F(Alarms, what_is_refused_says_what_stands) {
    watch.refusal = {Error::Kind::conflict, "it is of high priority now", ""};
    const auto answer =
        ask("POST", "/api/alarms/1-0-7-0/acknowledge", writer(), R"({"episode":1,"seen":"low"})");
    EXPECT_EQ(answer.status, 409);
    EXPECT_EQ(answer.json()["error"]["message"].string(), "it is of high priority now");
}

TEST_F(Alarms, a_pause_is_of_one_patient_says_why_and_is_no_longer_than_allowed) {
    const auto pause = [this](const std::string& body) {
        return ask("POST", "/api/patients/1/alarm-inactivations", writer(), body).status;
    };
    EXPECT_EQ(pause(R"({"kind":"audio-paused","duration_s":120,"reason":"suction"})"), 200);
    EXPECT_EQ(pause(R"({"kind":"audio-paused","duration_s":121,"reason":"suction"})"), 400);
    EXPECT_EQ(pause(R"({"kind":"audio-paused","duration_s":60})"), 400) << "no reason";
    EXPECT_EQ(pause(R"({"kind":"off","duration_s":60,"reason":"x"})"), 400);
    EXPECT_EQ(pause(R"({"kind":"audio-off","alarm":"2-0-7-0","duration_s":60,"reason":"x"})"), 400)
        << "of another patient";
    EXPECT_EQ(pause(R"({"kind":"audio-off","condition":"no_such","duration_s":60,"reason":"x"})"),
              404);
    ASSERT_EQ(watch.given.size(), 1U);
    EXPECT_EQ(std::get<monitor::AlarmInactivated>(watch.given[0].body).duration,
              std::chrono::minutes(2));
}

TEST_F(Alarms, limits_are_shown_beside_what_the_unit_has) {
    const auto answer = ask("GET", "/api/patients/1/alarm-limits", reader());
    EXPECT_EQ(answer.json()["unit"].string(), "ICU");
    const auto limits = answer.json()["limits"];
    EXPECT_EQ(limits.size(), watch.tables().limits.rows().size());
    bool found = false;
    for (const auto limit : limits) {
        if (limit["condition"].string() != "spo2_low") continue;
        found = true;
        EXPECT_EQ(limit["metric"].string(), "spo2");
        EXPECT_EQ(limit["limit"].string(), limit["unit_default"]["limit"].string());
        EXPECT_TRUE(limit["changed"].is(JsonKind::null));
    }
    EXPECT_TRUE(found) << answer.body;
    const auto set = [this](const std::string& body) {
        return ask("PUT", "/api/patients/1/alarm-limits/spo2_low", writer(), body).status;
    };
    EXPECT_EQ(set(R"({"limit":"88.5","on_delay_s":10,"enabled":true,"reason":"COPD"})"), 200);
    const auto& act = std::get<monitor::AlarmLimitSet>(watch.given.at(0).body);
    EXPECT_EQ(act.edit.limit, (Decimal{885, -1}));
    EXPECT_EQ(act.edit.on_delay, Nanoseconds(std::chrono::seconds(10)));
    for (const auto* body : {R"({"reason":"x"})", R"({"limit":"high","reason":"x"})",
                             R"({"on_delay_s":-1,"reason":"x"})", R"({"enabled":1,"reason":"x"})",
                             R"({"limit":"88"})", R"({"priority":"loud","reason":"x"})"})
        EXPECT_EQ(set(body), 400) << body;
}

TEST_F(Alarms, a_ward_has_the_scores_that_apply_to_each) {
    const auto answer = ask("GET", "/api/scores", reader());
    ASSERT_EQ(answer.status, 200) << answer.body;
    ASSERT_EQ(answer.json()["patients"].size(), 1U) << "who is watched";
    const auto ada = answer.json()["patients"][std::size_t{0}];
    EXPECT_EQ(ada["patient"].string(), "1");
    ASSERT_GT(ada["scores"].size(), 0U);
    for (const auto score : ada["scores"]) {
        EXPECT_EQ(score["applicability"].string(), "assumed-adult") << score["key"].string();
        EXPECT_FALSE(score["complete"].is_true());
        EXPECT_TRUE(score["total"].is(JsonKind::null));
        EXPECT_TRUE(score["direction"].is(JsonKind::null));
        EXPECT_LE(score["least"].decimal()->to_double(), score["most"].decimal()->to_double());
    }
    EXPECT_EQ(ask("GET", "/api/scores?unit=ICU", reader()).json()["patients"].size(), 1U);
    EXPECT_EQ(ask("GET", "/api/scores?unit=Ward", reader()).json()["patients"].size(), 0U);
}

TEST_F(Alarms, what_was_is_told_newest_first_page_by_page) {
    for (std::uint64_t offset = 1; offset <= 3; ++offset) {
        monitor::AlarmEvent event;
        event.id = {{{1}, {}}, {0, offset}, 0};
        event.time = now;
        std::string body;
        encode(event, body);
        events.all.push_back({{0, offset}, {1}, now, std::move(body)});
    }
    events.all.push_back({{0, 4}, {1}, now, "what cannot be read is passed over"});
    std::vector<std::string> ids;
    std::string cursor;
    for (int page = 0; page < 2; ++page) {
        const auto answer = ask("GET", "/api/alarms/events?patient=1&limit=2" + cursor, reader());
        for (const auto event : answer.json()["events"]) ids.emplace_back(event["id"].string());
        cursor = "&cursor=" + std::string(answer.json()["next"].string());
    }
    EXPECT_THAT(ids, ElementsAre("1-0-3-0", "1-0-2-0", "1-0-1-0"));
    EXPECT_EQ(cursor, "&cursor=") << "there is no more";
    EXPECT_EQ(ask("GET", "/api/alarms/events?cursor=1:2:x", reader()).status, 400);
}

TEST_F(Alarms, the_load_says_how_many_there_were_and_how_soon_people_answered) {
    std::uint64_t offset = 0;
    const auto add = [&](monitor::EventType type, std::chrono::seconds at, std::uint32_t patient,
                         const monitor::EventId& alarm, std::uint32_t episode = 1) {
        monitor::AlarmEvent event{.id = {{{patient}, {}}, {0, ++offset}, 0}, .time = now + at};
        event.type = type;
        event.alarm = alarm ? alarm : event.id;
        event.condition.condition = watch.tables().conditions.id_of("spo2_low");
        event.priority = AlarmPriority::medium;
        event.episode = episode;
        std::string body;
        encode(event, body);
        events.all.push_back({{0, offset}, {patient}, event.time, std::move(body)});
        return event.id;
    };
    using monitor::EventType;
    const auto first = add(EventType::onset, std::chrono::seconds(0), 1, {});
    add(EventType::told, std::chrono::seconds(15), 1, first);
    add(EventType::acknowledged, std::chrono::seconds(20), 1, first);
    add(EventType::re_alarmed, std::chrono::seconds(30), 1, first);
    add(EventType::acknowledged, std::chrono::seconds(50), 1, first);
    add(EventType::ended, std::chrono::seconds(60), 1, first);
    add(EventType::onset, std::chrono::seconds(70), 1, {});
    add(EventType::onset, std::chrono::seconds(80), 2, {});
    const auto answer = ask("GET", "/api/alarms/load", reader());
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.json()["alarms"].integer(), 3);
    EXPECT_EQ(answer.json()["beds"].integer(), 2);
    const auto medium = answer.json()["priorities"][std::size_t{1}];
    EXPECT_EQ(medium["priority"].string(), "medium");
    EXPECT_EQ(medium["unanswered"].integer(), 2);
    EXPECT_EQ(medium["response"]["median_s"].integer(), 20) << "the first answer counts";
    EXPECT_EQ(medium["lasted"]["max_s"].integer(), 60);
    EXPECT_EQ(answer.json()["conditions"][std::size_t{0}]["condition"].string(), "spo2_low");
    EXPECT_EQ(answer.json()["worst_beds"][std::size_t{0}]["patient"].string(), "1");
    const auto of_unit = ask("GET", "/api/alarms/load?unit=ICU", reader());
    EXPECT_EQ(of_unit.json()["alarms"].integer(), 2) << of_unit.body;
    EXPECT_EQ(ask("GET", "/api/alarms/load?from=2026-01-01T00:00:00Z", reader()).status, 413);
}

}  // namespace
}  // namespace vigil::share
