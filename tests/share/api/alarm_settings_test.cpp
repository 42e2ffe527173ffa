// Smart conditions, a unit's defaults, and the past with other limits, as people ask for them.
#include "share/api/stage.hpp"

namespace vigil::share {
namespace {

class AlarmSettings : public ApiTest {
protected:
    AlarmSettings() {
        take(registry.plan_add_account({.user_name = "charge", .role = identity::Role::clinician},
                                       ward.now()));
        take(registry.plan_add_account(
            {.user_name = "ward-nurse", .role = identity::Role::nurse, .units = {"Ward 2"}},
            ward.now()));
    }
    // SpO2 of patient 1, a value a second from eight in the morning on.
    void saturation(const std::vector<std::int64_t>& values) {
        auto time = identity::at(8);
        for (const auto value : values) {
            series.put({{1}, catalogue.find("spo2")->id, 0}, {1},
                       {.filed_time = time,
                        .device_time = time,
                        .receive_time = time,
                        .value = NumericValue{Decimal{value, 0}, catalogue.find("spo2")->unit}});
            time += std::chrono::seconds(1);
        }
    }
    static std::vector<std::int64_t> dip(std::int64_t to, std::size_t seconds) {
        std::vector<std::int64_t> values(30, 97);
        values.insert(values.end(), seconds, to);
        values.insert(values.end(), 60, 97);
        return values;
    }
    static std::string span() {
        return R"("from":")" + format_rfc3339(identity::at(8)) + R"(","to":")" +
               format_rfc3339(identity::at(9)) + '"';
    }
};

TEST_F(AlarmSettings, a_rule_is_added_shown_changed_and_removed_with_who_and_why) {
    const std::string path = "/api/patients/1/alarm-rules";
    const auto added = ask(
        "POST", path, writer(),
        R"({"name":"Sedation","text":"SpO2 < 92 for 30 s and RR < 10","priority":"high","latching":true,"reason":"opioids"})");
    ASSERT_EQ(added.status, 200) << added.body;
    const auto rule = added.json()["rules"][std::size_t{0}];
    EXPECT_EQ(rule["name"].string(), "Sedation");
    EXPECT_EQ(rule["by"].string(), "nurse");
    EXPECT_EQ(rule["reason"].string(), "opioids");
    EXPECT_TRUE(rule["latching"].is_true());
    const auto of_it = path + "/" + std::string(rule["id"].string());
    const auto changed =
        ask("PUT", of_it, writer(),
            R"({"name":"Sedation","text":"RR < 8","priority":"medium","reason":"too many"})");
    ASSERT_EQ(changed.json()["rules"].size(), 1U) << changed.body;
    EXPECT_EQ(changed.json()["rules"][std::size_t{0}]["text"].string(), "RR < 8");
    const auto left = ask("DELETE", of_it, writer(), R"({"reason":"awake"})");
    EXPECT_EQ(left.json()["rules"].size(), 0U) << left.body;
    EXPECT_EQ(ask("DELETE", path + "/spo2_low", writer(), R"({"reason":"x"})").status, 404);
}

TEST_F(AlarmSettings, a_rule_that_cannot_be_read_says_what_stands_where) {
    const auto answer =
        ask("POST", "/api/patients/1/alarm-rules", writer(),
            R"({"name":"x","text":"spo2 < 90 mmHg","priority":"high","reason":"x"})");
    EXPECT_EQ(answer.status, 400);
    EXPECT_THAT(std::string(answer.json()["error"]["message"].string()),
                testing::HasSubstr("character 11"));
    for (const auto* body : {R"({"text":"SpO2 < 90","priority":"high","reason":"x"})",
                             R"({"name":"x","priority":"high","reason":"x"})",
                             R"({"name":"x","text":"SpO2 < 90","priority":"loud","reason":"x"})",
                             R"({"name":"x","text":"SpO2 < 90","priority":"high"})"})
        EXPECT_EQ(ask("POST", "/api/patients/1/alarm-rules", writer(), body).status, 400) << body;
}

TEST_F(AlarmSettings, a_dry_run_says_when_the_rule_would_have_held) {
    saturation(dip(85, 40));
    const auto answer = ask("POST", "/api/patients/1/alarm-rules/dry-run", reader(),
                            R"({"text":"SpO2 < 90 for 15 s",)" + span() + "}");
    ASSERT_EQ(answer.status, 200) << answer.body;
    ASSERT_EQ(answer.json()["spans"].size(), 1U) << answer.body;
    EXPECT_EQ(answer.json()["readings"].integer(), 130);
    EXPECT_EQ(answer.json()["held_s"].integer(), 25);
    EXPECT_EQ(
        ask("POST", "/api/patients/1/alarm-rules/dry-run", reader(),
            R"({"text":"SpO2 < 90","from":"2026-01-01T00:00:00Z","to":"2026-03-01T00:00:00Z"})")
            .status,
        413)
        << "more than 31 days";
}

TEST_F(AlarmSettings, a_units_default_changes_when_a_second_person_confirms) {
    const auto proposed = ask(
        "POST", "/api/alarm-profiles/proposals", token("nurse", {"system/*.cruds"}),
        R"({"unit":"ICU","age_class":"adult","condition":"spo2_low","limit":"88","reason":"our patients"})");
    ASSERT_EQ(proposed.status, 200) << proposed.body;
    const auto proposal = proposed.json()["proposals"][std::size_t{0}];
    EXPECT_EQ(proposal["condition"].string(), "spo2_low");
    EXPECT_EQ(proposal["limit"].text(), "88");
    EXPECT_EQ(proposal["by"].string(), "nurse");
    const auto limit = [](const Answer& answer) {
        for (const auto each : answer.json()["limits"])
            if (each["condition"].string() == "spo2_low") return std::string(each["limit"].text());
        return std::string();
    };
    EXPECT_EQ(limit(proposed), "90");
    const auto confirm =
        "/api/alarm-profiles/proposals/" + std::string(proposal["id"].string()) + "/confirm";
    ask("POST", confirm, token("nurse", {"system/*.cruds"}), "{}");
    EXPECT_EQ(limit(ask("GET", "/api/alarm-profiles?unit=ICU", reader())), "90")
        << "whoever proposed it does not confirm it";
    const auto confirmed = ask("POST", confirm, token("charge", {"system/*.cruds"}), "{}");
    EXPECT_EQ(limit(confirmed), "88") << confirmed.body;
    EXPECT_EQ(confirmed.json()["proposals"].size(), 0U);
    EXPECT_EQ(ask("POST", confirm, token("charge", {"system/*.cruds"}), "{}").status, 404);
}

TEST_F(AlarmSettings, a_units_defaults_are_decided_by_whoever_looks_after_it) {
    const auto nurse = token("ward-nurse", {"system/*.cruds"});
    EXPECT_EQ(ask("GET", "/api/alarm-profiles?unit=Ward 2", nurse).status, 200);
    EXPECT_EQ(ask("GET", "/api/alarm-profiles?unit=ICU", nurse).status, 403);
    EXPECT_EQ(
        ask("POST", "/api/alarm-profiles/proposals", nurse,
            R"({"unit":"ICU","age_class":"adult","condition":"spo2_low","limit":"88","reason":"x"})")
            .status,
        403);
}

TEST_F(AlarmSettings, a_what_if_says_what_is_saved_and_what_is_missed) {
    saturation(dip(88, 40));
    const auto ask_if = [this](const std::string& change) {
        return ask("POST", "/api/alarms/what-if", reader(),
                   R"({"patients":["1"],)" + span() + "," + change + "}");
    };
    auto answer = ask_if(R"("limits":[{"condition":"spo2_low","limit":"85"}])");
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.header("content-type"), "application/x-ndjson");
    EXPECT_TRUE(context.what_if_under_way);
    EXPECT_EQ(ask_if(R"("rules":[])").status, 503) << "one at a time";
    const auto body = answer.streamed();
    const auto end = body.find('\n');
    ASSERT_NE(end, std::string::npos) << body;
    JsonDocument document;
    const auto line = *document.parse(std::string_view(body).substr(0, end));
    EXPECT_EQ(line["patient"].string(), "1");
    EXPECT_EQ(line["alarms_before"].integer(), 1);
    EXPECT_EQ(line["alarms_after"].integer(), 0);
    EXPECT_EQ(line["missed"].integer(), 1);
    EXPECT_EQ(line["conditions"][std::size_t{0}]["condition"].string(), "spo2_low");
    JsonDocument last;
    const auto total = (*last.parse(std::string_view(body).substr(end + 1)))["total"];
    EXPECT_EQ(total["patients"].integer(), 1);
    EXPECT_EQ(total["alarms_before"].integer(), 1);
    EXPECT_FALSE(context.what_if_under_way);
}

