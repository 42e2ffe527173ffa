#pragma once
// Samples of every kind from a seed, with the oddities that devices have.

#include <random>
#include <string>
#include <vector>

#include "store/series.hpp"

namespace vigil::store::test {

class SampleMaker {
public:
    explicit SampleMaker(unsigned seed) : random_(seed) {}

    // In order of filed time and sequence; receive times at whole seconds after the filed time.
    std::vector<Sample> run(int kind, std::size_t count) {
        std::vector<Sample> samples;
        auto time = start_ + std::chrono::nanoseconds(below(1'000'000'000));
        for (std::size_t i = 0; i < count; ++i) {
            time += below(4) == 0 ? std::chrono::nanoseconds(below(5'000'000'000))
                                  : std::chrono::nanoseconds(1'000'000'000);
            Sample sample{.filed_time = time,
                          .device_time = {},
                          .receive_time = time + std::chrono::seconds(below(3)),
                          .sequence = static_cast<std::uint32_t>(i),
                          .status = below(9) == 0 ? static_cast<std::uint32_t>(below(1 << 25)) : 0,
                          .value = value(kind)};
            // Never `corrected` or `clock`: those change what belongs together.
            sample.status &= ~(status::corrected | status::clock);
            if (below(5) != 0) sample.device_time = time;
            if (below(7) == 0) sample.device_time = time - std::chrono::nanoseconds(below(1 << 30));
            samples.push_back(std::move(sample));
        }
        return samples;
    }

    decltype(Reading::value) value(int kind) {
        switch (kind) {
            case 0:
                return NumericValue{
                    .value = {below(6) == 0 ? static_cast<std::int64_t>(random_()) : below(200),
                              static_cast<std::int8_t>(below(8) == 0 ? below(256) - 128 : -1)},
                    .unit = UnitId{static_cast<std::uint16_t>(below(3))},
                    .special = static_cast<SpecialValue>(below(10) == 0 ? below(8) : 0)};
            case 1:
                return CodedValue{word(), word(), word()};
            case 2:
                return TextValue{word()};
            case 3:
                return EventValue{word(), word()};
            default:
                return block();
        }
    }
    std::int64_t below(std::int64_t bound) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(bound));
    }

private:
    std::string word() { return std::string(static_cast<std::size_t>(below(4)), 'a') + "\xC3\xA4"; }

    WaveformBlock block() {
        WaveformBlock block{.period = std::chrono::milliseconds(4),
                            .scale = {5, -3},
                            .offset = {below(2), 0},
                            .unit = UnitId{1},
                            .samples = {}};
        block.samples.resize(static_cast<std::size_t>(below(60)));
        std::int32_t level = 0;
        for (auto& sample : block.samples) {
            level += static_cast<std::int32_t>(below(9)) - 4;
            sample = below(20) == 0 ? WaveformBlock::missing : level;
        }
        return block;
    }

    static constexpr Timestamp start_ = from_unix_ns(1'772'366'400'000'000'000);
    std::mt19937_64 random_;
};

}  // namespace vigil::store::test
