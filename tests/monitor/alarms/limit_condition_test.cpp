#include "monitor/alarms/limit_condition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "monitor/alarms/data_watch.hpp"

namespace vigil::monitor {
namespace {

using namespace std::chrono_literals;
using Phase = LimitCondition::Phase;
using testing::ElementsAre;
using testing::IsEmpty;

Timestamp at(std::int64_t second) {
    return Timestamp() + std::chrono::seconds(second);
}

// One limit on one series, as a monitor runs both: time first, then the value.
class Evaluator {
public:
    explicit Evaluator(Limit limit, Nanoseconds gap = 10s) : limit_(limit), gap_(gap) {}

    void value(std::int64_t second, std::int64_t number) {
        tick(second);
        if (!watch.counts(at(second))) return;
        if (watch.on_value(at(second), at(second)) == DataChange::came_back) say(second, "data");
        const auto change = condition.on_value(limit_, {{number, 0}}, at(second));
        if (change == LimitChange::onset)
            say(second, "onset of " + seconds(condition.violated_since));
        if (change == LimitChange::ended)
            say(second, "ended at " + seconds(condition.inside_since));
    }
    void tick(std::int64_t second) {
        if (watch.on_time(at(second), gap_) != DataChange::went_silent) return;
        condition.on_silence();
        say(second, "no data");
    }
    void values(std::int64_t from, std::int64_t to, std::int64_t number) {
        for (; from <= to; ++from) value(from, number);
    }
    void ticks(std::int64_t from, std::int64_t to) {
        for (; from <= to; ++from) tick(from);
    }

