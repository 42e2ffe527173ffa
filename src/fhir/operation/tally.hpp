#pragma once
// Statistics of measured values (http://terminology.hl7.org/CodeSystem/observation-statistics).

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/decimal.hpp"
#include "base/time.hpp"

namespace vigil::fhir {

// How often each value was measured. Devices measure in steps, so that even a month of readings has
// few different values; every statistic of values follows from them, the percentiles exactly.
class Tally {
public:
    static constexpr std::size_t values_max = 1'000'000;  // different ones: some 64 MB

    // False: there are more different values than are kept, and no more is counted.
    [[nodiscard]] bool add(const Decimal& value);
    std::uint64_t count() const { return count_; }

    struct Value {
        Decimal value;
        std::uint64_t times = 0;
    };
    std::vector<Value> sorted() const;  // by value

private:
    struct Key {
        std::int64_t mantissa;
        std::int8_t exponent;
        bool operator==(const Key&) const = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const noexcept {
            const auto bits = static_cast<std::uint64_t>(key.mantissa) * 0x9E37'79B9'7F4A'7C15U;
            return static_cast<std::size_t>((bits >> 32U) ^
                                            static_cast<std::uint8_t>(key.exponent));
        }
    };
    // Most values lie near the first: those of its exponent that do are counted by their place.
    static constexpr std::int64_t near_count = 4096;
    std::vector<std::uint64_t> near_;
    std::int64_t near_from_ = 0;
    std::int8_t near_exponent_ = 0;
    std::unordered_map<Key, std::uint64_t, KeyHash> far_;
    std::uint64_t count_ = 0;
};

// The least-squares line of values over hours.
class Line {
public:
    void add(double hours, double value);
    struct Fit {
        double gradient = 0, intercept = 0;  // per hour; at hour 0
    };
    std::optional<Fit> fit() const;  // none: fewer than two different times

private:
    double count_ = 0, mean_x_ = 0, mean_y_ = 0, xx_ = 0, xy_ = 0;
};

enum class Statistic : std::uint8_t {
    average,
    maximum,
    minimum,
    count,
    total_count,
    median,
    std_dev,
    sum,
    variance,
    percent_20,
    percent_80,
    lower_quartile,
    upper_quartile,
    quartile_deviation,
    quintile_1,
    quintile_2,
    quintile_3,
    quintile_4,
    skew,
    kurtosis,
    regression
};

struct StatisticCode {
    Statistic statistic;
    std::string_view code, display;
};
// In the order of the code system.
std::span<const StatisticCode> statistic_codes();
// Also the "min" and "max" of the operation's own words.
const StatisticCode* find_statistic(std::string_view code);

// One that follows from the values alone (all but count, total-count and regression); none: it is
// undefined, as the average of nothing is. What the code system leaves open:
// - percentiles, quartiles, quintiles and the median lie between the two nearest values, in
//   proportion: at (N-1)p of the values in order;
// - variance and standard deviation are those of a sample (N-1);
// - skew is m3/m2^1.5 and kurtosis m4/m2^2, which is 3 of a normal distribution.
std::optional<double> statistic_of(Statistic statistic, std::span<const Tally::Value> sorted);

}  // namespace vigil::fhir
