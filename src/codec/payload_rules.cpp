#include "codec/payload_rules.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "metric/unit.hpp"

namespace vigil::codec {
namespace {

struct StatusWord {
    std::string_view word;
    std::uint32_t bit;
};

constexpr std::array status_words{StatusWord{"invalid", status::invalid},
                                  StatusWord{"questionable", status::questionable},
                                  StatusWord{"not_available", status::not_available},
                                  StatusWord{"calibration_ongoing", status::calibration_ongoing},
                                  StatusWord{"test_data", status::test_data},
                                  StatusWord{"demo_data", status::demo_data},
                                  StatusWord{"validated", status::validated},
                                  StatusWord{"early_indication", status::early_indication},
                                  StatusWord{"measurement_ongoing", status::measurement_ongoing},
                                  StatusWord{"manual", status::manual},
                                  StatusWord{"estimated", status::estimated},
                                  StatusWord{"stored_data", status::stored_data},
                                  StatusWord{"signal_poor", status::signal_poor},
                                  StatusWord{"alarm_at_source", status::alarm_at_source}};

struct SpecialWord {
    std::string_view word;
    SpecialValue value;
};

constexpr std::array special_words{
    SpecialWord{"not_a_number", SpecialValue::not_a_number},
    SpecialWord{"not_at_this_resolution", SpecialValue::not_at_this_resolution},
    SpecialWord{"positive_infinity", SpecialValue::positive_infinity},
    SpecialWord{"negative_infinity", SpecialValue::negative_infinity},
    SpecialWord{"over_range", SpecialValue::over_range},
    SpecialWord{"under_range", SpecialValue::under_range},
    SpecialWord{"not_available", SpecialValue::not_available}};

constexpr std::size_t shown_bytes_max = 64;

// What a device wrote, for a message: never more of it than fits a line.
std::string_view shown(std::string_view text) {
    return text.substr(0, shown_bytes_max);
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

tl::unexpected<Error> time_out_of_range() {
    return fail(Error::Kind::malformed, "a time lies outside the years 1678 to 2261");
}

// value × 10^power as a whole number of nanoseconds; what is finer is cut off.
Result<Timestamp> scaled_to_ns(Decimal value, int power) {
    int exponent = value.exponent + power;
    for (; exponent > 0 && value.mantissa != 0; --exponent)
        if (__builtin_mul_overflow(value.mantissa, 10, &value.mantissa)) return time_out_of_range();
    for (; exponent < 0 && value.mantissa != 0; ++exponent) value.mantissa /= 10;
    return from_unix_ns(value.mantissa);
}

int unix_time_power(double magnitude) {
    if (magnitude < 1e11) return 9;
    if (magnitude < 1e14) return 6;
    return magnitude < 1e17 ? 3 : 0;
}

}  // namespace

void clear(DecodedMessage& message) {
    message.payload_identity = {};
    message.sub_device.clear();
    message.offset_minutes.reset();
    message.heard_time.reset();
    message.kept = false;
    message.clock_time.reset();
    message.readings.clear();
    message.unread.clear();
}

void note_unread(DecodedMessage& message, Error problem) {
    if (message.unread.size() < unread_lines_max)
        message.unread.push_back(std::move(problem));
    else if (message.unread.size() == unread_lines_max)
        message.unread.push_back({.kind = Error::Kind::too_large,
                                  .message = "more parts of this message could not be read",
                                  .place = {}});
}

const Metric* find_metric(const Catalogue& catalogue, std::string_view name) {
    if (const auto* metric = catalogue.find(name)) return metric;
    if (name.starts_with("MDC_")) return catalogue.find_refid(name);
    if (take_prefix(name, "mdc:")) {
        std::uint32_t code = 0;
        const auto* const end = name.data() + name.size();
        const auto read = std::from_chars(name.data(), end, code);
        return read.ec == std::errc() && read.ptr == end ? catalogue.find_mdc(code) : nullptr;
    }
    if (take_prefix(name, "loinc:") || take_prefix(name, "http://loinc.org|") ||
        take_prefix(name, "urn:oid:2.16.840.1.113883.6.1:"))
        return catalogue.find_loinc(name);
    return nullptr;
}

Result<const Metric*> known_metric(const Catalogue& catalogue, std::string_view name) {
    if (const auto* metric = find_metric(catalogue, name)) return metric;
    return fail(Error::Kind::unsupported,
                fmt::format("no metric is called \"{}\": map it, or add it to the site's metrics",
                            shown(name)));
}

bool needs_declared_unit(const Metric& metric) {
    static const auto celsius = units::find("Cel");
    static const auto mass_concentration = units::find("mg/dL");
    static const auto substance_concentration = units::find("mmol/L");
    return metric.molar_mass.has_value() || metric.unit == celsius ||
           metric.unit == mass_concentration || metric.unit == substance_concentration;
}

Result<UnitId> undeclared_unit(const Metric& metric) {
    if (!needs_declared_unit(metric)) return metric.unit;
    return fail(
        Error::Kind::unsupported,
        fmt::format("{} is measured in more than one unit: its unit must be declared", metric.key));
}

Result<UnitId> declared_unit(const Metric& metric, std::string_view text) {
    const auto unit = units::find(text);
    if (!unit)
        return fail(Error::Kind::unsupported,
                    fmt::format("no unit is called \"{}\": UCUM codes are read", shown(text)));
    if (!is_unit_of(metric, *unit))
        return fail(Error::Kind::unsupported,
                    fmt::format("{} is not measured in {}", metric.key, units::at(*unit).ucum));
    return *unit;
}

bool is_unit_of(const Metric& metric, UnitId unit) {
    return unit == metric.unit || !metric.unit ||
           units::convert({1, 0}, unit, metric.unit, metric.molar_mass).has_value();
}

std::optional<SpecialValue> special_value(std::string_view word) {
    for (const auto& known : special_words)
        if (known.word == word) return known.value;
    return std::nullopt;
}

std::uint32_t status_bit(std::string_view word) {
    for (const auto& known : status_words)
        if (known.word == word) return known.bit;
    return 0;
}

Result<OffsetTime> read_time(std::string_view text, const DecodeContext& context) {
    if (auto time = parse_rfc3339(text)) return time;
    VIGIL_TRY(local, parse_local_time(text));
    return OffsetTime{local - std::chrono::minutes(context.default_offset_minutes),
                      context.default_offset_minutes};
}

Result<Timestamp> read_unix_time(std::string_view number) {
    std::int64_t whole = 0;
    const auto* const end = number.data() + number.size();
    const auto read = std::from_chars(number.data(), end, whole);
    if (read.ec == std::errc() && read.ptr == end) {
        const auto power = unix_time_power(std::abs(static_cast<double>(whole)));
        return scaled_to_ns({whole, 0}, power);
    }
    VIGIL_TRY(value, parse_decimal(number));
    return scaled_to_ns(value, unix_time_power(std::abs(value.to_double())));
}

Result<Timestamp> from_unix_seconds(const Decimal& seconds) {
    return scaled_to_ns(seconds, 9);
}

}  // namespace vigil::codec
