#include "fhir/operation/tally.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace vigil::fhir {
namespace {

using testing::DoubleNear;
using testing::Optional;

Tally tally_of(std::initializer_list<const char*> values) {
    Tally tally;
    for (const auto* value : values) EXPECT_TRUE(tally.add(*parse_decimal(value)));
    return tally;
}

std::optional<double> of(const Tally& tally, std::string_view code) {
    const auto values = tally.sorted();
    return statistic_of(find_statistic(code)->statistic, values);
}

// Straight from the definitions, over every value one by one.
double brute_force(std::string_view code, std::vector<double> values) {
    std::ranges::sort(values);
    const auto count = static_cast<double>(values.size());
    const auto sum = std::accumulate(values.begin(), values.end(), 0.0);
    const auto mean = sum / count;
    const auto moment = [&](int power) {
        double all = 0;
        for (const auto value : values) all += std::pow(value - mean, power);
        return all;
    };
    const auto at = [&](double part) {
        const auto place = (count - 1) * part;
        const auto low = static_cast<std::size_t>(std::floor(place + 1e-9));
        const auto high = std::min(low + 1, values.size() - 1);
        return values[low] + (values[high] - values[low]) * (place - static_cast<double>(low));
    };
    if (code == "average") return mean;
    if (code == "minimum" || code == "min") return values.front();
    if (code == "maximum" || code == "max") return values.back();
    if (code == "sum") return sum;
    if (code == "variance") return moment(2) / (count - 1);
    if (code == "std-dev") return std::sqrt(moment(2) / (count - 1));
    if (code == "median") return at(0.5);
    if (code == "20-percent" || code == "5-1") return at(0.2);
    if (code == "80-percent" || code == "5-4") return at(0.8);
    if (code == "5-2") return at(0.4);
    if (code == "5-3") return at(0.6);
    if (code == "4-lower") return at(0.25);
    if (code == "4-upper") return at(0.75);
    if (code == "4-dev") return (at(0.75) - at(0.25)) / 2;
    const auto second = moment(2) / count;
    if (code == "skew") return moment(3) / count / std::pow(second, 1.5);
    return moment(4) / count / std::pow(second, 2);  // kurtosis
}

TEST(Tally, every_statistic_is_what_its_definition_gives_value_by_value) {
    constexpr unsigned seed = 20'260'301;
    std::mt19937 random(seed);
    for (const std::size_t count : {2U, 3U, 4U, 5U, 10U, 101U, 5'000U}) {
        Tally tally;
        std::vector<double> values;
        std::uniform_int_distribution<std::int64_t> digits(-30, 2'000);
        for (std::size_t i = 0; i < count; ++i) {
            const Decimal value{digits(random), static_cast<std::int8_t>(i % 3 == 0 ? -2 : -1)};
            ASSERT_TRUE(tally.add(value));
            values.push_back(value.to_double());
        }
        EXPECT_EQ(tally.count(), count);
        for (const auto& code : statistic_codes()) {
            if (code.code == "count" || code.code == "total-count" || code.code == "regression")
                continue;
            const auto expected = brute_force(code.code, values);
            EXPECT_THAT(of(tally, code.code),
                        Optional(DoubleNear(expected, 1e-9 * (1 + std::abs(expected)))))
                << code.code << " of " << count << " values, seed " << seed;
        }
    }
}

TEST(Tally, equal_values_of_different_digits_are_in_order_and_counted) {
    const auto values = tally_of({"97.0", "97", "96.5", "97"}).sorted();
    ASSERT_EQ(values.size(), 3U);
    EXPECT_EQ(to_string(values[0].value), "96.5");
    EXPECT_EQ(values[1].times + values[2].times, 3U);
}

TEST(Tally, what_is_undefined_has_no_value) {
    EXPECT_EQ(of(Tally(), "average"), std::nullopt);
    EXPECT_EQ(of(Tally(), "median"), std::nullopt);
    EXPECT_EQ(of(tally_of({"5"}), "std-dev"), std::nullopt);
    EXPECT_EQ(of(tally_of({"5", "5"}), "skew"), std::nullopt);
    EXPECT_THAT(of(tally_of({"5"}), "median"), Optional(5.0));
}

TEST(Tally, the_operations_own_words_are_known) {
    EXPECT_EQ(find_statistic("max")->code, "maximum");
    EXPECT_EQ(find_statistic("min")->code, "minimum");
    EXPECT_EQ(find_statistic("mean"), nullptr);
}

TEST(Line, is_the_one_of_least_squares) {
    Line line;
    EXPECT_FALSE(line.fit());
    line.add(1'000'000, 3);
    line.add(1'000'000, 5);
    EXPECT_FALSE(line.fit()) << "one time has no slope";
    line.add(1'000'002, 8);
    const auto fit = line.fit();
    ASSERT_TRUE(fit);
    EXPECT_NEAR(fit->gradient, 2, 1e-9);
    EXPECT_NEAR(fit->gradient * 1'000'001 + fit->intercept, 6, 1e-6);
}

}  // namespace
}  // namespace vigil::fhir
