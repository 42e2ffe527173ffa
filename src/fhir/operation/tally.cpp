#include "fhir/operation/tally.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace vigil::fhir {
namespace {

constexpr std::array codes{
    StatisticCode{Statistic::average, "average", "Average"},
    StatisticCode{Statistic::maximum, "maximum", "Maximum"},
    StatisticCode{Statistic::minimum, "minimum", "Minimum"},
    StatisticCode{Statistic::count, "count", "Count"},
    StatisticCode{Statistic::total_count, "total-count", "Total Count"},
    StatisticCode{Statistic::median, "median", "Median"},
    StatisticCode{Statistic::std_dev, "std-dev", "Standard Deviation"},
    StatisticCode{Statistic::sum, "sum", "Sum"},
    StatisticCode{Statistic::variance, "variance", "Variance"},
    StatisticCode{Statistic::percent_20, "20-percent", "20th Percentile"},
    StatisticCode{Statistic::percent_80, "80-percent", "80th Percentile"},
    StatisticCode{Statistic::lower_quartile, "4-lower", "Lower Quartile"},
    StatisticCode{Statistic::upper_quartile, "4-upper", "Upper Quartile"},
    StatisticCode{Statistic::quartile_deviation, "4-dev", "Quartile Deviation"},
    StatisticCode{Statistic::quintile_1, "5-1", "1st Quintile"},
    StatisticCode{Statistic::quintile_2, "5-2", "2nd Quintile"},
    StatisticCode{Statistic::quintile_3, "5-3", "3rd Quintile"},
    StatisticCode{Statistic::quintile_4, "5-4", "4th Quintile"},
    StatisticCode{Statistic::skew, "skew", "Skew"},
    StatisticCode{Statistic::kurtosis, "kurtosis", "Kurtosis"},
    StatisticCode{Statistic::regression, "regression", "Regression"}};

using Values = std::span<const Tally::Value>;
using Real = long double;  // sums of millions of values keep the digits of a double

std::uint64_t count_of(Values values) {
    std::uint64_t count = 0;
    for (const auto& one : values) count += one.times;
    return count;
}

Real sum_of(Values values) {
    Real sum = 0;
    for (const auto& one : values)
        sum += static_cast<Real>(one.value.mantissa) * static_cast<Real>(one.times) *
               std::pow(Real{10}, static_cast<Real>(one.value.exponent));
    return sum;
}

// The sum of (value - mean)^power.
Real moment(Values values, int power) {
    const auto mean = sum_of(values) / static_cast<Real>(count_of(values));
    Real sum = 0;
    for (const auto& one : values)
        sum += std::pow(static_cast<Real>(one.value.to_double()) - mean, static_cast<Real>(power)) *
               static_cast<Real>(one.times);
    return sum;
}

double at_rank(Values values, std::uint64_t rank) {
    for (const auto& one : values) {
        if (rank < one.times) return one.value.to_double();
        rank -= one.times;
    }
    return values.back().value.to_double();
}

double percentile(Values values, std::uint64_t percent) {
    const auto hundredths = (count_of(values) - 1) * percent;
    const auto low = at_rank(values, hundredths / 100);
    const auto part = static_cast<double>(hundredths % 100) / 100;
    if (part == 0) return low;
    return low + (at_rank(values, hundredths / 100 + 1) - low) * part;
}

std::optional<double> variance(Values values) {
    const auto count = count_of(values);
    if (count < 2) return std::nullopt;
    return static_cast<double>(moment(values, 2) / static_cast<Real>(count - 1));
}

// m3/m2^1.5 or m4/m2^2.
std::optional<double> standardised(Values values, int power) {
    const auto count = static_cast<Real>(count_of(values));
    const auto second = moment(values, 2) / count;
    if (second <= 0) return std::nullopt;
    return static_cast<double>(moment(values, power) / count /
                               std::pow(second, static_cast<Real>(power) / 2));
}

}  // namespace