TEST_F(AlarmSettings, a_what_if_refuses_what_could_not_be_set) {
    const auto status = [this](const std::string& body) {
        return ask("POST", "/api/alarms/what-if", reader(), body).status;
    };
    const auto limits = R"("limits":[{"condition":"spo2_low","limit":"85"}])";
    EXPECT_EQ(status(R"({"patients":["1"],)" + span() + "}"), 400) << "nothing is different";
    EXPECT_EQ(status("{" + span() + "," + limits + "}"), 400) << "of nobody";
    EXPECT_EQ(status(R"({"patients":["77"],)" + span() + "," + limits + "}"), 404);
    EXPECT_EQ(status(R"({"patients":["1"],)" + span() +
                     R"(,"limits":[{"condition":"spo2_desaturation","enabled":false}]})"),
              403)
        << "desaturation is not switched off";
}

TEST_F(AlarmSettings, limits_worked_out_from_present_values_are_proposals) {
    const auto answer = ask("GET", "/api/patients/1/alarm-limits/proposals", reader());
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.json()["proposals"].size(), 0U) << "nothing is measured now";
}

TEST_F(AlarmSettings, how_long_a_metric_may_be_silent_is_set_for_one_patient) {
    const auto set = [this](const std::string& metric, const std::string& body) {
        return ask("PUT", "/api/patients/1/data-watch/" + metric, writer(), body).status;
    };
    EXPECT_EQ(set("nibp_sys", R"({"gap_s":7200,"reason":"two-hourly"})"), 200);
    ASSERT_EQ(watch.given.size(), 1U);
    EXPECT_EQ(std::get<monitor::DataWatchSet>(watch.given[0].body).gap, std::chrono::hours(2));
    EXPECT_EQ(set("nibp_sys", R"({"gap_s":-1,"reason":"x"})"), 400);
    EXPECT_EQ(set("nibp_sys", R"({"gap_s":60})"), 400);
    EXPECT_EQ(set("no_such", R"({"gap_s":60,"reason":"x"})"), 404);
}

}  // namespace
}  // namespace vigil::share
