#pragma once
// Numeric samples summed up by minute, hour and day, in the metric's normal unit.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "metric/catalogue.hpp"
#include "store/chunk.hpp"
#include "store/column.hpp"
#include "store/series.hpp"

namespace vigil::store {

constexpr Nanoseconds length_of(Resolution resolution) {
    return resolution == Resolution::minute ? Nanoseconds(std::chrono::minutes(1))
           : resolution == Resolution::hour ? Nanoseconds(std::chrono::hours(1))
                                            : Nanoseconds(std::chrono::hours(24));
}

// The start of the UTC minute, hour or day that `time` is in.
Timestamp floor_to(Timestamp time, Nanoseconds length);

// A bucket as it is kept: the sum instead of the mean, so that nothing is rounded twice.
struct Rollup {
    Timestamp start;
    std::uint64_t count = 0;
    double min = 0, max = 0, last = 0, sum = 0;
    bool operator==(const Rollup&) const = default;
    Bucket bucket() const;
};

// A value in the metric's normal unit, where it has one and counts: no special value, not invalid.
class Normaliser {
public:
    explicit Normaliser(const Metric& metric) : metric_(metric) {}
    std::optional<Decimal> normal(Decimal value, UnitId unit, SpecialValue special,
                                  std::uint32_t status) const;
    bool is_normal(UnitId unit) const { return unit == metric_.unit; }

private:
    const Metric& metric_;
};

// Takes values in order of filed time, gives buckets in order of time.
class RollupBuilder {
public:
    explicit RollupBuilder(Nanoseconds length) : length_(length.count()) {}
    void add(Timestamp filed, const Decimal& value);
    // Of the rows [from, to) those that count, brought to the normal unit.
    void add(const NumericColumns& columns, std::size_t from, std::size_t to,
             const Normaliser& normaliser);
    std::vector<Rollup> finish();

private:
    // Values of one bucket and one exponent.
    struct Part {
        std::uint64_t count = 0;
        std::int64_t min = INT64_MAX, max = INT64_MIN, last = 0, sum = 0;
    };
    void open(Timestamp filed, int exponent);
    void close();
    void add_exactly(const Decimal& value);
    std::size_t add_bucket(const NumericColumns& columns, std::int8_t exponent, std::size_t from,
                           std::size_t to);

    std::int64_t length_;
    std::int64_t start_ = 0, end_ = 0;
    // The open bucket's sum as a decimal, exact until it would not fit; then it is open_.sum.
    std::int64_t sum_ = 0;
    int exponent_ = 0;
    bool exact_ = true;
    Rollup open_;
    std::vector<Rollup> done_;
};

// A run of buckets as bytes, compressed without loss.
std::string encode(std::span<const Rollup> rollups, ColumnEncoder& encoder);
Result<std::vector<Rollup>> decode_rollups(std::string_view bytes, ColumnDecoder& decoder);

}  // namespace vigil::store
