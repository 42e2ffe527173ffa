#include <array>
#include <string>

#include "codec/fhirjson/observation.hpp"
#include "codec/fhirjson/sampled_data.hpp"
#include "codec/fhirjson/terminology.hpp"
#include "metric/unit.hpp"

namespace vigil::codec::fhirjson {
namespace {

struct StatusCode {
    std::uint32_t bit;
    std::string_view system, code;
};

// `corrected`, `measurement_ongoing` and `test_data` have places of their own in the resource.
constexpr std::array status_codes{
    StatusCode{status::questionable, terminology::measurement_status, "questionable"},
    StatusCode{status::calibration_ongoing, terminology::measurement_status, "calibration-ongoing"},
    StatusCode{status::validated, terminology::measurement_status, "validated-data"},
    StatusCode{status::early_indication, terminology::measurement_status, "early-indication"},
    StatusCode{status::alarm_at_source, terminology::measurement_status, "in-alarm"},
    StatusCode{status::invalid, terminology::vigil_status, "invalid"},
    StatusCode{status::not_available, terminology::vigil_status, "not_available"},
    StatusCode{status::demo_data, terminology::vigil_status, "demo_data"},
    StatusCode{status::manual, terminology::vigil_status, "manual"},
    StatusCode{status::estimated, terminology::vigil_status, "estimated"},
    StatusCode{status::stored_data, terminology::vigil_status, "stored_data"},
    StatusCode{status::signal_poor, terminology::vigil_status, "signal_poor"}};

// The LOINC codes of the FHIR vital signs profiles (http://hl7.org/fhir/R4/observation-vitalsigns).
constexpr std::array<std::string_view, 9> vital_signs{
    "9279-1", "8867-4", "2708-6", "59408-5", "8310-5", "8302-2", "29463-7", "39156-5", "85354-9"};

void write_coding(JsonWriter& json, std::string_view system, std::string_view code,
                  std::string_view display = {}) {
    json.begin_object().member("system", system).member("code", code);
    if (!display.empty()) json.member("display", display);
    json.end_object();
}

void write_concept(JsonWriter& json, std::string_view key, std::string_view system,
                   std::string_view code) {
    json.key(key).begin_object().key("coding").begin_array();
    write_coding(json, system, code);
    json.end_array().end_object();
}

void write_category(JsonWriter& json, const Metric& metric) {
    for (const auto code : vital_signs)
        if (metric.loinc == code) {
            json.key("category").begin_array().begin_object().key("coding").begin_array();
            write_coding(json, terminology::category, "vital-signs");
            json.end_array().end_object().end_array();
        }
}

void write_quantity(JsonWriter& json, std::string_view key, const Decimal& value, UnitId unit_id) {
    const auto& unit = units::at(unit_id);
    json.key(key).begin_object().member("value", value);
    if (unit_id) {
        json.member("unit", unit.shown.empty() ? unit.ucum : unit.shown);
        json.member("system", terminology::ucum).member("code", unit.ucum);
    }
    json.end_object();
}

std::string_view absent_code(SpecialValue special) {
    switch (special) {
        case SpecialValue::not_a_number:
            return "not-a-number";
        case SpecialValue::not_at_this_resolution:
            return "unsupported";
        case SpecialValue::positive_infinity:
            return "positive-infinity";
        case SpecialValue::negative_infinity:
            return "negative-infinity";
        case SpecialValue::over_range:
        case SpecialValue::under_range:
            return "error";
        default:
            return "unknown";
    }
}

// The period in milliseconds with all its digits.
Decimal milliseconds(Nanoseconds period) {
    Decimal value{period.count(), -6};
    while (value.exponent < 0 && value.mantissa % 10 == 0) {
        value.mantissa /= 10;
        ++value.exponent;
    }
    return value;
}

class ValueWriter {
public:
    explicit ValueWriter(JsonWriter& json) : json_(json) {}

