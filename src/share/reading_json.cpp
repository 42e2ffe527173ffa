#include "share/reading_json.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "metric/unit.hpp"

namespace vigil::share {
namespace {

struct StatusWord {
    std::uint32_t bit;
    std::string_view word;
};

constexpr std::array status_table{
    StatusWord{status::invalid, "invalid"},
    StatusWord{status::questionable, "questionable"},
    StatusWord{status::not_available, "not_available"},
    StatusWord{status::calibration_ongoing, "calibration_ongoing"},
    StatusWord{status::test_data, "test_data"},
    StatusWord{status::demo_data, "demo_data"},
    StatusWord{status::validated, "validated"},
    StatusWord{status::early_indication, "early_indication"},
    StatusWord{status::measurement_ongoing, "measurement_ongoing"},
    StatusWord{status::manual, "manual"},
    StatusWord{status::estimated, "estimated"},
    StatusWord{status::stored_data, "stored_data"},
    StatusWord{status::clock, "clock"},
    StatusWord{status::implausible, "implausible"},
    StatusWord{status::possible_duplicate, "possible_duplicate"},
    StatusWord{status::late, "late"},
    StatusWord{status::corrected, "corrected"},
    StatusWord{status::signal_poor, "signal_poor"},
    StatusWord{status::alarm_at_source, "alarm_at_source"},
};

constexpr std::string_view not_stored = "not_stored";

template <class Visit>
void each_status(std::uint32_t status, bool stored, Visit visit) {
    for (const auto& [bit, word] : status_table)
        if ((status & bit) != 0) visit(word);
    if (!stored) visit(not_stored);
}

UnitId unit_of(const Reading& reading) {
    if (const auto* numeric = std::get_if<NumericValue>(&reading.value)) return numeric->unit;
    if (const auto* block = std::get_if<WaveformBlock>(&reading.value)) return block->unit;
    return {};
}

std::string_view type_word(const Reading& reading) {
    constexpr std::array<std::string_view, 5> words{"numeric", "coded", "text", "event",
                                                    "waveform"};
    static_assert(std::variant_size_v<decltype(reading.value)> == words.size());
    return words[reading.value.index()];
}

std::string_view words_of(const Reading& reading) {
    if (const auto* coded = std::get_if<CodedValue>(&reading.value)) return coded->display;
    if (const auto* event = std::get_if<EventValue>(&reading.value)) return event->text;
    return {};
}

bool has_value(const Reading& reading) {
    if (const auto* numeric = std::get_if<NumericValue>(&reading.value))
        return numeric->special == SpecialValue::none;
    return !std::holds_alternative<WaveformBlock>(reading.value);
}

void write_waveform(JsonWriter& json, const WaveformBlock& block) {
    json.key("waveform").begin_object();
    json.member("period_ms", static_cast<double>(block.period.count()) / 1e6);
    json.member("scale", to_string(block.scale)).member("offset", to_string(block.offset));
    json.key("samples").begin_array();
    for (const auto sample : block.samples) {
        if (sample == WaveformBlock::missing)
            json.null();
        else
            json.number(sample);
    }
    json.end_array().end_object();
}

void write_value(JsonWriter& json, const Metric& metric, const Reading& reading) {
    const auto* numeric = std::get_if<NumericValue>(&reading.value);
    json.member("type", type_word(reading)).key("value");
    if (has_value(reading))
        json.text(value_text(reading));
    else
        json.null();
    json.member_or_null("display", words_of(reading));
    const auto& unit = units::at(unit_of(reading));
    json.member("unit", unit.ucum).member("unit_shown", unit.shown);
    const auto normal = numeric != nullptr ? normal_value(metric, *numeric) : std::nullopt;
    json.member_or_null("normal", normal ? to_string(*normal) : std::string());
    json.member_or_null("special",
                        numeric != nullptr ? special_word(numeric->special) : std::string_view());
}

}  // namespace

void write_reading(JsonWriter& json, const Catalogue& catalogue, const Reading& reading,
                   const ReadingContext& context) {
    const auto& metric = catalogue.at(reading.metric);
    json.begin_object();
    json.member_or_null("patient", context.patient);
    json.member("device", context.device).member("metric", metric.key);
    json.member("channel", reading.channel);
    write_value(json, metric, reading);
    json.key("status").begin_array();
    each_status(reading.status, context.stored, [&](std::string_view word) { json.text(word); });
    json.end_array();
    json.member("filed_time", context.filed_time).key("device_time");
    if (reading.device_time)
        json.text(format_rfc3339(*reading.device_time));
    else
        json.null();
    json.member("receive_time", context.receive_time).member("sequence", context.sequence);
    json.member_or_null("position",
                        context.position ? position_text(*context.position) : std::string());
    if (const auto* block = std::get_if<WaveformBlock>(&reading.value);
        block != nullptr && context.with_samples)
        write_waveform(json, *block);
    json.end_object();
}

std::string position_text(Position position) {
    return fmt::format("{}:{}", position.partition, position.offset);
}

std::optional<Position> parse_position(std::string_view text) {
    Position position;
    const auto* const end = text.data() + text.size();
    const auto partition = std::from_chars(text.data(), end, position.partition);
    if (partition.ec != std::errc() || partition.ptr == end || *partition.ptr != ':')
        return std::nullopt;
    const auto offset = std::from_chars(partition.ptr + 1, end, position.offset);
    if (offset.ec != std::errc() || offset.ptr != end) return std::nullopt;
    return position;
}

std::string value_text(const Reading& reading) {
    if (!has_value(reading)) return {};
    if (const auto* numeric = std::get_if<NumericValue>(&reading.value))
        return to_string(numeric->value);
    if (const auto* coded = std::get_if<CodedValue>(&reading.value)) return coded->code;
    if (const auto* text = std::get_if<TextValue>(&reading.value)) return text->text;
    return std::get<EventValue>(reading.value).code;
}

std::string_view special_word(SpecialValue special) {
    switch (special) {
        case SpecialValue::none:
            return {};
        case SpecialValue::not_a_number:
            return "not_a_number";
        case SpecialValue::not_at_this_resolution:
            return "not_at_this_resolution";
        case SpecialValue::positive_infinity:
            return "positive_infinity";
        case SpecialValue::negative_infinity:
            return "negative_infinity";
        case SpecialValue::over_range:
            return "over_range";
        case SpecialValue::under_range:
            return "under_range";
        case SpecialValue::not_available:
            return "not_available";
    }
    return {};
}

std::string status_words(std::uint32_t status, bool stored) {
    std::string words;
    each_status(status, stored, [&](std::string_view word) {
        if (!words.empty()) words += ' ';
        words += word;
    });
    return words;
}

std::optional<Decimal> normal_value(const Metric& metric, const NumericValue& value) {
    if (value.special != SpecialValue::none) return std::nullopt;
    if (value.unit == metric.unit || !value.unit || !metric.unit) return value.value;
    auto converted = units::convert(value.value, value.unit, metric.unit, metric.molar_mass);
    if (!converted) return std::nullopt;
    return *converted;
}

}  // namespace vigil::share
