#include "share/api/stage.hpp"

namespace vigil::share {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// Three heart rates and a temperature of patient 1.
class Series : public ApiTest {
protected:
    Series() {
        for (const auto* payload :
             {R"({"heart_rate":60.0,"ts":"2026-11-23T07:59:10Z"})",
              R"({"heart_rate":61.50,"ts":"2026-11-23T07:59:20Z"})",
              R"({"heart_rate":"not_a_number","ts":"2026-11-23T07:59:30Z"})",
              R"({"temp_body":{"value":98.60,"unit":"[degF]"},"ts":"2026-11-23T07:59:30Z"})"})
            publish("vigil/m/telemetry", payload);
    }
    static std::vector<std::string> values(const Answer& answer) {
        std::vector<std::string> found;
        for (const auto reading : answer.json()["readings"])
            found.emplace_back(reading["value"].is(JsonKind::null) ? reading["special"].string()
                                                                   : reading["value"].string());
        return found;
    }
    std::string whole(Answer answer) { return std::move(answer.body); }
};

TEST_F(Series, are_listed_with_their_newest_value_and_its_age) {
    now += std::chrono::seconds(10);
    const auto answer = ask("GET", "/api/series?patient=1", reader());
    ASSERT_EQ(answer.json()["series"].size(), 2U);
    const auto rate = answer.json()["series"][std::size_t{0}];
    EXPECT_EQ(rate["metric"].string(), "heart_rate");
    EXPECT_EQ(rate["count"].text(), "3");
    EXPECT_EQ(rate["last"].string(), "2026-11-23T07:59:30Z");
    EXPECT_EQ(rate["age_s"].text(), "40");
    EXPECT_EQ(rate["freshness"].string(), "absent");
}

TEST_F(Series, a_value_is_what_the_device_said) {
    const auto rates = ask("GET", "/api/series/raw?patient=1&metric=heart_rate", reader());
    EXPECT_THAT(values(rates), ElementsAre("60.0", "61.50", "not_a_number"));
    const auto answer = ask("GET", "/api/series/latest?patient=1&metric=temp_body", reader());
    const auto temperature = answer.json()["readings"][std::size_t{0}];
    EXPECT_EQ(temperature["value"].string(), "98.60");
    EXPECT_EQ(temperature["unit"].string(), "[degF]");
    EXPECT_THAT(std::string(temperature["normal"].string()), StartsWith("37"));
}

TEST_F(Series, a_span_includes_its_beginning_and_not_its_end) {
    const auto answer = ask("GET",
                            "/api/series/raw?patient=1&metric=heart_rate"
                            "&from=2026-11-23T07:59:20Z&to=2026-11-23T08:59:30+01:00",
                            reader());
    EXPECT_THAT(values(answer), ElementsAre("61.50"));
    const auto newest =
        ask("GET", "/api/series/raw?patient=1&metric=heart_rate&order=desc&limit=2", reader());
    EXPECT_THAT(values(newest), ElementsAre("not_a_number", "61.50"));
}

TEST_F(Series, pages_go_on_where_the_last_one_ended) {
    std::string cursor;
    std::vector<std::string> all;
    for (int page = 0; page < 3; ++page) {
        const auto answer = ask("GET",
                                "/api/series/raw?patient=1&metric=heart_rate&limit=1" +
                                    (cursor.empty() ? "" : "&cursor=" + cursor),
                                reader());
        for (auto& value : values(answer)) all.push_back(value);
        cursor = answer.json()["next"].string();
        EXPECT_EQ(cursor.empty(), page == 2);
    }
    EXPECT_THAT(all, ElementsAre("60.0", "61.50", "not_a_number"));
}

TEST_F(Series, several_metrics_come_together_in_order_of_time) {
    const std::string both = "/api/series/raw?patient=1&metric=temp_body&metric=heart_rate";
    const std::vector<std::string> in_order{"60.0", "61.50", "98.60", "not_a_number"};
    EXPECT_EQ(values(ask("GET", both, reader())), in_order) << "at one time as they were asked for";
    EXPECT_THAT(values(ask("GET", both + "&order=desc&limit=3", reader())),
                ElementsAre("not_a_number", "98.60", "61.50"));
    for (const auto* limit : {"1", "2", "3", "4"}) {
        std::string cursor;
        std::vector<std::string> all;
        do {
            const auto answer = ask("GET", both + "&limit=" + limit + cursor, reader());
            for (auto& value : values(answer)) all.push_back(value);
            const auto next = answer.json()["next"].string();
            cursor = next.empty() ? "" : "&cursor=" + std::string(next);
        } while (!cursor.empty());
        EXPECT_EQ(all, in_order) << "in pages of " << limit;
    }
    EXPECT_THAT(values(ask("GET", both + "&metric=heart_rate&limit=2", reader())),
                ElementsAre("60.0", "61.50"))
        << "one that is asked for twice comes once";
}

TEST_F(Series, special_values_do_not_count_in_a_bucket) {
    const auto answer = ask("GET",
                            "/api/series/window?patient=1&metric=heart_rate&resolution=minute"
                            "&from=2026-11-23T07:00:00Z&to=2026-11-23T08:00:00Z",
                            reader());
    const auto column = answer.json()["series"][std::size_t{0}];
    EXPECT_EQ(column["count"][std::size_t{0}].text(), "2");
    EXPECT_EQ(column["min"][std::size_t{0}].text(), "60");
    EXPECT_EQ(column["max"][std::size_t{0}].text(), "61.5");
    EXPECT_EQ(column["mean"][std::size_t{0}].text(), "60.75");
    EXPECT_EQ(column["last"][std::size_t{0}].text(), "61.5");
    EXPECT_EQ(answer.json()["bucket_s"].text(), "60");
}

TEST_F(Series, what_cannot_be_asked_is_told_why) {
    struct Case {
        const char* target;
        int status;
    };
    for (const auto& [target, status] : {
             Case{"/api/series", 400},
             Case{"/api/series?patient=17", 404},
             Case{"/api/series?device=nobody", 404},
             Case{"/api/series/latest?patient=x", 404},
             Case{"/api/series/latest?patient=1&metric=charm", 404},
             Case{"/api/series/raw?patient=1", 400},
             Case{"/api/series/raw?patient=1&metric=charm", 404},
             Case{"/api/series/raw?patient=1&metric=heart_rate&from=noon", 400},
             Case{"/api/series/raw?patient=1&metric=heart_rate&to=noon", 400},
             Case{"/api/series/raw?patient=1&metric=heart_rate&limit=1000000", 400},
             Case{"/api/series/raw?patient=1&metric=heart_rate&cursor=x", 400},
             Case{"/api/series/raw?patient=1&metric=heart_rate&device=nobody", 404},
             Case{"/api/series/window?patient=1&metric=heart_rate&resolution=week", 400},
             Case{"/api/series/window?patient=1&metric=heart_rate&points=0", 400},
             Case{"/api/series/window?patient=1&metric=ecg_ii", 422},
             Case{"/api/series/window?patient=1&metric=heart_rate&metric=spo2", 400},
             Case{"/api/series/raw?patient=1&metric=heart_rate&metric=charm", 404},
             Case{"/api/series/latest?patient=1&metric=heart_rate&metric=charm", 404},
         }) {
        const auto answer = ask("GET", target, reader());
        EXPECT_EQ(answer.status, status) << target << answer.body;
    }
}

TEST_F(Series, one_answer_has_so_many_metrics_and_no_more) {
    std::string target = "/api/series/raw?patient=1";
    std::size_t count = 0;
    for (const auto& metric : catalogue.all()) {
        target += "&metric=" + metric.key;
        const auto answer = ask("GET", target, reader());
        EXPECT_EQ(answer.status, ++count <= 16 ? 200 : 400) << target << answer.body;
        if (count > 16) break;
    }
}

TEST_F(Series, latest_values_as_csv) {
    const auto answer = ask("GET", "/api/series/latest?patient=1&format=csv", reader());
    EXPECT_THAT(answer.header("content-type"), StartsWith("text/csv"));
    EXPECT_THAT(answer.body, HasSubstr("98.60"));
}

}  // namespace
}  // namespace vigil::share
