#include "fhir/view/view_writer.hpp"

#include <algorithm>

#include "codec/fhirjson/observation.hpp"
#include "fhir/resource/resource.hpp"

namespace vigil::fhir {
namespace {

constexpr auto minute_length = std::chrono::minutes(1);
constexpr std::size_t samples_of_minute_max = 600'000;  // 10 kHz

// As chunks keep it, so that it is the same before and after compaction.
Timestamp received(const store::Sample& sample) {
    return sample.filed_time +
           std::chrono::round<std::chrono::seconds>(sample.receive_time - sample.filed_time);
}

Reading reading_of(const SeriesSample& one) {
    return {.metric = one.key.metric,
            .channel = one.key.channel,
            .status = one.sample.status,
            .device_time = one.sample.device_time,
            .value = one.sample.value};
}

bool alike(const WaveformBlock& a, const WaveformBlock& b) {
    return a.period == b.period && a.scale.same_as(b.scale) && a.offset.same_as(b.offset) &&
           a.unit == b.unit;
}

// Samples of `block`, which starts at `start`, that lie in the minute.
void cut(WaveformBlock& block, Timestamp& start, Timestamp minute) {
    const auto period = block.period.count();
    const auto index_at = [&](Timestamp time) {  // of the first sample at or after it
        const auto away = (time - start).count();
        return away <= 0 ? 0 : (away + period - 1) / period;
    };
    const auto count = static_cast<std::int64_t>(block.samples.size());
    const auto first = std::min(index_at(minute), count);
    const auto end = std::min(index_at(minute + minute_length), count);
    block.samples.erase(block.samples.begin() + end, block.samples.end());
    block.samples.erase(block.samples.begin(), block.samples.begin() + std::min(first, end));
    start += block.period * first;
}

}  // namespace

std::vector<SeriesSample> within_minute(std::span<const SeriesSample> blocks, Timestamp minute) {
    std::vector<SeriesSample> out;
    for (const auto& one : blocks) {
        const auto* whole = std::get_if<WaveformBlock>(&one.sample.value);
        if (whole == nullptr || whole->period.count() <= 0) continue;
        auto part = one;
        auto& block = std::get<WaveformBlock>(part.sample.value);
        cut(block, part.sample.filed_time, minute);
        if (block.samples.empty()) continue;
        if (!out.empty()) {
            auto& last = std::get<WaveformBlock>(out.back().sample.value);
            const auto period = block.period.count();
            const auto away = (part.sample.filed_time - out.back().sample.filed_time).count();
            const auto place = (away + period / 2) / period;  // the nearest of its sample times
            const auto count = static_cast<std::int64_t>(last.samples.size());
            const bool follows =
                alike(last, block) && place >= count &&
                static_cast<std::size_t>(place) + block.samples.size() <= samples_of_minute_max;
            if (follows) {
                last.samples.resize(static_cast<std::size_t>(place), WaveformBlock::missing);
                last.samples.insert(last.samples.end(), block.samples.begin(), block.samples.end());
                out.back().sample.status |= part.sample.status;
                out.back().sample.receive_time =
                    std::max(out.back().sample.receive_time, part.sample.receive_time);
                continue;
            }
        }
        out.push_back(std::move(part));
    }
    return out;
}

View write_view(const ViewId& id, std::span<const SeriesSample> samples, const ViewGroup& group,
                const Catalogue& catalogue, std::string_view patient_id) {
    View view{.id = id, .record = {}};
    auto& record = view.record;
    record.type = "Observation";
    record.id = to_string(id);
    record.version = 1;
    record.method = "POST";
    record.subject = samples.front().patient;
    record.updated = received(samples.front().sample);
    for (const auto& one : samples) record.updated = std::max(record.updated, received(one.sample));

    const auto subject = patient_id.empty() ? std::string() : "Patient/" + std::string(patient_id);
    const auto device = "Device/" + device_resource_id(id.device);
    const codec::fhirjson::ObservationContext context{
        .id = record.id,
        .identifier_system = {},
        .identifier_value = {},
        .subject = subject,
        .device = device,
        .device_identifier_system = {},
        .device_identifier_value = {},
        .effective = samples.front().sample.filed_time};
    std::string text;
    JsonWriter json(text);
    if (group.parts.size() > 1) {
        std::vector<Reading> readings;
        for (const auto& one : samples) readings.push_back(reading_of(one));
        codec::fhirjson::write_panel(json, catalogue, catalogue.at(group.id), readings, context);
    } else {
        codec::fhirjson::write_observation(json, catalogue, reading_of(samples.front()), context);
    }
    JsonDocument document;
    if (const auto root = document.parse(text, resource_limits))
        record.body = stored_body(*root, record.id);
    return view;
}

}  // namespace vigil::fhir
