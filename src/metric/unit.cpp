#include "metric/unit.hpp"

#include <cassert>
#include <charconv>
#include <numeric>
#include <string>
#include <unordered_map>
#include <vector>

#include "metric/name_index.hpp"
#include "metric/table.hpp"

namespace vigil {
namespace data {
extern const std::string_view units_tsv;  // data/units.tsv
}

namespace units {
namespace {

__extension__ using Wide = __int128;  // -Wpedantic: ours by choice

constexpr int digits_max = 18;  // what parse_decimal accepts

// numerator / denominator × 10^exponent, in lowest terms.
struct Factor {
    std::int64_t numerator = 1;
    std::int64_t denominator = 1;
    int exponent = 0;

    bool operator==(const Factor&) const = default;
};

struct Row {
    Unit unit;
    std::string_view quantity;    // "pressure"; with an annotation, "frequency:steps"
    std::string_view annotation;  // "steps"
    Factor factor;                // to the quantity's reference unit
};

constexpr std::int64_t power_of_ten(int n) {
    std::int64_t power = 1;
    while (n-- > 0) power *= 10;
    return power;
}

void reduce(Factor& factor) {
    const auto common = std::gcd(factor.numerator, factor.denominator);
    factor.numerator /= common;
    factor.denominator /= common;
    for (; factor.numerator % 10 == 0; factor.numerator /= 10) ++factor.exponent;
    for (; factor.denominator % 10 == 0; factor.denominator /= 10) --factor.exponent;
}

Factor factor_of(const Decimal& value) {
    Factor factor{value.mantissa, 1, value.exponent};
    reduce(factor);
    return factor;
}

// a × b or, with the second turned round, a ÷ b. Cross-reduced first so that table factors and
// molar masses stay far below 63 bits; what does not is refused.
std::optional<Factor> product(Factor a, Factor b) {
    const auto ab = std::gcd(a.numerator, b.denominator);
    const auto ba = std::gcd(b.numerator, a.denominator);
    Factor out;
    out.exponent = a.exponent + b.exponent;
    if (__builtin_mul_overflow(a.numerator / ab, b.numerator / ba, &out.numerator) ||
        __builtin_mul_overflow(a.denominator / ba, b.denominator / ab, &out.denominator))
        return std::nullopt;
    reduce(out);
    return out;
}

std::optional<Factor> quotient(const Factor& a, const Factor& b) {
    return product(a, {b.denominator, b.numerator, -b.exponent});
}

// Of rows of the table: the first start of a build finds one that is too large.
Factor table_quotient(const Factor& a, const Factor& b) {
    const auto out = quotient(a, b);
    assert(out);
    return *out;
}

// "133.322" or "5/9".
Factor parse_factor(std::string_view text) {
    const auto parts = split(text, '/');
    auto factor = factor_of(parse_decimal(parts[0]).value());
    if (parts.size() == 2)
        factor = table_quotient(factor, factor_of(parse_decimal(parts[1]).value()));
    return factor;
}

class Table {
public:
    Table() {
        for (const auto& columns : table_rows(data::units_tsv)) add(columns);
        ratios_.resize(rows_.size() * rows_.size());
        for (const auto& from : rows_)
            for (const auto& to : rows_)
                if (from.quantity == to.quantity)
                    ratios_[place(from, to)] = table_quotient(from.factor, to.factor);
    }
    // What a value in `from` is multiplied by to be in `to`, a unit of the same quantity.
    const Factor& ratio(const Row& from, const Row& to) const { return ratios_[place(from, to)]; }
    const Row& at(UnitId id) const {
        assert(id.value < rows_.size());
        return rows_[id.value];
    }
    std::size_t size() const { return rows_.size(); }
    std::uint16_t find(std::string_view code) const { return codes_.find(code); }
    std::optional<UnitId> find_mdc(std::uint32_t code) const {
        const auto found = by_mdc_.find(code);
        return found == by_mdc_.end() ? std::nullopt : std::optional(found->second);
    }

private:
    // Columns: id, ucum, shown, mdc_refid, mdc_code, quantity, factor, synonyms. Ids have no gaps.
    void add(const std::vector<std::string_view>& columns) {
        assert(columns.size() == 8);
        const UnitId id{static_cast<std::uint16_t>(rows_.size())};
        assert(std::to_string(id.value) == columns[0]);
        Row row{
            .unit = {.id = id, .ucum = columns[1], .shown = columns[2], .mdc_refid = columns[3]},
            .quantity = columns[5],
            .annotation = {},
            .factor = parse_factor(columns[6])};
        if (const auto colon = row.quantity.find(':'); colon != std::string_view::npos) {
            row.annotation = row.quantity.substr(colon + 1);
            row.quantity = row.quantity.substr(0, colon);
        }
        for (const auto text : split(columns[4], '|')) {
            std::uint32_t code = 0;
            std::from_chars(text.data(), text.data() + text.size(), code);
            if (code == 0) continue;
            if (row.unit.mdc_code == 0) row.unit.mdc_code = code;
            by_mdc_.emplace(code, id);
        }
        codes_.add(row.unit.ucum, id.value);
        for (const auto synonym : split(columns[7], '|'))
            if (!synonym.empty()) codes_.add(synonym, id.value);
        rows_.push_back(row);
    }

