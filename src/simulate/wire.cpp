#include "simulate/wire.hpp"

#include <array>

#include "base/json_writer.hpp"
#include "codec/waveform/waveform_block.hpp"
#include "metric/unit.hpp"

namespace vigil::simulate {
namespace {

struct StatusWord {
    std::uint32_t bit;
    std::string_view word;
};
constexpr std::array status_words{StatusWord{status::invalid, "invalid"},
                                  StatusWord{status::questionable, "questionable"},
                                  StatusWord{status::not_available, "not_available"},
                                  StatusWord{status::signal_poor, "signal_poor"},
                                  StatusWord{status::alarm_at_source, "alarm_at_source"}};

void write_numeric(JsonWriter& json, const NumericValue& numeric) {
    json.key("value");
    if (numeric.special == SpecialValue::none)
        json.number(numeric.value);
    else
        json.null();
    if (numeric.unit) json.member("unit", units::at(numeric.unit).ucum);
}

void write_reading(JsonWriter& json, const Reading& reading) {
    json.begin_object();
    if (const auto* numeric = std::get_if<NumericValue>(&reading.value))
        write_numeric(json, *numeric);
    if (const auto* event = std::get_if<EventValue>(&reading.value))
        json.member("value", event->code);
    if (const auto* coded = std::get_if<CodedValue>(&reading.value))
        json.member("value", coded->code);
    if (const auto* text = std::get_if<TextValue>(&reading.value)) json.member("value", text->text);
    if (reading.channel != 0) json.member("channel", reading.channel);
    if (reading.status != 0) {
        json.key("status").begin_array();
        for (const auto& [bit, word] : status_words)
            if ((reading.status & bit) != 0) json.text(word);
        json.end_array();
    }
    json.end_object();
}

}  // namespace

WireForm wire_form(const Catalogue& catalogue, const Emission& emission, bool stored) {
    WireForm form{"telemetry", {}};
    if (emission.kind == Emission::Kind::waveform) {
        form.topic_suffix = "wave";
        auto blocks = emission.readings;
        if (stored)
            for (auto& block : blocks) block.status |= status::stored_data;
        codec::waveform::encode(blocks, catalogue, 0, form.payload);
        return form;
    }
    JsonWriter json(form.payload);
    json.begin_object();
    if (!emission.readings.empty() && emission.readings.front().device_time)
        json.member("ts", *emission.readings.front().device_time);
    if (stored) json.member("stored", true);
    json.key("values").begin_object();
    for (const auto& reading : emission.readings) {
        json.key(catalogue.at(reading.metric).key);
        write_reading(json, reading);
    }
    json.end_object().end_object();
    return form;
}

}  // namespace vigil::simulate
