#include "signal/rhythm/beat_conditions.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "signal/recordings.hpp"
#include "signal/rhythm/suppression.hpp"

namespace vigil::rhythm {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

// A patient whose beats are written as letters, at 1000 samples a second, and a detector that has
// seen all of the signal at each tenth of a second.
class Patient {
public:
    explicit Patient(const ArrhythmiaSettings& settings = {}) : conditions_(1000, settings) {}

    Patient& beats(const std::string& classes, double rr_s = 0.8, int shape = -1) {
        for (const char letter : classes) {
            wait(rr_s);
            beat(letter, shape);
        }
        return *this;
    }
    Patient& beat(char letter, int shape = -1) {
        const auto beat_class = static_cast<ecg::BeatClass>(std::string("NSVFQ").find(letter));
        conditions_.add({.sample = std::llround(now_ * 1000), .beat_class = beat_class}, shape,
                        events);
        return *this;
    }
    Patient& wait(double for_s, bool usable = true) {
        const double until = now_ + for_s;
        for (; ticked_ + 0.1 < until; ticked_ += 0.1)
            conditions_.advance(ticked_ + 0.1, usable, events);
        now_ = until;
        return *this;
    }
    // "couplet 5.6-6.0", those that go on without an end.
    std::vector<std::string> told() const {
        std::vector<std::string> list;
        for (const auto& event : events) {
            if (event.begins)
                list.push_back(fmt::format("{} {:.1f}", name_of(event.condition), event.at_s));
            else
                for (auto& text : list)
                    if (text.starts_with(name_of(event.condition)) && text.find('-') == text.npos)
                        text += fmt::format("-{:.1f}", event.at_s);
        }
        return list;
    }
    std::optional<double> rate() const { return conditions_.heart_rate(); }
    double now() const { return now_; }