    std::size_t place(const Row& from, const Row& to) const {
        return from.unit.id.value * rows_.size() + to.unit.id.value;
    }

    std::vector<Row> rows_{1};  // id 0: no unit declared
    std::vector<Factor> ratios_;
    NameIndex codes_{512};
    std::unordered_map<std::uint32_t, UnitId> by_mdc_;
};

const Table& table() {
    static const Table table;
    return table;
}

// Hundredths of a degree between the unit's zero and absolute zero.
std::int64_t zero_offset(const Row& row) {
    if (row.unit.ucum == "Cel") return 27315;
    if (row.unit.ucum == "[degF]") return 45967;
    return 0;
}

tl::unexpected<Error> too_large() {
    return fail(Error::Kind::too_large, "a number has too many digits to convert its unit");
}

Wide divide_half_away(Wide numerator, Wide denominator) {
    const Wide magnitude = (numerator < 0 ? -numerator : numerator) + denominator / 2;
    // 128-bit division is slow, and everyday values do not need it.
    const Wide quotient =
        magnitude >> 63 == 0 && denominator >> 63 == 0
            ? static_cast<std::int64_t>(magnitude) / static_cast<std::int64_t>(denominator)
            : magnitude / denominator;
    return numerator < 0 ? -quotient : quotient;
}

// The largest n with 10^n <= numerator / denominator.
int floor_log10(const Factor& factor) {
    int n = 0;
    Wide low = factor.denominator;
    Wide high = factor.numerator;
    for (; low * 10 <= high; low *= 10) ++n;
    for (; high < low; high *= 10) --n;
    return n;
}

Result<Decimal> checked(Wide mantissa, int exponent) {
    const auto limit = static_cast<Wide>(power_of_ten(digits_max));
    // 1.2E3 kg from 1.2 t reads better and is the same number as 1200.
    for (; exponent > 0 && mantissa < limit / 10 && mantissa > -limit / 10; --exponent)
        mantissa *= 10;
    if (mantissa >= limit || mantissa <= -limit || exponent < -128 || exponent > 127)
        return too_large();
    return Decimal{static_cast<std::int64_t>(mantissa), static_cast<std::int8_t>(exponent)};
}

// Keeps as many places as make a step of the result no larger than a step of the source: no digit
// that the source carried is lost, so converting back and rounding gives the source again.
Result<Decimal> scaled(const Decimal& value, const Factor& factor) {
    if (factor.numerator == 1 && factor.denominator == 1)
        return checked(value.mantissa, value.exponent + factor.exponent);
    constexpr std::int64_t terms_max = std::int64_t{1} << 52;
    if (factor.numerator > terms_max || factor.denominator > terms_max) return too_large();
    const int places = floor_log10(factor);
    Wide numerator = factor.numerator;
    Wide denominator = factor.denominator;
    for (int i = 0; i < -places; ++i) numerator *= 10;
    for (int i = 0; i < places; ++i) denominator *= 10;
    // |mantissa| < 2^63 and numerator < 10 × denominator <= 2^56: the product fits 127 bits.
    return checked(divide_half_away(value.mantissa * numerator, denominator),
                   value.exponent + factor.exponent + places);
}

// Places after the point that `numerator / denominator` hundredths need; 0 if it never ends, since
// then the source's own precision decides.
int places_needed(std::int64_t numerator, std::int64_t denominator) {
    if (numerator % denominator != 0) return 0;
    const auto hundredths = numerator / denominator;
    if (hundredths % 100 == 0) return 0;
    return hundredths % 10 == 0 ? 1 : 2;
}

// (value + from_zero) × ratio − to_zero in hundredths of a degree: one exact fraction, rounded
// once.
Result<Decimal> temperature(const Decimal& value, const Row& from, const Row& to) {
    constexpr int exponent_min = -14;
    if (value.exponent < exponent_min || value.exponent > 0) {
        if (value.exponent > 2) return too_large();
        VIGIL_TRY(fitting, rescaled(value, value.exponent > 0 ? std::int8_t{0} : exponent_min));
        return temperature(fitting, from, to);
    }
    const auto& ratio = table().ratio(from, to);
    auto n = ratio.numerator;
    auto d = ratio.denominator;
    for (int i = 0; i < ratio.exponent; ++i) n *= 10;
    for (int i = 0; i > ratio.exponent; --i) d *= 10;
    const auto shift = zero_offset(from) * n - zero_offset(to) * d;  // hundredths, over d
    const int exponent =
        std::min(value.exponent + floor_log10(ratio) + ratio.exponent, -places_needed(shift, d));
    // In units of 10^fine, finer than both the value and a hundredth.
    const int fine = std::min<int>(value.exponent, -2);
    const Wide sum = static_cast<Wide>(value.mantissa) * power_of_ten(value.exponent - fine) * n +
                     static_cast<Wide>(shift) * power_of_ten(-2 - fine);
    Wide numerator = sum;
    Wide denominator = d;
    for (int i = exponent; i < fine; ++i) numerator *= 10;
    for (int i = fine; i < exponent; ++i) denominator *= 10;
    return checked(divide_half_away(numerator, denominator), exponent);
}

// Mass and substance forms of the same thing differ by the molar mass.
enum class Amount : std::uint8_t { neither, mass, substance };

Amount amount_of(const Row& row, std::string_view& rest) {
    for (const auto& [prefix, amount] :
         {std::pair{std::string_view("mass_concentration"), Amount::mass},
          std::pair{std::string_view("substance_concentration"), Amount::substance}})
        if (row.quantity.starts_with(prefix)) {
            rest = row.quantity.substr(prefix.size());
            return amount;
        }
    return Amount::neither;
}

Result<Decimal> through_molar_mass(const Decimal& value, const Row& from, const Row& to,
                                   const std::optional<Decimal>& molar_mass) {
    std::string_view from_rest;
    std::string_view to_rest;
    const auto from_amount = amount_of(from, from_rest);
    const auto to_amount = amount_of(to, to_rest);
    if (from_amount == Amount::neither || to_amount == Amount::neither || from_rest != to_rest)
        return fail(Error::Kind::unsupported, "these units measure different quantities");
    if (!molar_mass || molar_mass->mantissa <= 0)
        return fail(Error::Kind::unsupported, "this conversion needs the substance's molar mass");
    auto ratio = quotient(from.factor, to.factor);
    const auto mass = factor_of(*molar_mass);
    if (ratio) ratio = from_amount == Amount::mass ? quotient(*ratio, mass) : product(*ratio, mass);
    return ratio ? scaled(value, *ratio) : too_large();
}

}  // namespace

const Unit& at(UnitId id) {
    return table().at(id).unit;
}

std::size_t count() {
    return table().size();
}

std::optional<UnitId> find(std::string_view code) {
    const auto found = table().find(code);
    return found == NameIndex::none ? std::nullopt : std::optional(UnitId{found});
}

std::optional<UnitId> find_mdc(std::uint32_t mdc_code) {
    return table().find_mdc(mdc_code);
}

Result<Decimal> convert(const Decimal& value, UnitId from_id, UnitId to_id,
                        std::optional<Decimal> molar_mass_g_per_mol) {
    if (from_id == to_id) return value;
    if (!from_id || !to_id || from_id.value >= count() || to_id.value >= count())
        return fail(Error::Kind::unsupported, "a value without a known unit cannot be converted");
    const auto& from = table().at(from_id);
    const auto& to = table().at(to_id);
    if (from.quantity != to.quantity)
        return through_molar_mass(value, from, to, molar_mass_g_per_mol);
    // {steps} are no {score}; but the bare unit of the same size ("1", "/min") may mean either.
    if (from.annotation != to.annotation &&
        !((from.annotation.empty() || to.annotation.empty()) && from.factor == to.factor))
        return fail(Error::Kind::unsupported, "these units count different things");
    if (zero_offset(from) != 0 || zero_offset(to) != 0) return temperature(value, from, to);
    return scaled(value, table().ratio(from, to));
}

}  // namespace units
}  // namespace vigil