    std::vector<std::string> said;
    DataWatch watch;
    LimitCondition condition;

private:
    static std::string seconds(Timestamp t) { return std::to_string(unix_ns(t) / 1'000'000'000); }
    void say(std::int64_t second, const std::string& what) {
        said.push_back(std::to_string(second) + ": " + what);
    }
    Limit limit_;
    Nanoseconds gap_;
};

const Limit hr_high{LimitSide::high, {120, 0}, {0, 0}, 10s, 3s};

TEST(LimitCondition, above_the_limit_for_less_than_the_delay_stays_silent) {  // C1
    Evaluator hr(hr_high);
    hr.values(10, 19, 130);
    hr.values(20, 40, 110);
    EXPECT_THAT(hr.said, IsEmpty());
}

TEST(LimitCondition, begins_after_the_delay_and_ends_after_the_other) {  // C2
    Evaluator hr(hr_high);
    hr.values(10, 20, 130);
    hr.values(21, 40, 110);
    EXPECT_THAT(hr.said, ElementsAre("20: onset of 10", "24: ended at 21"));
}

TEST(LimitCondition, equal_to_the_limit_is_no_violation) {  // C3
    Evaluator hr(hr_high);
    hr.values(0, 60, 120);
    EXPECT_THAT(hr.said, IsEmpty());
    Evaluator low({LimitSide::low, {50, 0}, {0, 0}, 0s, 0s});
    low.values(0, 60, 50);
    EXPECT_THAT(low.said, IsEmpty());
}

TEST(LimitCondition, one_value_inside_starts_the_delay_anew) {  // C4
    Evaluator hr(hr_high);
    hr.values(10, 14, 130);
    hr.value(15, 110);
    hr.values(16, 25, 130);
    EXPECT_THAT(hr.said, IsEmpty());
    hr.value(26, 130);
    EXPECT_THAT(hr.said, ElementsAre("26: onset of 16"));
}

TEST(LimitCondition, a_short_dip_neither_ends_it_nor_begins_it_again) {  // C5
    Evaluator hr(hr_high);
    hr.values(10, 29, 130);
    hr.values(30, 31, 110);
    hr.values(32, 40, 125);
    EXPECT_THAT(hr.said, ElementsAre("20: onset of 10"));
}

TEST(LimitCondition, silence_leaves_the_alarm_standing_and_stale) {  // C6
    Evaluator hr(hr_high);
    hr.values(10, 40, 130);
    hr.ticks(41, 59);
    EXPECT_EQ(hr.condition.phase(), Phase::unknown);
    EXPECT_TRUE(hr.condition.stands());
    hr.value(60, 130);
    EXPECT_THAT(hr.said, ElementsAre("20: onset of 10", "51: no data", "60: data"));
    EXPECT_EQ(hr.condition.phase(), Phase::present);
}

TEST(LimitCondition, values_that_are_missing_do_not_stop_the_delay) {  // C7
    Evaluator hr(hr_high);
    hr.values(10, 11, 130);
    hr.ticks(12, 16);
    hr.values(17, 20, 130);
    EXPECT_THAT(hr.said, ElementsAre("20: onset of 10"));
}

TEST(LimitCondition, a_reading_that_comes_twice_counts_once_and_a_late_one_not_at_all) {  // C8, C9
    Evaluator hr(hr_high);
    hr.values(10, 20, 130);
    hr.value(20, 110);
    hr.value(15, 110);
    EXPECT_EQ(hr.condition.phase(), Phase::present);
    hr.values(21, 24, 110);
    EXPECT_THAT(hr.said, ElementsAre("20: onset of 10", "24: ended at 21"));
}

TEST(LimitCondition, after_silence_the_way_out_and_the_way_in_begin_anew) {
    Evaluator out(hr_high);
    out.values(10, 20, 130);
    out.values(21, 22, 110);  // clearing
    out.ticks(23, 40);
    out.values(41, 43, 110);
    EXPECT_EQ(out.condition.phase(), Phase::clearing);
    out.value(44, 110);
    EXPECT_EQ(out.said.back(), "44: ended at 41");
    Evaluator in(hr_high);
    in.values(10, 15, 130);  // pending
    in.ticks(16, 30);
    in.values(31, 40, 130);
    EXPECT_EQ(in.condition.phase(), Phase::pending);
    in.value(41, 130);
    EXPECT_EQ(in.said.back(), "41: onset of 31");
}

TEST(LimitCondition, within_the_hysteresis_it_goes_on) {
    Evaluator spo2({LimitSide::low, {90, 0}, {1, 0}, 0s, 0s});
    spo2.value(1, 89);
    spo2.value(2, 90);
    EXPECT_TRUE(spo2.condition.stands());
    spo2.value(3, 91);
    EXPECT_THAT(spo2.said, ElementsAre("1: onset of 1", "3: ended at 3"));
}

TEST(LimitCondition, beyond_the_range_of_the_device_is_beyond_every_limit) {
    LimitCondition condition;
    const Limit high{LimitSide::high, {200, 0}, {5, 0}, 0s, 0s};
    EXPECT_EQ(condition.on_value(high, {{}, MeasuredValue::Range::above}, at(1)),
              LimitChange::onset);
    EXPECT_EQ(condition.on_value(high, {{}, MeasuredValue::Range::below}, at(2)),
              LimitChange::ended);
}

TEST(LimitCondition, extreme_numbers_are_compared_and_not_overflown) {
    const Decimal huge{INT64_MAX, 127}, tiny{1, -128};
    const Limit limit{LimitSide::high, huge, tiny, 0s, 0s};
    EXPECT_FALSE(violates(limit, {huge}));
    EXPECT_TRUE(inside_by_hysteresis(limit, {tiny}));
    EXPECT_TRUE(violates({LimitSide::low, {INT64_MIN + 1, 127}, huge, 0s, 0s},
                         {{}, MeasuredValue::Range::below}));
}

// Told another way: all values so far are kept, and the question is answered from them anew each
// time. At 1 Hz, without hysteresis; `since` walks back over the run that the delay asks for.
struct Oracle {
    Limit limit;
    std::map<std::int64_t, std::int64_t> values{};
    bool stands = false;
    std::int64_t gap = 10;

    bool violating(std::int64_t value) const { return Decimal{value, 0} > limit.limit; }
    // How long up to `now` all valid values were (not) violating, without a silence.
    std::int64_t run(std::int64_t now, bool wanted) const {
        std::int64_t first = now, after = now;
        for (auto at = values.rbegin(); at != values.rend(); ++at) {
            if (violating(at->second) != wanted || after - at->first > gap) break;
            first = after = at->first;
        }
        return now - first;
    }
    std::string take(std::int64_t now, std::int64_t value) {
        values[now] = value;
        const bool violates_now = violating(value);
        if (!stands && violates_now && std::chrono::seconds(run(now, true)) >= limit.on_delay) {
            stands = true;
            return "onset";
        }
        if (stands && !violates_now && std::chrono::seconds(run(now, false)) >= limit.off_delay) {
            stands = false;
            return "ended";
        }
        return "";
    }
};

TEST(LimitCondition, does_what_looking_back_over_all_values_says) {
    std::mt19937 random(20'261'127);
    int onsets = 0;
    for (int round = 0; round < 150; ++round) {
        const Limit limit{LimitSide::high,
                          {120, 0},
                          {0, 0},
                          std::chrono::seconds(random() % 16),
                          std::chrono::seconds(random() % 6)};
        Evaluator evaluator(limit);
        Oracle oracle{limit};
        std::int64_t level = 110;
        for (std::int64_t second = 1; second < 400; ++second) {
            if (random() % 12 == 0) level = random() % 2 == 0 ? 110 : 130;
            if (random() % 30 == 0) second += static_cast<std::int64_t>(random() % 20);  // missing
            evaluator.said.clear();
            evaluator.value(second, level);
            std::string said;
            for (const auto& line : evaluator.said) {
                if (line.find("onset") != std::string::npos) said = "onset";
                if (line.find("ended") != std::string::npos) said = "ended";
            }
            ASSERT_EQ(said, oracle.take(second, level)) << "round " << round << " at " << second;
            onsets += said == "onset" ? 1 : 0;
        }
    }
    EXPECT_GT(onsets, 500);
}

TEST(LimitCondition,
     goes_on_from_any_moment_as_if_nothing_had_happened) {  // C11, the evaluator's part
    std::mt19937 random(7);
    for (int round = 0; round < 50; ++round) {
        Evaluator whole(hr_high), broken(hr_high);
        for (std::int64_t second = 0; second < 200; ++second) {
            const auto number = static_cast<std::int64_t>(110 + random() % 3 * 10);
            if (random() % 3 == 0) {
                Evaluator restored(hr_high);
                restored.condition = broken.condition;
                restored.watch = broken.watch;
                restored.said = broken.said;
                broken = restored;
            }
            if (random() % 15 == 0) second += 12;
            whole.value(second, number);
            broken.value(second, number);
        }
        ASSERT_EQ(whole.said, broken.said);
    }
}

}  // namespace
}  // namespace vigil::monitor
