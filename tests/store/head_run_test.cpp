#include "store/head_run.hpp"

#include <gtest/gtest.h>

#include "store/merge.hpp"
#include "store/sample_maker.hpp"

namespace vigil::store {
namespace {

using test::SampleMaker;

std::vector<Sample> read(const HeadRun& run, const std::optional<Span>& within = {}) {
    std::vector<Sample> samples;
    run.read(samples, within);
    return samples;
}

std::vector<Number> numbers(const HeadRun& run) {
    std::vector<Number> all;
    EXPECT_TRUE(run.numbers([&](std::span<const Number> some) {
        all.insert(all.end(), some.begin(), some.end());
        return true;
    }));
    return all;
}

HeadRun run_of(const std::vector<Sample>& samples) {
    HeadRun run;
    for (const auto& sample : samples) run.add(sample);
    return run;
}

TEST(HeadRun, of_a_span_only_its_samples_are_read) {
    SampleMaker maker(11);
    for (int kind = 0; kind < 5; ++kind) {
        const auto samples = maker.run(kind, 200);
        const auto run = run_of(samples);
        const Span span{samples[50].filed_time, samples[120].filed_time};
        const auto found = read(run, span);
        ASSERT_EQ(found.size(), 70U);
        for (std::size_t i = 0; i < found.size(); ++i) {
            EXPECT_EQ(found[i].filed_time, samples[50 + i].filed_time);
            EXPECT_EQ(found[i].value, samples[50 + i].value);
        }
    }
}

TEST(HeadRun, its_numbers_are_those_of_its_samples_whatever_stands_between) {
    SampleMaker maker(12);
    auto samples = maker.run(0, 1'000);
    for (std::size_t i = 0; i < samples.size(); i += 7)
        samples[i].value = maker.value(static_cast<int>(1 + i % 4));
    const auto run = run_of(samples);
    std::size_t at = 0;
    const auto found = numbers(run);
    for (const auto& sample : samples) {
        const auto* number = std::get_if<NumericValue>(&sample.value);
        if (number == nullptr) continue;
        ASSERT_LT(at, found.size());
        EXPECT_EQ(found[at].filed_time, sample.filed_time);
        EXPECT_TRUE(found[at].value.value.same_as(number->value));
        EXPECT_EQ(found[at].value.unit, number->unit);
        EXPECT_EQ(found[at].value.special, number->special);
        EXPECT_EQ(found[at].status, sample.status);
        ++at;
    }
    EXPECT_EQ(at, found.size());
    EXPECT_FALSE(run.numbers([](std::span<const Number>) { return false; }));
}

TEST(HeadRun, what_it_calls_settled_settling_does_not_change) {
    SampleMaker maker(13);
    std::size_t settled = 0;
    for (int round = 0; round < 300; ++round) {
        auto samples = maker.run(0, 5);
        switch (round % 4) {
            case 0:
                break;
            case 1:  // late
                std::swap(samples[1], samples[static_cast<std::size_t>(2 + maker.below(3))]);
                break;
            case 2:  // sent again
                samples.push_back(samples[static_cast<std::size_t>(maker.below(5))]);
                break;
            default:  // sent again by a device whose clock was off, and filed when it came
                samples.push_back(samples[static_cast<std::size_t>(maker.below(5))]);
                samples.back().filed_time += std::chrono::hours(1);
                samples.back().status |= status::clock;
        }
        const auto run = run_of(samples);
        auto after = read(run);
        settle(after);
        const auto before = read(run);
        const auto same = [](const Sample& a, const Sample& b) {
            return a.filed_time == b.filed_time && a.sequence == b.sequence;
        };
        if (run.is_settled()) {
            ++settled;
            EXPECT_TRUE(std::ranges::equal(before, after, same)) << round;
        }
    }
    EXPECT_GE(settled, 75U) << "what comes in order is";
}

}  // namespace
}  // namespace vigil::store
