#include "codec/fhirjson/value.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "codec/fhirjson/terminology.hpp"
#include "codec/payload_rules.hpp"
#include "metric/unit.hpp"

namespace vigil::codec::fhirjson {
namespace {

using Content = decltype(Reading::value);

struct AbsentReason {
    std::string_view code;
    SpecialValue special;
};

constexpr std::array absent_reasons{
    AbsentReason{"not-a-number", SpecialValue::not_a_number},
    AbsentReason{"positive-infinity", SpecialValue::positive_infinity},
    AbsentReason{"negative-infinity", SpecialValue::negative_infinity},
    AbsentReason{"unsupported", SpecialValue::not_at_this_resolution}};

struct StatusCode {
    std::string_view code;
    std::uint32_t bit;
};

constexpr std::array measurement_status{
    StatusCode{"questionable", status::questionable},
    StatusCode{"calibration-ongoing", status::calibration_ongoing},
    StatusCode{"validated-data", status::validated},
    StatusCode{"early-indication", status::early_indication},
    StatusCode{"msmt-ongoing", status::measurement_ongoing},
    StatusCode{"in-alarm", status::alarm_at_source}};

template <class Visit>
void each_coding(JsonValue concepts, Visit visit) {
    for (const auto concept_value : concepts)
        for (const auto coding : concept_value["coding"])
            visit(coding["system"].string(), coding["code"].string());
}

// "Off scale high" and "off scale low" of v3-ObservationInterpretation.
SpecialValue off_scale(JsonValue part) {
    auto found = SpecialValue::none;
    each_coding(part["interpretation"], [&](std::string_view system, std::string_view code) {
        if (system != terminology::interpretation) return;
        if (code == ">") found = SpecialValue::over_range;
        if (code == "<") found = SpecialValue::under_range;
    });
    return found;
}

NumericValue absent(JsonValue part) {
    NumericValue out{{}, {}, off_scale(part)};
    if (out.special != SpecialValue::none) return out;
    out.special = SpecialValue::not_available;
    for (const auto coding : part["dataAbsentReason"]["coding"])
        for (const auto& reason : absent_reasons)
            if (coding["code"].string() == reason.code) out.special = reason.special;
    return out;
}

Result<Content> quantity(const Metric& metric, JsonValue value) {
    VIGIL_TRY(number, value["value"].decimal());
    VIGIL_TRY(unit, unit_for(metric, value));
    NumericValue out{number, unit, SpecialValue::none};
    const auto comparator = value["comparator"].string();
    if (comparator == "<" || comparator == "<=") out.special = SpecialValue::under_range;
    if (comparator == ">" || comparator == ">=") out.special = SpecialValue::over_range;
    return Content(out);
}

Content codeable_concept(const Metric& metric, JsonValue value) {
    const auto coding = value["coding"][std::size_t{0}];
    const std::string code(coding["code"].string());
    const std::string text(value["text"].string());
    const std::string display(coding["display"] ? coding["display"].string() : text);
    if (metric.kind == MetricKind::event) return EventValue{code, text.empty() ? display : text};
    if (code.empty()) return TextValue{text};
    return CodedValue{std::string(coding["system"].string()), code, display};
}

Content word(const Metric& metric, std::string_view text, bool is_code) {
    if (metric.kind == MetricKind::event)
        return is_code ? EventValue{std::string(text), {}} : EventValue{{}, std::string(text)};
    if (is_code) return CodedValue{{}, std::string(text), {}};
    return TextValue{std::string(text)};
}

Result<Content> whole_number(const Metric& metric, JsonValue value) {
    VIGIL_TRY(number, value.decimal());
    VIGIL_TRY(unit, unit_for(metric, JsonValue()));
    return Content(NumericValue{number, unit, SpecialValue::none});
}

JsonValue value_x(JsonValue part, std::string_view& type) {
    for (auto member = part.begin(); member != part.end(); ++member)
        if (member.key().starts_with("value")) {
            type = member.key().substr(5);
            return *member;
        }
    return {};
}

}  // namespace

Result<std::optional<UnitId>> quantity_unit(JsonValue quantity) {
    const auto code = quantity["code"].string();
    const auto system = quantity["system"].string();
    if (system == terminology::mdc || system == terminology::mdc_oid) {
        std::uint32_t number = 0;
        const auto read = std::from_chars(code.data(), code.data() + code.size(), number);
        if (read.ec == std::errc())
            if (auto unit = units::find_mdc(number)) return unit;
    }
    const auto name = code.empty() ? quantity["unit"].string() : code;
    if (name.empty()) return std::optional<UnitId>();
    if (auto unit = units::find(name)) return unit;
    return fail(Error::Kind::unsupported,
                fmt::format("no unit is called \"{}\"", name.substr(0, 64)));
}

Result<UnitId> unit_for(const Metric& metric, JsonValue quantity) {
    VIGIL_TRY(unit, quantity_unit(quantity));
    if (!unit) {
        const auto one = units::find("1");
        if (!metric.unit || (one && is_unit_of(metric, *one))) return metric.unit;
        return fail(Error::Kind::unsupported, metric.key + " has no unit");
    }
    if (is_unit_of(metric, *unit)) return *unit;
    return fail(Error::Kind::unsupported,
                fmt::format("{} is not measured in {}", metric.key, units::at(*unit).ucum));
}

Result<std::optional<Content>> read_value_x(const Metric& metric, JsonValue part) {
    std::string_view type;
    const auto value = value_x(part, type);
    if (!value) {
        if (!part["dataAbsentReason"]) return std::optional<Content>();
        return std::optional<Content>(absent(part));
    }
    if (type == "Quantity") {
        VIGIL_TRY(content, quantity(metric, value));
        return std::optional(std::move(content));
    }
    if (type == "Integer") {
        VIGIL_TRY(content, whole_number(metric, value));
        return std::optional(std::move(content));
    }
    if (type == "CodeableConcept") return std::optional(codeable_concept(metric, value));
    if (type == "String") return std::optional(word(metric, value.string(), false));
    if (type == "Boolean") return std::optional(word(metric, value.text(), true));
    return fail(Error::Kind::unsupported, fmt::format("value{} is not read", type.substr(0, 32)));
}

std::uint32_t interpretation_status(JsonValue part) {
    std::uint32_t bits = 0;
    each_coding(part["interpretation"], [&](std::string_view system, std::string_view code) {
        if (system == terminology::vigil_status) bits |= status_bit(code);
        if (system == terminology::measurement_status)
            for (const auto& known : measurement_status)
                if (known.code == code) bits |= known.bit;
    });
    return bits;
}

}  // namespace vigil::codec::fhirjson