    void operator()(const NumericValue& number) {
        if (number.special == SpecialValue::none)
            write_quantity(json_, "valueQuantity", number.value, number.unit);
        else
            write_concept(json_, "dataAbsentReason", terminology::data_absent_reason,
                          absent_code(number.special));
    }
    void operator()(const CodedValue& coded) {
        json_.key("valueCodeableConcept").begin_object().key("coding").begin_array();
        json_.begin_object();
        if (!coded.system.empty()) json_.member("system", coded.system);
        json_.member("code", coded.code);
        if (!coded.display.empty()) json_.member("display", coded.display);
        json_.end_object().end_array().end_object();
    }
    void operator()(const TextValue& text) { json_.member("valueString", text.text); }
    void operator()(const EventValue& event) {
        json_.key("valueCodeableConcept").begin_object();
        if (!event.code.empty())
            json_.key("coding").begin_array().begin_object().member("code", event.code);
        if (!event.code.empty()) json_.end_object().end_array();
        if (!event.text.empty()) json_.member("text", event.text);
        json_.end_object();
    }
    void operator()(const WaveformBlock& block) {
        json_.key("valueSampledData").begin_object();
        write_quantity(json_, "origin", block.offset, block.unit);
        json_.member("period", milliseconds(block.period)).member("factor", block.scale);
        json_.member("dimensions", 1).member("data", sampled_data_text(block)).end_object();
    }

private:
    JsonWriter& json_;
};

void write_interpretation(JsonWriter& json, const Reading& reading) {
    const auto* number = std::get_if<NumericValue>(&reading.value);
    const auto special = number != nullptr ? number->special : SpecialValue::none;
    bool is_open = false;
    const auto coding = [&](std::string_view system, std::string_view code) {
        if (!is_open)
            json.key("interpretation").begin_array().begin_object().key("coding").begin_array();
        is_open = true;
        write_coding(json, system, code);
    };
    if (special == SpecialValue::over_range) coding(terminology::interpretation, ">");
    if (special == SpecialValue::under_range) coding(terminology::interpretation, "<");
    for (const auto& known : status_codes)
        if ((reading.status & known.bit) != 0) coding(known.system, known.code);
    if (is_open) json.end_array().end_object().end_array();
}

void write_effective(JsonWriter& json, const Reading& reading, const ObservationContext& context) {
    const auto start = format_rfc3339(context.effective, context.offset_minutes);
    const auto* block = std::get_if<WaveformBlock>(&reading.value);
    if (block == nullptr || block->samples.empty()) {
        json.member("effectiveDateTime", start);
        return;
    }
    // To the last sample, as the personal health device guide does.
    const auto length = block->period * static_cast<std::int64_t>(block->samples.size() - 1);
    json.key("effectivePeriod").begin_object().member("start", start);
    json.member("end", format_rfc3339(context.effective + length, context.offset_minutes));
    json.end_object();
}

void write_identifier(JsonWriter& json, std::string_view system, std::string_view value) {
    json.begin_object();
    if (!system.empty()) json.member("system", system);
    json.member("value", value).end_object();
}

void write_device(JsonWriter& json, const ObservationContext& context) {
    if (context.device.empty() && context.device_identifier_value.empty()) return;
    json.key("device").begin_object();
    if (!context.device.empty()) json.member("reference", context.device);
    if (!context.device_identifier_value.empty()) {
        json.key("identifier");
        write_identifier(json, context.device_identifier_system, context.device_identifier_value);
    }
    json.end_object();
}

std::string_view observation_status(std::uint32_t status) {
    if ((status & status::corrected) != 0) return "corrected";
    return (status & status::measurement_ongoing) != 0 ? "preliminary" : "final";
}

// Up to and with the subject.
void write_head(JsonWriter& json, const Metric& metric, const Reading& reading,
                const ObservationContext& context) {
    json.begin_object().member("resourceType", "Observation");
    if (!context.id.empty()) json.member("id", context.id);
    if ((reading.status & status::test_data) != 0) {
        json.key("meta").begin_object().key("security").begin_array();
        write_coding(json, terminology::act_reason, "HTEST");
        json.end_array().end_object();
    }
    if (reading.channel != 0) {
        json.key("extension").begin_array().begin_object();
        json.member("url", terminology::vigil_channel);
        json.member("valueUnsignedInt", reading.channel).end_object().end_array();
    }
    if (!context.identifier_value.empty()) {
        json.key("identifier").begin_array();
        write_identifier(json, context.identifier_system, context.identifier_value);
        json.end_array();
    }
    json.member("status", observation_status(reading.status));
    write_category(json, metric);
    write_metric(json, "code", metric);
    if (!context.subject.empty())
        json.key("subject").begin_object().member("reference", context.subject).end_object();
}

}  // namespace

void write_metric(JsonWriter& json, std::string_view key, const Metric& metric) {
    json.key(key).begin_object().key("coding").begin_array();
    if (metric.mdc_code != 0)
        write_coding(json, terminology::mdc, std::to_string(metric.mdc_code), metric.mdc_refid);
    if (!metric.loinc.empty()) write_coding(json, terminology::loinc, metric.loinc);
    write_coding(json, terminology::vigil_metric, metric.key, metric.display);
    json.end_array().end_object();
}

void write_observation(JsonWriter& json, const Catalogue& catalogue, const Reading& reading,
                       const ObservationContext& context) {
    const auto& metric = catalogue.at(reading.metric);
    write_head(json, metric, reading, context);
    write_effective(json, reading, context);
    std::visit(ValueWriter(json), reading.value);
    write_interpretation(json, reading);
    write_device(json, context);
    json.end_object();
}

void write_panel(JsonWriter& json, const Catalogue& catalogue, const Metric& panel,
                 std::span<const Reading> parts, const ObservationContext& context) {
    Reading whole{.metric = panel.id, .channel = parts.front().channel};
    for (const auto& part : parts) whole.status |= part.status;
    write_head(json, panel, whole, context);
    write_effective(json, whole, context);
    write_device(json, context);
    json.key("component").begin_array();
    for (const auto& part : parts) {
        json.begin_object();
        write_metric(json, "code", catalogue.at(part.metric));
        std::visit(ValueWriter(json), part.value);
        write_interpretation(json, part);
        json.end_object();
    }
    json.end_array().end_object();
}

}  // namespace vigil::codec::fhirjson
