#include "signal/rhythm/ventricular_fibrillation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <random>

#include "signal/recordings.hpp"

namespace vigil::rhythm {
namespace {

using testing::IsEmpty;
using testing::SizeIs;
using Lead = std::vector<float>;

std::vector<RhythmEvent> watch(const std::vector<Lead>& leads, double hz) {
    std::vector<FibrillationWindow> windows(leads.size(), FibrillationWindow(hz));
    VentricularFibrillation detector;
    std::vector<RhythmEvent> events;
    double next = 1;
    for (std::size_t i = 0; i < leads[0].size(); ++i) {
        for (std::size_t lead = 0; lead < leads.size(); ++lead) windows[lead].add(leads[lead][i]);
        const double now = static_cast<double>(i + 1) / hz;
        if (now < next) continue;
        next += 1;
        std::vector<std::optional<FibrillationMeasures>> measures;
        for (const auto& window : windows) measures.push_back(window.measure());
        detector.add(now, measures, events);
    }
    return events;
}

Lead drawn(double for_s, double hz, const std::function<double(double)>& mv) {
    Lead lead;
    for (double at = 0; at < for_s; at += 1 / hz) lead.push_back(static_cast<float>(mv(at)));
    return lead;
}

// Three oscillators whose rates wander between 3 and 8 Hz.
struct Fibrillation {
    std::mt19937 random;
    double size = 0.5;
    std::array<double, 3> hz{4.2, 5.1, 6.3}, phase{};
    double last = 0;
    double operator()(double at) {
        std::normal_distribution<double> step(0, 0.15), noise(0, 0.01);
        if (std::floor(at * 5) != std::floor(last * 5))
            for (auto& rate : hz) rate = std::clamp(rate + step(random), 3.0, 8.0);
        double sum = 0;
        constexpr std::array<double, 3> mix{0.9, 0.5, 0.3};
        for (std::size_t i = 0; i < 3; ++i) {
            phase[i] += 2 * std::numbers::pi * hz[i] * (at - last);
            sum += mix[i] * std::sin(phase[i]);
        }
        last = at;
        return size * sum + noise(random);
    }
};

// P, QRS and T as bells, at a rate; broad and without P: ventricular.
double beat(double at, double rr_s, bool ventricular = false) {
    const double t = std::fmod(at, rr_s);
    const auto bell = [t](double centre, double width, double height) {
        return height * std::exp(-0.5 * std::pow((t - centre) / width, 2));
    };
    if (ventricular) return bell(0.1, 0.034, 1.5) + bell(0.19, 0.036, -0.7) + bell(0.3, 0.03, -0.4);
    return bell(0.1, 0.02, 0.12) + bell(0.25, 0.011, 1.1) + bell(0.28, 0.011, -0.2) +
           bell(0.52, 0.05, 0.25);
}

TEST(VentricularFibrillation, is_told_within_its_window_of_eight_seconds) {
    for (const double hz : {125.0, 250.0, 360.0, 500.0, 1000.0}) {
        Fibrillation waves{.random = std::mt19937(4)};
        const auto events = watch(
            {drawn(
                60, hz,
                [&](double at) { return at < 20 || at >= 40 ? beat(at, 0.8) : waves(at - 20); })},
            hz);
        ASSERT_THAT(events, SizeIs(2)) << hz;
        EXPECT_NEAR(events[0].at_s, 20, 3) << hz;
        EXPECT_LE(events[0].known_s, 28) << hz;
        EXPECT_NEAR(events[1].at_s, 40, 4) << hz;
    }
}

TEST(VentricularFibrillation, is_told_of_many_hearts_coarse_and_fine) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        Fibrillation waves{.random = std::mt19937(seed), .size = 0.15 + 0.04 * (seed % 10)};
        EXPECT_THAT(watch({drawn(30, 250, std::ref(waves))}, 250), SizeIs(1)) << seed;
    }
}

