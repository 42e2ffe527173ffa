#include "monitor/rules/rule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "monitor/alarms/bed.hpp"
#include "monitor/rules/rule_evaluator.hpp"

namespace vigil::monitor {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Rule parsed(std::string_view text) {
    auto rule = parse_rule(text, the_catalogue());
    EXPECT_TRUE(rule) << text << ": " << rule.error().message << " at " << rule.error().place;
    return rule ? *rule : Rule{};
}

TEST(RuleParser, reads_what_the_guide_shows) {
    const auto rule = parsed("SpO2 < 90 % for 15 s and RR rising 5/min over 2 min");
    ASSERT_EQ(rule.nodes.size(), 3U);
    EXPECT_EQ(rule.nodes[0].metric, the_catalogue().find("spo2")->id);
    EXPECT_EQ(rule.nodes[0].bound, (Decimal{90, 0}));
    EXPECT_EQ(rule.nodes[0].duration, 15s);
    EXPECT_EQ(rule.nodes[1].kind, RuleNode::Kind::rising);
    EXPECT_EQ(rule.nodes[1].bound, (Decimal{5, 0}));
    EXPECT_EQ(rule.nodes[1].duration, 2min);
    EXPECT_EQ(rule.nodes[2].kind, RuleNode::Kind::all);
    parsed("not (HR > 50 while signal good) for 30 s or spo2 missing for 2 min");
    parsed("spo2<90% for 15s while spo2_signal_quality>=50%");
    parsed("nibp_sys >= 24 kPa");
    EXPECT_EQ(parsed("temp_body > 100.4 [degF]").nodes[0].bound, (Decimal{38, 0}));
}

TEST(RuleParser, and_binds_tighter_than_or) {
    const auto rule = parsed("hr > 1 or rr > 2 and spo2 < 3");
    ASSERT_EQ(rule.nodes.back().kind, RuleNode::Kind::any);
    EXPECT_EQ(rule.nodes[rule.nodes.back().right].kind, RuleNode::Kind::all);
}

TEST(RuleParser, says_what_is_wrong_and_where) {
    const auto error = [](std::string_view text) {
        const auto rule = parse_rule(text, the_catalogue());
        return rule ? std::string("taken") : rule.error().place + ": " + rule.error().message;
    };
    EXPECT_EQ(error(""), "character 1: the rule ends where a metric should stand");
    EXPECT_EQ(
        error("spo3 < 90"),
        "character 1: \"spo3\" stands where a metric of the catalogue that is a number should");
    EXPECT_THAT(error("ecg_ii < 90"), HasSubstr("a number"));
    EXPECT_THAT(error("spo2 = 90"), HasSubstr("<, >, rising, falling or missing"));
    EXPECT_EQ(error("spo2 < 90 mmHg"), "character 11: \"mmHg\" stands where % (or no unit) should");
    EXPECT_THAT(error("spo2 < 90 for 15"), HasSubstr("s, min or h"));
    EXPECT_THAT(error("spo2 < 90 for 2 h"), HasSubstr("1 s to 1 h"));
    EXPECT_THAT(error("rr rising 5"), HasSubstr("over and how long"));
    EXPECT_THAT(error("rr rising -5 over 1 min"), HasSubstr("more than 0"));
    EXPECT_THAT(error("temp rising 2 [degF] over 1 min"), HasSubstr("stands where"));
    EXPECT_THAT(error("(spo2 < 90"), HasSubstr("a closing bracket"));
    EXPECT_THAT(error("spo2 < 90 % rr > 20"), HasSubstr("and, or or the end"));
    EXPECT_THAT(error("spo2 < 1.2.3"), HasSubstr("a number such as"));
}

TEST(RuleParser, is_bounded) {
    std::string deep, wide = "hr > 1";
    for (int i = 0; i < 20; ++i) deep += '(';
    EXPECT_EQ(parse_rule(deep, the_catalogue()).error().kind, Error::Kind::too_large);
    deep.clear();
    for (int i = 0; i < 20; ++i) deep += "not ";
    EXPECT_EQ(parse_rule(deep + "hr > 1", the_catalogue()).error().kind, Error::Kind::too_large);
    for (int i = 0; i < 20; ++i) wide += " or hr > 1";
    EXPECT_EQ(parse_rule(wide, the_catalogue()).error().kind, Error::Kind::too_large);
    EXPECT_EQ(parse_rule(std::string(1'001, ' '), the_catalogue()).error().kind,
              Error::Kind::too_large);
}

// A rule fed at 1 Hz; `truth` after each second as one letter.
class Course {
public:
    explicit Course(std::string_view text)
        : rule_(parsed(text)), evaluator(rule_, the_catalogue()) {}
    void tick(std::int64_t to) {
        while (now < to) {
            ++now;
            evaluator.on_time(Bed::time(now));
        }
    }
    void value(std::string_view metric, std::int64_t number, bool good = true,
               std::uint32_t device = 1) {
        evaluator.on_value({DeviceId{device},
                            the_catalogue().find(metric)->id,
                            0,
                            {{number, 0}},
                            good,
                            Bed::time(now)},
                           Bed::time(now));
    }
    void values(std::string_view metric, std::int64_t number, std::int64_t to) {
        while (now < to) {
            tick(now + 1);
            value(metric, number);
        }
    }
    Truth truth() const { return evaluator.truth(); }

private:
    Rule rule_;

public:
    RuleEvaluator evaluator;
    std::int64_t now = 0;
};

TEST(RuleEvaluator, a_comparison_holds_once_it_has_lasted) {
    Course run("spo2 < 90 for 15 s");
    EXPECT_EQ(run.truth(), Truth::unknown);
    run.values("spo2", 97, 5);
    EXPECT_EQ(run.truth(), Truth::no);
    run.values("spo2", 88, 20);
    EXPECT_EQ(run.truth(), Truth::no) << "since 6 s";
    run.values("spo2", 88, 21);
    EXPECT_EQ(run.truth(), Truth::yes);
    run.values("spo2", 90, 22);
    EXPECT_EQ(run.truth(), Truth::no);
}

TEST(RuleEvaluator, what_is_missing_is_not_known_and_comes_back_as_it_was) {
    Course run("spo2 < 90 for 15 s");
    run.values("spo2", 88, 30);
    run.tick(45);
    EXPECT_EQ(run.truth(), Truth::unknown);
    run.values("spo2", 88, 46);
    EXPECT_EQ(run.truth(), Truth::yes) << "no new delay: it stood before";
    Course pending("spo2 < 90 for 15 s");
    pending.values("spo2", 88, 10);
    pending.tick(30);
    pending.values("spo2", 88, 40);
    EXPECT_EQ(pending.truth(), Truth::no) << "anew since 31 s";
}

TEST(RuleEvaluator, a_trend_is_known_when_its_window_is_full) {
    Course run("resp_rate rising 5 over 1 min");
    for (int i = 0; i < 48; ++i) run.values("resp_rate", 15, run.now + 1);
    EXPECT_EQ(run.truth(), Truth::unknown);
    run.values("resp_rate", 15, 60);
    EXPECT_EQ(run.truth(), Truth::no);
    for (int i = 0; i < 60; ++i) run.values("resp_rate", 15 + i / 8, run.now + 1);
    EXPECT_EQ(run.truth(), Truth::yes) << "7 in a minute";
    run.values("resp_rate", 22, 200);
    EXPECT_EQ(run.truth(), Truth::no) << "high, and rising no more";
    run.values("resp_rate", 40, 201);
    EXPECT_EQ(run.truth(), Truth::no) << "one artefact is no trend";
}

TEST(RuleEvaluator, artefacts_are_gated_by_quality_of_the_signal_or_another_metric) {
    Course good("spo2 < 90 while signal good");
    good.tick(1);
    good.value("spo2", 70, false);
    EXPECT_EQ(good.truth(), Truth::unknown);
    good.tick(2);
    good.value("spo2", 70, true);
    EXPECT_EQ(good.truth(), Truth::yes);
    Course quality("spo2 < 90 while spo2_signal_quality >= 50");
    quality.tick(1);
    quality.value("spo2_signal_quality", 20);
    quality.value("spo2", 70);
    EXPECT_EQ(quality.truth(), Truth::unknown);
    quality.tick(2);
    quality.value("spo2_signal_quality", 80);
    quality.value("spo2", 70);
    EXPECT_EQ(quality.truth(), Truth::yes);
}

TEST(RuleEvaluator, combines_in_three_values) {
    Course any("spo2 < 90 or heart_rate > 120");
    any.values("spo2", 85, 1);
    EXPECT_EQ(any.truth(), Truth::yes) << "whatever the heart rate is";
    Course all("spo2 < 90 and heart_rate > 120");
    all.values("spo2", 85, 1);
    EXPECT_EQ(all.truth(), Truth::unknown);
    all.values("spo2", 95, 2);
    EXPECT_EQ(all.truth(), Truth::no);
    Course negation("not spo2 < 90");
    EXPECT_EQ(negation.truth(), Truth::unknown);
    negation.values("spo2", 95, 1);
    EXPECT_EQ(negation.truth(), Truth::yes);
}

TEST(RuleEvaluator, a_group_lasts_as_a_whole) {
    Course run("(spo2 < 90 and heart_rate > 100) for 5 s");
    while (run.now < 10) {
        run.tick(run.now + 1);
        run.value("spo2", 85);
        run.value("heart_rate", run.now == 3 ? 90 : 110);
    }
    EXPECT_EQ(run.truth(), Truth::yes) << "since 4 s";
    Course broken("(spo2 < 90 and heart_rate > 100) for 5 s");
    while (broken.now < 10) {
        broken.tick(broken.now + 1);
        broken.value("spo2", 85);
        broken.value("heart_rate", broken.now % 4 == 3 ? 90 : 110);
    }
    EXPECT_EQ(broken.truth(), Truth::no);
}

TEST(RuleEvaluator, missing_is_a_condition_of_its_own) {
    Course run("spo2 missing for 20 s");
    run.values("spo2", 97, 5);
    run.tick(24);
    EXPECT_EQ(run.truth(), Truth::no);
    run.tick(25);
    EXPECT_EQ(run.truth(), Truth::yes);
    run.values("spo2", 97, 26);
    EXPECT_EQ(run.truth(), Truth::no);
}

TEST(RuleEvaluator, values_come_from_one_device_until_it_is_silent) {
    Course run("spo2 < 90");
    run.tick(1);
    run.value("spo2", 97, true, 1);
    run.value("spo2", 80, true, 2);
    EXPECT_EQ(run.truth(), Truth::no);
    run.tick(15);
    run.value("spo2", 80, true, 2);
    EXPECT_EQ(run.truth(), Truth::yes);
}

TEST(Rules, of_a_patient_are_alarms_like_any_other) {
    Bed bed;
    ASSERT_TRUE(
        bed.act(AlarmRuleSet{bed.subject(), ConditionId{0x8001}, "sedated",
                             "spo2 < 93 for 3 s and resp_rate < 10", AlarmPriority::high, false}));
    while (bed.now < 10) {
        bed.tick(bed.now + 1);
        bed.read("spo2", 92);
        bed.read("resp_rate", 9);
    }
    EXPECT_THAT(bed.said(), testing::ElementsAre("0 rule-changed", "4 onset"));
    EXPECT_EQ(bed.events.back().priority, AlarmPriority::high);
    EXPECT_THAT(bed.events.back().detail, HasSubstr("sedated: spo2 < 93"));
    bed.tick(30);
    EXPECT_THAT(bed.said(), testing::Contains("21 stale"));
    ASSERT_TRUE(bed.act(AlarmRuleSet{bed.subject(), ConditionId{0x8001}}));
    EXPECT_THAT(bed.said(), testing::ElementsAre("30 rule-changed", "30 ended"));
}

TEST(Rules, that_cannot_be_read_are_refused_with_the_place) {
    Bed bed;
    const auto refused = bed.act(AlarmRuleSet{bed.subject(), ConditionId{0x8001}, "x", "spo2 <"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().place, "character 7");
    EXPECT_FALSE(bed.act(AlarmRuleSet{bed.subject(), ConditionId{5}, "x", "spo2 < 90"}));
    EXPECT_FALSE(bed.act(AlarmRuleSet{bed.subject(), ConditionId{0x8001}}));
}

}  // namespace
}  // namespace vigil::monitor
