#include "share/api/series_shape.hpp"

#include <algorithm>

#include "metric/unit.hpp"
#include "share/shapes.hpp"

namespace vigil::share {
namespace {

constexpr Nanoseconds grace = std::chrono::seconds(2);  // for the way here

std::string_view kind_word_of(MetricKind kind) {
    switch (kind) {
        case MetricKind::numeric:
            return "numeric";
        case MetricKind::waveform:
            return "waveform";
        case MetricKind::event:
            return "event";
        case MetricKind::setting:
            return "setting";
    }
    return "numeric";
}

std::string_view freshness_word(Nanoseconds age, Nanoseconds expected) {
    if (expected == Nanoseconds(0)) return "episodic";
    if (age <= expected + grace) return "fresh";
    return age <= 3 * expected + grace ? "stale" : "absent";
}

UnitId unit_of(const Metric& metric, const std::optional<store::Sample>& latest) {
    if (!latest) return metric.unit;
    if (const auto* numeric = std::get_if<NumericValue>(&latest->value); numeric && numeric->unit)
        return numeric->unit;
    if (const auto* block = std::get_if<WaveformBlock>(&latest->value); block && block->unit)
        return block->unit;
    return metric.unit;
}

}  // namespace

Result<std::vector<SeriesShape>> series_of(ApiContext& api, const store::Access& access,
                                           PatientId patient) {
    VIGIL_TRY(infos, api.series.list(access, patient));
    VIGIL_TRY(latest, api.series.latest(access, patient));
    std::vector<SeriesShape> shapes;
    for (const auto& info : infos) {
        SeriesShape shape{info, std::nullopt};
        const auto newest = std::ranges::find(latest, info.key, &store::LatestSample::key);
        if (newest != latest.end()) shape.latest = newest->sample;
        shapes.push_back(std::move(shape));
    }
    return shapes;
}

void write_sample(JsonWriter& json, const ApiContext& api, PatientId patient,
                  const store::SeriesKey& key, const store::Sample& sample, bool with_samples) {
    const auto* device = api.registry.device(key.device);
    const Reading reading{.metric = key.metric,
                          .channel = key.channel,
                          .status = sample.status,
                          .device_time = sample.device_time,
                          .value = sample.value};
    write_reading(json, api.catalogue, reading,
                  {.patient = patient ? patient_id_text(patient) : std::string(),
                   .device = device != nullptr ? std::string_view(device->external_id) : "",
                   .filed_time = sample.filed_time,
                   .receive_time = sample.receive_time,
                   .sequence = sample.sequence,
                   .position = std::nullopt,
                   .stored = true,
                   .with_samples = with_samples});
}

void write_series(JsonWriter& json, const ApiContext& api, const SeriesShape& shape,
                  Timestamp now) {
    const auto& metric = api.catalogue.at(shape.info.key.metric);
    const auto* device = api.registry.device(shape.info.key.device);
    const auto& unit = units::at(unit_of(metric, shape.latest));
    const auto age = now - shape.info.last;
    json.begin_object();
    json.member_or_null("patient", shape.info.patient ? patient_id_text(shape.info.patient) : "");
    json.member("device", device != nullptr ? std::string_view(device->external_id) : "");
    json.member("metric", metric.key).member("channel", shape.info.key.channel);
    json.member("kind", kind_word_of(metric.kind));
    json.member("unit", unit.ucum).member("unit_shown", unit.shown);
    json.member("expected_interval_s", static_cast<double>(metric.expected_interval.count()) / 1e9);
    json.member("first", shape.info.first).member("last", shape.info.last);
    json.member("count", shape.info.count).key("latest");
    if (shape.latest && metric.kind != MetricKind::waveform)
        write_sample(json, api, shape.info.patient, shape.info.key, *shape.latest, false);
    else
        json.null();
    json.member("age_s", static_cast<double>(age.count()) / 1e9);
    json.member("freshness", freshness_word(age, metric.expected_interval)).end_object();
}

}  // namespace vigil::share