bool Tally::add(const Decimal& value) {
    constexpr auto mantissa_max = std::int64_t{1} << 62;
    const bool is_first = near_.empty() && std::abs(value.mantissa) < mantissa_max;
    if (is_first) {
        near_.resize(near_count);
        near_from_ = value.mantissa - near_count / 2;
        near_exponent_ = value.exponent;
    }
    const auto place = static_cast<std::uint64_t>(value.mantissa) -
                       static_cast<std::uint64_t>(near_from_);  // below: very large
    if (value.exponent == near_exponent_ && place < near_.size()) {
        ++near_[place];
    } else {
        const Key key{value.mantissa, value.exponent};
        if (far_.size() >= values_max && !far_.contains(key)) return false;
        ++far_[key];
    }
    ++count_;
    return true;
}

std::vector<Tally::Value> Tally::sorted() const {
    std::vector<Value> values;
    for (std::size_t i = 0; i < near_.size(); ++i)
        if (near_[i] > 0)
            values.push_back(
                {Decimal{near_from_ + static_cast<std::int64_t>(i), near_exponent_}, near_[i]});
    for (const auto& [key, times] : far_)
        values.push_back({Decimal{key.mantissa, key.exponent}, times});
    std::ranges::sort(values, [](const Value& a, const Value& b) {
        const auto order = a.value <=> b.value;
        return order == 0 ? a.value.exponent < b.value.exponent : order < 0;
    });
    return values;
}

void Line::add(double hours, double value) {  // Welford: stable where times are far from 0
    ++count_;
    const auto away_x = hours - mean_x_;
    mean_x_ += away_x / count_;
    xx_ += away_x * (hours - mean_x_);
    xy_ += away_x * (value - mean_y_) * (count_ - 1) / count_;
    mean_y_ += (value - mean_y_) / count_;
}

std::optional<Line::Fit> Line::fit() const {
    if (count_ < 2 || xx_ <= 0) return std::nullopt;
    const auto gradient = xy_ / xx_;
    return Fit{gradient, mean_y_ - gradient * mean_x_};
}

std::span<const StatisticCode> statistic_codes() {
    return codes;
}

const StatisticCode* find_statistic(std::string_view code) {
    if (code == "min") code = "minimum";
    if (code == "max") code = "maximum";
    const auto found = std::ranges::find(codes, code, &StatisticCode::code);
    return found != codes.end() ? &*found : nullptr;
}

std::optional<double> statistic_of(Statistic statistic, Values values) {
    if (values.empty()) return std::nullopt;
    switch (statistic) {
        case Statistic::average:
            return static_cast<double>(sum_of(values) / static_cast<Real>(count_of(values)));
        case Statistic::maximum:
            return values.back().value.to_double();
        case Statistic::minimum:
            return values.front().value.to_double();
        case Statistic::sum:
            return static_cast<double>(sum_of(values));
        case Statistic::variance:
            return variance(values);
        case Statistic::std_dev:
            if (const auto squared = variance(values)) return std::sqrt(*squared);
            return std::nullopt;
        case Statistic::median:
            return percentile(values, 50);
        case Statistic::percent_20:
        case Statistic::quintile_1:
            return percentile(values, 20);
        case Statistic::percent_80:
        case Statistic::quintile_4:
            return percentile(values, 80);
        case Statistic::lower_quartile:
            return percentile(values, 25);
        case Statistic::upper_quartile:
            return percentile(values, 75);
        case Statistic::quartile_deviation:
            return (percentile(values, 75) - percentile(values, 25)) / 2;
        case Statistic::quintile_2:
            return percentile(values, 40);
        case Statistic::quintile_3:
            return percentile(values, 60);
        case Statistic::skew:
            return standardised(values, 3);
        case Statistic::kurtosis:
            return standardised(values, 4);
        case Statistic::count:
        case Statistic::total_count:
        case Statistic::regression:
            return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace vigil::fhir
