#include "share/live_past.hpp"

#include <utility>

#include "metric/batch.hpp"

namespace vigil::share {
namespace {

constexpr Timestamp end_of_time = from_unix_ns(INT64_MAX / 2);
// A block is filed at its first sample: one that began before the span may reach into it.
constexpr Nanoseconds block_span_max = std::chrono::seconds(2);

Result<void> read_waveforms(store::SeriesStore& series, const store::Access& access,
                            Timestamp since, PatientPast& past) {
    for (const auto& [key, newest] : past.newest) {
        if (!std::holds_alternative<WaveformBlock>(newest.value) || newest.filed_time < since)
            continue;
        VIGIL_CHECK(series.scan(
            access, past.patient, key.metric, {since - block_span_max, end_of_time},
            [&, &wanted = key](const store::SeriesKey& found, const store::Sample& sample) {
                const auto* block = std::get_if<WaveformBlock>(&sample.value);
                if (block != nullptr && found == wanted)
                    past.waveforms.push_back({found, sample.filed_time, *block});
                return true;
            }));
    }
    return {};
}

}  // namespace

Result<std::vector<PatientPast>> read_patients(store::SeriesStore& series,
                                               const store::Access& access,
                                               const std::vector<PatientId>& patients,
                                               std::optional<Timestamp> waveforms_since) {
    std::vector<PatientPast> found;
    for (const auto patient : patients) {
        VIGIL_TRY(newest, series.latest(access, patient));
        PatientPast past{.patient = patient, .newest = std::move(newest), .waveforms = {}};
        if (waveforms_since) VIGIL_CHECK(read_waveforms(series, access, *waveforms_since, past));
        found.push_back(std::move(past));
    }
    return found;
}

Result<LogPart> read_log(store::Log& log, Position after, std::size_t bytes_max) {
    const Position from{after.partition, after.offset + 1};
    if (from < log.first())
        return fail(Error::Kind::not_found, "the log has forgotten what came next", "resume");
    if (log.end() < from)
        return fail(Error::Kind::not_found, "the log has not come that far", "resume");
    LogPart part;
    part.reached = after;
    VIGIL_TRY(next, log.read(from, [&](const store::Entry& entry) {
        if (!part.oldest) part.oldest = entry.commit_time;
        part.newest = entry.commit_time;
        part.reached = entry.position;
        part.bytes += entry.body.size();
        Batch batch;
        if (entry.kind == store::EntryKind::batch && vigil::decode(entry.body, batch))
            part.messages.push_back({.position = entry.position,
                                     .patient = entry.subject,
                                     .device = batch.device,
                                     .receive_time = batch.receive_time,
                                     .first_sequence = batch.first_sequence,
                                     .readings = std::move(batch.readings),
                                     .json = {}});
        return part.bytes < bytes_max;
    }));
    (void)next;
    return part;
}

}  // namespace vigil::share