    std::vector<RhythmEvent> events;

private:
    BeatConditions conditions_;
    double now_ = 0, ticked_ = 0;
};

std::vector<std::string> of(const std::string& beats) {
    return Patient().beats(beats).told();
}

TEST(BeatConditions, of_a_sinus_rhythm_is_nothing) {
    Patient patient;
    EXPECT_THAT(patient.beats(std::string(100, 'N')).told(), IsEmpty());
    EXPECT_NEAR(*patient.rate(), 75, 1e-6);
}

TEST(BeatConditions, asystole_is_four_seconds_without_a_beat_where_there_is_a_signal) {
    Patient patient;
    patient.beats("NNNNN").wait(3.95);
    EXPECT_THAT(patient.told(), Not(Contains(testing::StartsWith("asystole"))));
    patient.wait(0.2);
    EXPECT_THAT(patient.told(), Contains("asystole 4.0"));
    EXPECT_LE(patient.events.back().known_s, 8.3) << "told at 4.0 s + 0.3 s";
    EXPECT_FALSE(patient.rate()) << "no rate of a heart that stands still";
    patient.wait(2).beat('N');
    EXPECT_THAT(patient.told(), ElementsAre("pause 4.0-10.2", "asystole 4.0-10.2"));

    Patient lead_off;
    lead_off.beats("NNNNN").wait(30, false);
    EXPECT_THAT(lead_off.told(), IsEmpty()) << "a lead off is never shown as asystole";
    lead_off.wait(3.9);
    EXPECT_THAT(lead_off.told(), IsEmpty());
    lead_off.wait(0.5);
    EXPECT_THAT(lead_off.told(), Contains(testing::MatchesRegex("asystole 3[34].*")))
        << "counted from when the signal is back";
}

TEST(BeatConditions, asystole_is_told_of_a_patient_who_never_had_a_beat) {
    Patient patient;
    EXPECT_THAT(patient.wait(4.2).told(), ElementsAre("asystole 0.0"));
}

TEST(BeatConditions, a_pause_is_longer_than_three_seconds_and_a_missed_beat_shorter) {
    EXPECT_THAT(Patient().beats("NNNNNN").beats("N", 3.2).told(), ElementsAre("pause 4.8-8.0"));
    EXPECT_THAT(Patient().beats("NNNNNN").beats("NNN", 1.5).told(),
                ElementsAre("missed beat 4.8-6.3"))
        << "1.5 s is more than 1.8 times the average once, then it is the average";
    EXPECT_THAT(Patient().beats("NNNNNN").beats("N", 1.4).told(), IsEmpty());
}

TEST(BeatConditions, runs_go_by_their_length_and_rate) {
    const auto run = [](int length, double rr_s) {
        return Patient().beats("NNNN").beats(std::string(length, 'V'), rr_s).beats("NNN").told();
    };
    EXPECT_THAT(run(1, 0.5), IsEmpty());
    EXPECT_THAT(run(2, 0.5), ElementsAre("ventricular couplet 3.7-4.2"));
    EXPECT_THAT(run(2, 0.7), IsEmpty()) << "not within 600 ms";
    EXPECT_THAT(run(3, 0.5), ElementsAre("run of ventricular beats 3.7-4.7"));
    EXPECT_THAT(run(4, 0.5), ElementsAre("run of ventricular beats 3.7-5.2"));
    EXPECT_THAT(run(5, 0.5),
                ElementsAre("run of ventricular beats 3.7-5.2", "ventricular tachycardia 3.7-5.7"));
    EXPECT_THAT(run(3, 0.8), ElementsAre("ventricular rhythm 4.0-5.6"));
    EXPECT_THAT(run(10, 0.8), ElementsAre("ventricular rhythm 4.0-11.2"));
    EXPECT_THAT(run(5, 0.6), ElementsAre("ventricular rhythm 3.8-6.2")) << "100/min is not above";
}

TEST(BeatConditions, tachycardia_is_told_at_its_fifth_beat) {
    Patient patient;
    patient.beats("NNNN").beats("VVVVV", 0.4);
    ASSERT_FALSE(patient.events.empty());
    EXPECT_THAT(patient.told().back(), "ventricular tachycardia 3.6");
    EXPECT_NEAR(patient.events.back().known_s, 5.2, 1e-6);
}

TEST(BeatConditions, tachycardia_ends_where_its_beats_do) {
    Patient standstill;
    standstill.beats("NNNN").beats("VVVVVVVV", 0.4).wait(5);
    EXPECT_THAT(standstill.told(),
                IsSupersetOf({"ventricular tachycardia 3.6-6.4", "asystole 6.4"}));
    Patient lost;
    lost.beats("NNNN").beats("VVVVVVVV", 0.4).wait(5, false);
    EXPECT_THAT(lost.told(),
                ElementsAre("run of ventricular beats 3.6-4.8", "ventricular tachycardia 3.6-6.4"));
    Patient slower;
    slower.beats("NNNN").beats("VVVVVV", 0.5).beats("VVVVVVVV", 0.9).beats("NN");
    EXPECT_THAT(slower.told(), Contains(testing::StartsWith("ventricular rhythm")));
}

TEST(BeatConditions, fusion_and_unclassifiable_beats_end_a_run) {
    EXPECT_THAT(Patient().beats("NNNN").beats("VVFVV", 0.5).beats("NNN").told(),
                ElementsAre("ventricular couplet 3.7-4.2", "ventricular couplet 5.2-5.7"));
    EXPECT_THAT(of("NNQQQQQQNN"), IsEmpty());
}

TEST(BeatConditions, bigeminy_and_trigeminy_need_three_cycles) {
    EXPECT_THAT(of("NNNNVNVNNN"), IsEmpty());
    EXPECT_THAT(of("NNNNVNVNVNNN"), ElementsAre("ventricular bigeminy 4.0-7.2"));
    EXPECT_THAT(of("NNNNVNVNVNVNVNNN"), ElementsAre("ventricular bigeminy 4.0-10.4"));
    EXPECT_THAT(of("NNNVNNVNNVNNN"), ElementsAre("ventricular trigeminy 3.2-8.0"));
    EXPECT_THAT(of("NNNVNNVNVNNN"), IsEmpty()) << "neither";
    EXPECT_THAT(of("NNVNVNVVNVNVNN"), ElementsAre("ventricular bigeminy 2.4-5.6"))
        << "two in a row break it up";
    EXPECT_THAT(of("NNNSNSNSNSNSN"), IsEmpty()) << "of atrial beats is not ventricular";
}

TEST(BeatConditions, frequent_ventricular_beats_are_more_than_ten_in_a_minute) {
    Patient patient;
    for (int i = 0; i < 10; ++i) patient.beats("NNNNV");
    EXPECT_THAT(patient.told(), IsEmpty());
    for (int i = 0; i < 10; ++i) patient.beats("NNNNV");
    EXPECT_THAT(patient.told(), ElementsAre(testing::StartsWith("frequent ventricular beats")));
    patient.beats(std::string(80, 'N'));
    EXPECT_THAT(patient.told(), ElementsAre(testing::ContainsRegex("frequent .*-")));
}

TEST(BeatConditions, shapes_are_two_among_fifteen_beats) {
    Patient one;
    one.beats("NNN").beats("V", 0.8, 1).beats("NNN").beats("V", 0.8, 1).beats("NN");
    EXPECT_THAT(one.told(), IsEmpty());
    Patient two;
    two.beats("NNN").beats("V", 0.8, 1).beats("NNN").beats("V", 0.8, 2).beats(std::string(20, 'N'));
    EXPECT_THAT(two.told(), ElementsAre(testing::StartsWith("multiform ventricular beats 6.4-")));
}

TEST(BeatConditions, r_on_t_is_very_early_and_has_a_pause) {
    EXPECT_THAT(Patient().beats("NNNNNN", 0.9).beats("V", 0.28).beats("N", 1.4).beats("NNN").told(),
                Contains("R on T 5.7-5.7"));
    EXPECT_THAT(Patient().beats("NNNNNN", 0.9).beats("V", 0.4).beats("N", 1.4).beats("NNN").told(),
                IsEmpty());
}

TEST(BeatConditions, rates_beyond_their_limits) {
    EXPECT_THAT(Patient().beats(std::string(60, 'N'), 0.45).told(),
                ElementsAre(testing::StartsWith("tachycardia")))
        << "133/min";
    EXPECT_THAT(Patient().beats(std::string(17, 'N'), 0.4).told(),
                ElementsAre("extreme tachycardia 0.4"))
        << "at the 17th beat above 140/min";
    EXPECT_THAT(Patient().beats(std::string(30, 'N'), 1.25).told(),
                ElementsAre(testing::StartsWith("bradycardia")))
        << "48/min";
    EXPECT_THAT(Patient().beats("NNNNN", 1.6).told(), ElementsAre("extreme bradycardia 1.6"))
        << "at the fifth beat below 40/min";
    EXPECT_THAT(Patient().beats("NNNN").beats("NNNNNN", 0.3).told(),
                ElementsAre("supraventricular tachycardia 3.2"))
        << "five narrow beats, 200/min";
    EXPECT_THAT(Patient().beats(std::string(200, 'N'), 0.5).told(), IsEmpty())
        << "at the limit of 120/min";
}

TEST(BeatConditions, the_rate_shown_takes_pauses_and_extremes_for_what_they_are) {
    HeartRate rate;
    EXPECT_FALSE(rate.per_min());
    for (int i = 0; i < 12; ++i) rate.add(0.8);
    rate.add(0.4);
    rate.add(1.2);
    EXPECT_NEAR(*rate.per_min(), 75, 1e-6) << "the longest and the shortest are left out";
    for (int i = 0; i < 4; ++i) rate.add(1.5);
    EXPECT_NEAR(*rate.per_min(), 40, 1e-6) << "a slow rhythm shows after four beats";
}

TEST(BeatConditions, hold_against_beats_out_of_order_and_times_that_go_back) {
    BeatConditions conditions(250);
    std::vector<RhythmEvent> events;
    std::mt19937 random(5);
    std::uniform_int_distribution<int> any(0, 4), step(-300, 2000);
    std::int64_t sample = 0;
    std::map<Condition, int> open;
    for (int i = 0; i < 50'000; ++i) {
        sample += step(random);
        conditions.add({.sample = sample, .beat_class = static_cast<ecg::BeatClass>(any(random))},
                       any(random) - 1, events);
        conditions.advance(static_cast<double>(sample + step(random)) / 250, any(random) > 0,
                           events);
        for (const auto& event : events) {
            auto& present = open[event.condition];
            present += event.begins ? 1 : -1;
            ASSERT_TRUE(present == 0 || present == 1) << name_of(event.condition);
            ASSERT_TRUE(std::isfinite(event.at_s));
            ASSERT_LE(event.at_s, event.known_s + 1e-9) << name_of(event.condition);
        }
        events.clear();
    }
}

TEST(Suppression, the_one_that_says_most_is_told) {
    Patient patient;
    patient.beats("NNNN").beats("VVVVVVVVVVVV", 0.5);
    for (int i = 0; i < 4; ++i) patient.beats("NV");
    patient.beats("NNNN").wait(6);
    Suppression chain;
    std::vector<std::string> told;
    for (auto event : patient.events) {
        chain.mark(event);
        if (event.begins && !event.suppressed) told.emplace_back(name_of(event.condition));
    }
    EXPECT_THAT(told, ElementsAre("run of ventricular beats", "ventricular tachycardia",
                                  "ventricular bigeminy", "pause", "asystole"))
        << "frequent beats are recorded, not told of";
    EXPECT_THAT(chain.told(), ElementsAre(Condition::asystole));
}

TEST(Suppression, orders_every_pair_one_way_at_most) {
    for (std::size_t i = 0; i < condition_count; ++i)
        for (std::size_t j = 0; j < condition_count; ++j) {
            const auto a = static_cast<Condition>(i), b = static_cast<Condition>(j);
            EXPECT_FALSE(suppresses(a, b) && suppresses(b, a));
        }
    using enum Condition;
    EXPECT_TRUE(suppresses(asystole, pause));
    EXPECT_TRUE(suppresses(ventricular_tachycardia, extreme_tachycardia));
    EXPECT_TRUE(suppresses(ventricular_tachycardia, atrial_fibrillation));
    EXPECT_FALSE(suppresses(extreme_tachycardia, atrial_fibrillation));
    EXPECT_FALSE(suppresses(asystole, ventricular_fibrillation));
    EXPECT_FALSE(suppresses(couplet, atrial_fibrillation));
}

// The reference's own beats: what its rhythm annotations call tachycardia and bigeminy is found,
// and nobody's heart stands still.
TEST(BeatConditions, of_the_arrhythmia_database_are_those_that_its_rhythms_name) {
    const auto list = recordings::names("ecg/mitdb", ".atr");
    if (list.empty()) GTEST_SKIP() << "no recordings in " << recordings::folder;
    int runs = 0, runs_found = 0, cycles = 0, cycles_found = 0, asystoles = 0;
    for (const auto& name : list) {
        const auto record = recordings::annotated("ecg/mitdb", name);
        BeatConditions conditions(record.hz);
        std::vector<RhythmEvent> events;
        double seen = 0;
        for (const auto& beat : record.beats) {
            const double at = seconds(beat, record.hz);
            for (; seen < at; seen += 0.5)  // waves of flutter are no beats: not for this detector
                conditions.advance(seen,
                                   std::ranges::none_of(record.flutter,
                                                        [&](const auto& span) {
                                                            return span.from_s - 1 < seen &&
                                                                   seen < span.to_s + 1;
                                                        }),
                                   events);
            conditions.add(beat, -1, events);
        }
        const auto found = [&](const recordings::Span& span, std::initializer_list<Condition> any) {
            return std::ranges::any_of(events, [&](const RhythmEvent& event) {
                return event.begins && event.at_s > span.from_s - 2 && event.at_s < span.to_s &&
                       std::ranges::find(any, event.condition) != any.end();
            });
        };
        for (const auto& span : record.of("(VT")) {
            ++runs;
            runs_found += found(span, {Condition::ventricular_tachycardia,
                                       Condition::ventricular_run, Condition::ventricular_rhythm});
        }
        for (const auto& span : record.of("(B")) {
            if (span.length() < 4) continue;
            ++cycles;
            cycles_found += found({span.from_s - 2, span.to_s}, {Condition::bigeminy});
        }
        for (const auto& event : events) asystoles += event.condition == Condition::asystole;
    }
    EXPECT_EQ(runs_found, runs);
    EXPECT_GE(cycles_found, cycles - 1) << "223 has one that is called so without three cycles";
    EXPECT_EQ(asystoles, 0);
}

}  // namespace
}  // namespace vigil::rhythm
