#include "store/rollup.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "base/bytes.hpp"
#include "metric/unit.hpp"

namespace vigil::store {

namespace {

constexpr std::uint8_t format_version = 1;
// A month of hours, a day of minutes and a year of days are all shorter.
constexpr std::size_t rollups_max = 1'440;
// Decimal places at which a column of doubles is tried as integers; 15 digits are exact in a
// double.
constexpr int places_max = 9;
constexpr std::uint8_t raw_bits = 0xFF;

double power_of_ten(int exponent) {
    static constexpr std::array<double, 10> powers{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    return powers[static_cast<std::size_t>(exponent)];
}

// How many decimal places bring every number back to the bit; nothing if there is no such number.
std::optional<int> common_places(std::span<const double> numbers) {
    const auto fits = [](double number, int places) {
        const double scaled = number * power_of_ten(places);
        return std::abs(scaled) < 9e15 && (number != 0 || !std::signbit(number)) &&
               std::round(scaled) / power_of_ten(places) == number;
    };
    int places = 0;
    for (const auto number : numbers)
        while (!fits(number, places))
            if (++places > places_max) return std::nullopt;
    const bool all = std::ranges::all_of(numbers, [&](double n) { return fits(n, places); });
    return all ? std::optional(places) : std::nullopt;
}

void encode_doubles(std::span<const double> numbers, ColumnEncoder& encoder, std::string& out) {
    const auto places = common_places(numbers);
    ByteWriter(out).u8(places ? static_cast<std::uint8_t>(*places) : raw_bits);
    std::vector<std::int64_t> column;
    for (const auto number : numbers)
        column.push_back(places ? std::llround(number * power_of_ten(*places))
                                : std::bit_cast<std::int64_t>(number));
    encoder.encode(column, Effort::compaction, out);
}

bool decode_doubles(ByteReader& in, ColumnDecoder& decoder, std::span<double> out) {
    const auto places = in.u8();
    std::vector<std::int64_t> column(out.size());
    if (!places || (*places > places_max && *places != raw_bits) || !decoder.decode(in, column))
        return false;
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = *places == raw_bits ? std::bit_cast<double>(column[i])
                                     : static_cast<double>(column[i]) / power_of_ten(*places);
    return true;
}

constexpr std::array fields{&Rollup::min, &Rollup::max, &Rollup::last, &Rollup::sum};

}  // namespace

Timestamp floor_to(Timestamp time, Nanoseconds length) {
    const auto past = time.time_since_epoch() % length;
    return time - (past < Nanoseconds(0) ? past + length : past);
}

Bucket Rollup::bucket() const {
    return {.start = start,
            .count = count,
            .min = min,
            .max = max,
            .mean = sum / static_cast<double>(count),
            .last = last};
}

std::optional<Decimal> Normaliser::normal(Decimal value, UnitId unit, SpecialValue special,
                                          std::uint32_t status) const {
    if (special != SpecialValue::none || (status & status::invalid) != 0) return std::nullopt;
    if (unit == metric_.unit) return value;
    auto converted = units::convert(value, unit, metric_.unit, metric_.molar_mass);
    return converted ? std::optional(*converted) : std::nullopt;
}

// Brings the exact sum to a smaller exponent, as long as it fits.
void RollupBuilder::add_exactly(const Decimal& value) {
    if (!exact_) {
        open_.sum += value.to_double();
        return;
    }
    const Decimal before{sum_, static_cast<std::int8_t>(exponent_)};
    auto mantissa = value.mantissa;
    for (; exact_ && exponent_ > value.exponent; --exponent_)
        exact_ = !__builtin_mul_overflow(sum_, 10, &sum_);
    for (int i = exponent_; exact_ && i < value.exponent; ++i)
        exact_ = !__builtin_mul_overflow(mantissa, 10, &mantissa);
    exact_ = exact_ && !__builtin_add_overflow(sum_, mantissa, &sum_);
    if (!exact_) open_.sum = before.to_double() + value.to_double();
}

void RollupBuilder::open(Timestamp filed, int exponent) {
    const auto time = unix_ns(filed);
    if (time < end_ && time >= start_ && open_.count > 0) return;
    close();
    open_ = {};
    open_.start = floor_to(filed, Nanoseconds(length_));
    start_ = unix_ns(open_.start);
    end_ = start_ + length_;
    exact_ = true;
    exponent_ = exponent;
    sum_ = 0;
}

void RollupBuilder::add(Timestamp filed, const Decimal& value) {
    open(filed, value.exponent);
    add_exactly(value);
    const double number = value.to_double();
    open_.min = open_.count == 0 ? number : std::min(open_.min, number);
    open_.max = open_.count == 0 ? number : std::max(open_.max, number);
    open_.last = number;
    ++open_.count;
}

void RollupBuilder::add(const NumericColumns& columns, std::size_t from, std::size_t to,
                        const Normaliser& normaliser) {
    if (columns.unit.all && columns.exponent.all &&
        normaliser.is_normal(UnitId{static_cast<std::uint16_t>(*columns.unit.all)})) {
        const auto exponent = static_cast<std::int8_t>(*columns.exponent.all);
        while (from < to) from = add_bucket(columns, exponent, from, to);
    }
    for (; from < to; ++from) {
        const auto number = columns.number(from);
        const auto normal = normaliser.normal(number.value, number.unit, number.special,
                                              static_cast<std::uint32_t>(columns.status[from]));
        if (normal) add(from_unix_ns(columns.filed_ns[from]), *normal);
    }
}

// The rows from `from` on that fall into one bucket, in the run's own unit and exponent; returns
// where the next begins.
std::size_t RollupBuilder::add_bucket(const NumericColumns& columns, std::int8_t exponent,
                                      std::size_t from, std::size_t to) {
    const auto* const times = columns.filed_ns.data();
    const auto end = unix_ns(floor_to(from_unix_ns(times[from]), Nanoseconds(length_))) + length_;
    const auto* const mantissas = columns.mantissa.data();
    Part part;
    auto at = from;
    for (; at < to && times[at] < end; ++at) {
        if (columns.special[at] != static_cast<int>(SpecialValue::none) ||
            (static_cast<std::uint32_t>(columns.status[at]) & status::invalid) != 0)
            continue;
        const auto value = mantissas[at];
        std::int64_t sum = 0;
        if (__builtin_add_overflow(part.sum, value, &sum)) break;  // begins the next part
        part.sum = sum;
        part.min = std::min(part.min, value);
        part.max = std::max(part.max, value);
        part.last = value;
        ++part.count;
    }
    if (part.count == 0) return at;
    open(from_unix_ns(times[from]), exponent);
    add_exactly({part.sum, exponent});
    const auto number = [&](std::int64_t mantissa) {
        return Decimal{mantissa, exponent}.to_double();
    };
    open_.min = open_.count == 0 ? number(part.min) : std::min(open_.min, number(part.min));
    open_.max = open_.count == 0 ? number(part.max) : std::max(open_.max, number(part.max));
    open_.last = number(part.last);
    open_.count += part.count;
    return at;
}

void RollupBuilder::close() {
    if (open_.count == 0) return;
    if (exact_) open_.sum = Decimal{sum_, static_cast<std::int8_t>(exponent_)}.to_double();
    done_.push_back(open_);
}

std::vector<Rollup> RollupBuilder::finish() {
    close();
    open_ = {};
    return std::move(done_);
}

std::string encode(std::span<const Rollup> rollups, ColumnEncoder& encoder) {
    std::string out;
    ByteWriter writer(out);
    writer.u8(format_version);
    writer.varint(rollups.size());
    std::vector<std::int64_t> integers;
    for (const auto& rollup : rollups) integers.push_back(unix_ns(rollup.start));
    encoder.encode(integers, Effort::compaction, out);
    integers.clear();
    for (const auto& rollup : rollups) integers.push_back(static_cast<std::int64_t>(rollup.count));
    encoder.encode(integers, Effort::compaction, out);
    for (const auto field : fields) {
        std::vector<double> numbers;
        for (const auto& rollup : rollups) numbers.push_back(rollup.*field);
        encode_doubles(numbers, encoder, out);
    }
    return out;
}

Result<std::vector<Rollup>> decode_rollups(std::string_view bytes, ColumnDecoder& decoder) {
    ByteReader in(bytes);
    const auto version = in.u8();
    const auto count = in.varint();
    if (version != format_version || !count || *count > rollups_max)
        return fail(Error::Kind::malformed, "the roll-up cannot be read");
    std::vector<Rollup> rollups(*count);
    std::vector<std::int64_t> integers(*count);
    VIGIL_CHECK(decoder.decode(in, integers));
    for (std::size_t i = 0; i < integers.size(); ++i) rollups[i].start = from_unix_ns(integers[i]);
    VIGIL_CHECK(decoder.decode(in, integers));
    for (std::size_t i = 0; i < integers.size(); ++i)
        rollups[i].count = static_cast<std::uint64_t>(integers[i]);
    std::vector<double> numbers(*count);
    for (const auto field : fields) {
        if (!decode_doubles(in, decoder, numbers))
            return fail(Error::Kind::malformed, "the roll-up cannot be read");
        for (std::size_t i = 0; i < numbers.size(); ++i) rollups[i].*field = numbers[i];
    }
    if (!in.empty()) return fail(Error::Kind::malformed, "the roll-up is longer than it says");
    return rollups;
}

}  // namespace vigil::store
