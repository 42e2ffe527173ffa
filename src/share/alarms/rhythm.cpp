#include "share/alarms/rhythm.hpp"

#include "signal/ecg/beat.hpp"
#include "signal/quality/lead_quality.hpp"
#include "signal/rhythm/condition.hpp"

namespace vigil::share {
namespace {

std::string_view word_of(quality::Grade grade) {
    switch (grade) {
        case quality::Grade::good:
            return "good";
        case quality::Grade::rate_only:
            return "rate-only";
        case quality::Grade::unusable:
            return "unusable";
    }
    return "";
}

void rate_or_null(JsonWriter& json, std::string_view name, std::optional<double> rate) {
    json.key(name);
    if (rate)
        json.number(*rate);
    else
        json.null();
}

void write_ecg(JsonWriter& json, const AlarmWords& words, const monitor::EcgView& ecg) {
    const auto* device = words.registry.device(ecg.device);
    json.begin_object();
    json.member("device", device != nullptr ? device->external_id : std::string());
    json.member("up_to", ecg.up_to).member("usable", ecg.usable);
    rate_or_null(json, "heart_rate", ecg.heart_rate);
    json.key("rhythms").begin_array();
    for (const auto rhythm : ecg.rhythms) json.text(rhythm::name_of(rhythm));
    json.end_array().key("leads").begin_array();
    for (const auto& lead : ecg.leads) {
        const auto* metric = words.catalogue.find(lead.lead.metric);
        json.begin_object().member("metric", metric != nullptr ? metric->key : std::string());
        json.member("channel", lead.lead.channel).member("quality", word_of(lead.grade));
        json.member("off", lead.is_off).end_object();
    }
    json.end_array().key("beats").begin_array();
    for (const auto& beat : ecg.beats) {
        json.begin_object().member("time", beat.at);
        json.member("class", std::string(1, ecg::letter(beat.beat_class))).end_object();
    }
    json.end_array().end_object();
}

}  // namespace

void write_rhythm(JsonWriter& json, const AlarmWords& words, const RhythmShown& shown) {
    json.begin_object().key("ecgs").begin_array();
    for (const auto& ecg : shown.ecgs) write_ecg(json, words, ecg);
    json.end_array();
    rate_or_null(json, "pulse_rate", shown.pulse_rate);
    json.end_object();
}

}  // namespace vigil::share