TEST(VentricularFibrillation, is_not_what_has_complexes_or_nothing) {
    const auto calm = [](const std::function<double(double)>& mv) {
        return watch({drawn(60, 250, mv)}, 250);
    };
    EXPECT_THAT(calm([](double at) { return beat(at, 0.8); }), IsEmpty()) << "sinus rhythm";
    EXPECT_THAT(calm([](double at) { return beat(at, 0.4); }), IsEmpty()) << "150/min";
    EXPECT_THAT(calm([](double at) { return beat(at, 0.4, true); }), IsEmpty())
        << "ventricular tachycardia of 150/min";
    std::mt19937 random(1);
    std::normal_distribution<double> noise(0, 1);
    EXPECT_THAT(calm([&](double) { return 0.004 * noise(random); }), IsEmpty()) << "asystole";
    EXPECT_THAT(calm([&](double at) { return beat(at, 0.8) + 0.1 * noise(random); }), IsEmpty())
        << "muscle";
    EXPECT_THAT(calm([](double at) { return 2 * std::sin(2 * at) + beat(at, 0.8); }), IsEmpty())
        << "baseline";
    EXPECT_THAT(calm([](double) { return 0.0; }), IsEmpty());
}

TEST(VentricularFibrillation, of_one_electrode_is_noise_where_another_shows_complexes) {
    Fibrillation waves{.random = std::mt19937(4)};
    const auto shaken = drawn(30, 250, std::ref(waves));
    const auto steady = drawn(30, 250, [](double at) { return beat(at, 0.8); });
    EXPECT_THAT(watch({shaken, steady}, 250), IsEmpty());
    const Lead flat(shaken.size(), 0.0F),
        off(shaken.size(), std::numeric_limits<float>::quiet_NaN());
    EXPECT_THAT(watch({shaken, flat}, 250), SizeIs(1));
    EXPECT_THAT(watch({off, shaken}, 250), SizeIs(1));
}

TEST(FibrillationWindow, measures_nothing_of_eight_seconds_with_a_gap) {
    FibrillationWindow window(250);
    for (int i = 0; i < 1999; ++i) window.add(0.5F);
    EXPECT_FALSE(window.measure());
    for (int i = 0; i < 2; ++i) window.add(0.5F);
    EXPECT_TRUE(window.measure());
    for (const float odd : {std::numeric_limits<float>::quiet_NaN(), 1e30F,
                            -std::numeric_limits<float>::infinity()}) {
        window.add(odd);
        EXPECT_FALSE(window.measure());
        for (int i = 0; i < 2001; ++i) window.add(0.5F);
        EXPECT_TRUE(window.measure());
    }
}

// 11 hours of 22 patients: flutter is in record 207 alone, tachycardia, fibrillation of the atria,
// bundle branch block and noise in others.
TEST(VentricularFibrillation, of_the_arrhythmia_database_is_the_flutter_of_one_record) {
    const auto list = recordings::names("ecg/mitdb", ".atr");
    if (list.empty()) GTEST_SKIP() << "no recordings in " << recordings::folder;
    for (const auto& name : list) {
        const auto record = recordings::annotated("ecg/mitdb", name);
        const auto signals = recordings::signals("ecg/mitdb", name);
        const auto events = watch(signals.samples, signals.hz);
        std::size_t begun = 0;
        for (const auto& event : events) {
            const auto near = [&](const recordings::Span& flutter) {
                return flutter.from_s - 3 < event.at_s && event.at_s < flutter.to_s + 3;
            };
            EXPECT_TRUE(std::ranges::any_of(record.flutter, near)) << name << " " << event.at_s;
            begun += event.begins ? 1 : 0;
        }
        // Those that fill the window; two more, of 4 and 6 s, do not.
        for (const auto& flutter : record.flutter)
            if (flutter.length() >= FibrillationWindow::window_s)
                EXPECT_TRUE(std::ranges::any_of(events,
                                                [&](const RhythmEvent& event) {
                                                    return event.begins &&
                                                           event.known_s > flutter.from_s &&
                                                           event.known_s < flutter.from_s + 9;
                                                }))
                    << name << " " << flutter.from_s;
        EXPECT_EQ(begun, record.flutter.empty() ? 0U : 4U) << name;
    }
}

}  // namespace
}  // namespace vigil::rhythm
