#include "codec/senml/pack.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "metric/unit.hpp"

namespace vigil::codec::senml {
namespace {

constexpr std::size_t name_bytes_max = 255;
constexpr std::int64_t version_understood = 10;  // RFC 8428 section 4.1

tl::unexpected<Error> malformed(std::string message) {
    return fail(Error::Kind::malformed, std::move(message));
}

Result<Decimal> sum(const std::optional<Decimal>& a, const std::optional<Decimal>& b) {
    if (!a || !b) return a.value_or(b.value_or(Decimal{}));
    const auto exponent = std::min(a->exponent, b->exponent);
    VIGIL_TRY(one, rescaled(*a, exponent));
    VIGIL_TRY(other, rescaled(*b, exponent));
    if (__builtin_add_overflow(one.mantissa, other.mantissa, &one.mantissa))
        return fail(Error::Kind::too_large, "a base value and a value do not add up");
    return one;
}

// RFC 8428 section 4.5.1.
bool is_name(std::string_view name) {
    const auto alphanumeric = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    return !name.empty() && name.size() <= name_bytes_max && alphanumeric(name[0]) &&
           std::ranges::all_of(name, [&](char c) {
               return alphanumeric(c) ||
                      std::string_view("-:./_").find(c) != std::string_view::npos;
           });
}

struct Named {
    const Metric* metric = nullptr;
    std::uint16_t channel = 0;
    std::string_view sensor;  // what stands before the metric
};

// The longest end of the name that is a metric: sensors and keys both may hold '_' and ':'.
Named find_named(const Catalogue& catalogue, std::string_view name) {
    constexpr std::string_view separators = ":/._-";
    std::size_t at = 0;
    while (true) {
        if (const auto* metric = find_metric(catalogue, name.substr(at)))
            return {metric, 0, name.substr(0, at == 0 ? 0 : at - 1)};
        at = name.find_first_of(separators, at);
        if (at == std::string_view::npos) return {};
        ++at;
    }
}

Named find_named_channel(const Catalogue& catalogue, std::string_view name) {
    const auto named = find_named(catalogue, name);
    if (named.metric != nullptr) return named;
    const auto slash = name.rfind('/');
    if (slash == std::string_view::npos) return {};
    std::uint16_t channel = 0;
    const auto* const end = name.data() + name.size();
    const auto read = std::from_chars(name.data() + slash + 1, end, channel);
    if (read.ec != std::errc() || read.ptr != end) return {};
    auto within = find_named(catalogue, name.substr(0, slash));
    within.channel = channel;
    return within;
}

// SenML's registered names (RFC 8428 section 12.1, RFC 8798) that UCUM spells otherwise; those that
// mean one thing in both go straight to the unit table.
Result<UnitId> unit_of(const Metric& metric, std::string_view name) {
    if (name.empty()) return undeclared_unit(metric);
    if (name == "/") return declared_unit(metric, "1");
    if (name == "%EL") return declared_unit(metric, "%");
    if (name == "beats") return declared_unit(metric, "{count}");
    return declared_unit(metric, name);
}

}  // namespace

bool Pack::add(const Record& record, std::string place) {
    if (record.bver && *record.bver > Decimal{version_understood, 0}) {
        note_unread(out_, {Error::Kind::unsupported, "a SenML version above 10", std::move(place)});
        return false;
    }
    if (record.bn) base_name_ = record.bn->substr(0, name_bytes_max + 1);
    if (record.bu) base_unit_ = *record.bu;
    if (record.bt) base_time_ = record.bt;
    if (record.bv) base_value_ = record.bv;
    if (const auto done = read(record); !done) {
        auto problem = done.error();
        problem.place = std::move(place);
        note_unread(out_, std::move(problem));
    }
    return true;
}

Result<void> Pack::read(const Record& record) {
    if (record.problem) return tl::unexpected(*record.problem);
    const int values = record.v.has_value() + record.vs.has_value() + record.vb.has_value() +
                       record.vd.has_value();
    if (values == 0 && !record.s) {
        // A record of base fields only is how packs begin.
        if (!record.n && !record.u && !record.t) return {};
        return malformed("a SenML record without a value");
    }
    if (values == 0) return fail(Error::Kind::unsupported, "a SenML sum is not read");
    if (values > 1) return malformed("a SenML record with more than one value");
    const auto name = base_name_ + std::string(record.n.value_or(""));
    if (!is_name(name)) return malformed("a SenML name that RFC 8428 does not allow");
    const auto named = find_named_channel(context_.catalogue, name);
    if (named.metric == nullptr) VIGIL_CHECK(known_metric(context_.catalogue, name));
    VIGIL_TRY(reading, reading_of(*named.metric, record));
    // Only now: a sensor whose records all failed is none.
    if (!sensor_) sensor_ = named.sensor;
    if (*sensor_ != named.sensor)
        return fail(Error::Kind::unsupported,
                    "names another sensor: a pack carries one; publish the others' under sub/");
    reading.channel = named.channel;
    out_.readings.push_back(std::move(reading));
    return {};
}

Result<std::optional<Timestamp>> Pack::time_of(const Record& record) const {
    constexpr std::int64_t absolute_from_s = std::int64_t{1} << 28;  // RFC 8428 section 4.5.3
    VIGIL_TRY(seconds, sum(base_time_, record.t));
    if (seconds.mantissa == 0) return std::optional<Timestamp>();
    VIGIL_TRY(time, from_unix_seconds(seconds));
    if (seconds >= Decimal{absolute_from_s, 0}) return std::optional(time);
    return std::optional(context_.receive_time + time.time_since_epoch());
}

Result<Reading> Pack::reading_of(const Metric& metric, const Record& record) const {
    Reading reading;
    reading.metric = metric.id;
    VIGIL_TRY(time, time_of(record));
    reading.device_time = time;
    if (metric.kind == MetricKind::waveform)
        return fail(Error::Kind::unsupported, metric.key + " is a waveform: send a waveform block");
    if (record.v) {
        VIGIL_TRY(value, sum(base_value_, record.v));
        if (metric.kind == MetricKind::event) {
            reading.value = EventValue{to_string(value), {}};
            return reading;
        }
        VIGIL_TRY(unit, unit_of(metric, record.u ? *record.u : std::string_view(base_unit_)));
        reading.value = NumericValue{value, unit, SpecialValue::none};
        return reading;
    }
    if (record.vd) return fail(Error::Kind::unsupported, "a SenML data value is not read");
    const std::string text(record.vb ? (*record.vb ? "true" : "false") : *record.vs);
    if (metric.kind == MetricKind::event)
        reading.value = EventValue{text, {}};
    else if (const auto special = special_value(text))
        reading.value = NumericValue{{}, {}, *special};
    else if (metric.kind == MetricKind::setting && record.vs)
        reading.value = CodedValue{.system = {}, .code = text, .display = {}};
    else
        return malformed(fmt::format("{} is a number", metric.key));
    return reading;
}

}  // namespace vigil::codec::senml
