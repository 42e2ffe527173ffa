#include "app/observation_relay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "app/reading_correction.hpp"
#include "base/json_writer.hpp"
#include "fhir/rest/reading.hpp"
#include "identity/access_desk.hpp"

namespace vigil::app {
namespace {

constexpr std::string_view cursor_kind = "relay", cursor_id = "observations";
constexpr std::size_t changes_at_once = 1000, bytes_at_once = std::size_t{4} << 20;
constexpr std::uint64_t entries_between = 10'000;  // of the log, before where it is is kept again
constexpr std::size_t seconds_between_looks = 60;
// Of one Observation, for what it said and when.
constexpr std::size_t versions_looked_back = 1'000, bytes_looked_back = std::size_t{64} << 20;
// What is later than that is no measurement that was made.
constexpr Nanoseconds ahead_max = std::chrono::minutes(5);

// What is damaged stays alone with that, or nothing would follow it: `vigil verify` tells more.
bool is_damage(const Error& error) {
    return error.kind == Error::Kind::malformed || error.kind == Error::Kind::too_large ||
           error.kind == Error::Kind::internal;
}

void leave_out(const Error& error) {
    fmt::print(stderr, "vigil: left out of the readings, as it cannot be read: {}\n",
               error.message);
}

store::Access relay_access() {
    return identity::AccessDesk::for_system("observations");
}

}  // namespace

Result<void> ObservationRelay::start() {
    VIGIL_TRY(kept, parts_.documents.get(cursor_kind, cursor_id));
    if (kept) {
        JsonDocument document;
        VIGIL_TRY(root, document.parse(*kept));
        up_to_ = static_cast<std::uint64_t>(root["records"].integer().value_or(0));
        log_seen_ = static_cast<std::uint64_t>(root["log"].integer().value_or(0));
        VIGIL_TRY(last, parts_.records.last_change());
        if (last > up_to_) VIGIL_CHECK(find_filed());
    } else {
        log_seen_ = parts_.log.end().offset - 1;
        VIGIL_CHECK(store::await<void>([this](store::Done done) {
            parts_.documents.change({cursor(0, log_seen_)}, {}, std::move(done));
        }));
    }
    wake();
    return {};
}

// What was appended after the cursor was last kept.
Result<void> ObservationRelay::find_filed() {
    Position from{0, log_seen_ + 1};
    while (from < parts_.log.end()) {
        const auto reached = parts_.log.read(from, [&](const store::Entry& entry) {
            from = {entry.position.partition, entry.position.offset + 1};
            if (entry.kind == store::EntryKind::batch && entry.identity)
                filed_.insert(entry.identity);
            return true;
        });
        if (reached) break;
        from = parts_.log.after_damage(from);
    }
    return {};
}

store::DocumentChange ObservationRelay::cursor(std::uint64_t up_to, std::uint64_t log_seen) {
    std::string body;
    JsonWriter(body).begin_object().member("records", up_to).member("log", log_seen).end_object();
    return {.kind = std::string(cursor_kind),
            .id = std::string(cursor_id),
            .subject = {},
            .body = std::move(body)};
}

std::function<void(bool)> ObservationRelay::begins() {
    ++under_way_;
    return [this](bool may_be) {
        if (may_be)
            woken_ = true;  // before the count falls: `pass_over` looks at them the other way round
        --under_way_;
        if (may_be) parts_.on_loop([this] { wake(); });
    };
}

void ObservationRelay::every_second() {
    if (++seconds_ % seconds_between_looks == 0) pass_over();
    wake();
}

void ObservationRelay::wake() {
    if (busy_ || !woken_.exchange(false)) return;
    busy_ = true;
    look();
}

void ObservationRelay::failed(const Error& error) {
    if (!std::exchange(failing_, true))
        fmt::print(stderr, "vigil: device Observations wait to join the readings: {}\n",
                   error.message);
    busy_ = false;
    woken_ = true;  // again with the next second
}

void ObservationRelay::look() {
    parts_.on_worker([this, after = up_to_] {
        auto step = std::make_shared<Result<Step>>(read(after));
        parts_.on_loop([this, step] {
            if (!*step) return failed(step->error());
            identify(std::move(**step));
        });
    });
}

// On a worker: what the outbox has.
Result<ObservationRelay::Step> ObservationRelay::read(std::uint64_t after) const {
    Step step;
    step.up_to = after;
    std::vector<store::Record> records;
    std::set<std::string> ids;
    std::size_t seen = 0, bytes = 0;
    const auto changes = parts_.records.changes(
        relay_access(), after, [&](std::uint64_t number, const store::Record& record) {
            // What a version corrects must be in the series: one at a time of each.
            const bool again = record.type == "Observation" && ids.contains(record.id);
            step.more = again || seen == changes_at_once || bytes > bytes_at_once;
            if (step.more) return false;
            step.up_to = number;
            ++seen;
            if (record.type != "Observation") return true;
            // The first version over a view is the view as it was.
            const bool is_new = !fhir::read_view_id(record.id) && fhir::names_device(record);
            if (record.version == 1 && !is_new) return true;
            bytes += record.body.size();
            ids.insert(record.id);
            records.push_back(record);
            return true;
        });
    if (!changes) {
        VIGIL_TRY(last, parts_.records.last_change());
        if (!is_damage(changes.error()) || step.up_to >= last)
            return tl::unexpected(changes.error());
        // First what stands before it, then on with what follows.
        step.more = true;
        if (step.up_to == after) {
            leave_out(changes.error());
            ++step.up_to;
        }
    }
    VIGIL_CHECK(
        parts_.server.read_all(relay_access(), [&](fhir::ViewReader& reader) -> Result<void> {
            for (const auto& record : records) {
                auto found = read(record, reader);
                if (!found && !is_damage(found.error()))
                    return tl::unexpected(std::move(found).error());
                if (!found) leave_out(found.error());
                if (found && *found) step.found.push_back(std::move(**found));
            }
            return {};
        }));
    return step;
}

Result<std::optional<ObservationRelay::Found>> ObservationRelay::read(
    const store::Record& record, fhir::ViewReader& reader) const {
    Found found{.source = fmt::format("fhir/Observation/{}/_history/{}", record.id, record.version),
                .text = record.deleted ? std::string() : fhir::resource_text(record),
                .written = record.updated,
                .view = fhir::read_view_id(record.id),
                .says = {},
                .said = {},
                .device = {},
                .said_device = {},
                .said_patient = {},
                .versions = {record.updated}};
    const auto read_one =
        [&](const store::Record& of) -> Result<std::optional<fhir::DeviceObservation>> {
        if (!fhir::names_device(of)) return std::optional<fhir::DeviceObservation>();
        return fhir::read_device_observation(of, reader, parts_.context);
    };
    VIGIL_TRY(says, read_one(record));
    found.says = std::move(says);
    if (fhir::standing_of(record) == fhir::Standing::open) return std::optional<Found>();
    std::size_t bytes = 0;
    for (std::uint64_t n = 1; n < record.version && !(found.view && found.said); ++n) {
        std::optional<store::Record> earlier;
        if (n <= versions_looked_back && bytes <= bytes_looked_back) {
            VIGIL_TRY(one, reader.records().version(record.type, record.id,
                                                    found.view ? n : record.version - n));
            earlier = std::move(one);
        }
        found.has_all_versions = earlier.has_value();
        if (!earlier) break;
        bytes += earlier->body.size();
        found.versions.push_back(earlier->updated);
        if (found.said) continue;
        VIGIL_TRY(said, read_one(*earlier));
        found.said = std::move(said);
    }
    if (!found.says && !found.said) return std::optional<Found>();
    return std::optional(std::move(found));
}

DeviceId ObservationRelay::whose(const fhir::DeviceObservation& observation) const {
    const auto* number = std::get_if<DeviceId>(&observation.device);
    const auto* device =
        number != nullptr ? parts_.registry.device(*number)
                          : parts_.registry.find_device(std::get<std::string>(observation.device));
    return device != nullptr ? device->id : DeviceId{};
}

// Nothing is filed under another patient than the one it is about.
bool ObservationRelay::belongs(const Found& found) const {
    const auto& says = *found.says;
    if (!found.device || says.time > found.written + ahead_max) return false;
    const auto patient = parts_.registry.patient_at(found.device, says.time);
    return patient && parts_.server.patients().number(says.patient) == patient;
}

// What somebody said of another patient, or over a view of another reading than it shows, was never
// filed: what stands there is another's.
bool ObservationRelay::corrects(const Found& found) const {
    const auto& said = *found.said;
    if (found.view && (found.said_device != found.view->device || said.time != found.view->time))
        return false;
    return parts_.server.patients().number(said.patient).value_or(PatientId{}) ==
           found.said_patient;
}

void ObservationRelay::identify(Step step) {
    bool corrects = false;
    for (auto& found : step.found) {
        if (found.says) {
            found.device = whose(*found.says);
            // What stands over a view is no further reading; what an Observation with more versions
            // than are looked at said may be one already.
            found.belongs = !found.view && (found.said || found.has_all_versions) && belongs(found);
        }
        if (!found.said) continue;
        found.said_device = whose(*found.said);
        found.said_patient = parts_.registry.patient_at(found.said_device, found.said->time);
        found.corrects = this->corrects(found);
        corrects = corrects || found.corrects;
    }
    if (!corrects) return file(std::move(step));
    parts_.on_worker([this, step = std::make_shared<Step>(std::move(step))] {
        Result<void> looked;
        for (auto& found : step->found) {
            if (!looked || !found.corrects) continue;
            auto corrected = correct(found);
            if (!corrected && is_damage(corrected.error())) {
                leave_out(corrected.error());
                found.corrections.clear();
                found.belongs = false;
            } else {
                looked = std::move(corrected);
            }
        }
        parts_.on_loop([this, step, looked] {
            if (!looked) return failed(looked.error());
            file(std::move(*step));
        });
    });
}

// On a worker.
Result<void> ObservationRelay::correct(Found& found) const {
    const auto& said = *found.said;
    const bool same_frame = found.says && found.device == found.said_device &&
                            found.says->time == said.time && found.says->patient == said.patient;
    std::vector<Reading> nothing;
    auto& says = same_frame ? found.says->readings : nothing;
    for (const auto& was : said.readings) {
        VIGIL_TRY(filed, filed_reading(parts_.series, relay_access(),
                                       {.patient = found.said_patient,
                                        .key = {found.said_device, was.metric, was.channel},
                                        .time = said.time,
                                        .view = found.view,
                                        .was = was,
                                        .written = found.versions}));
        if (!filed.is_there && found.has_all_versions) continue;
        const auto now = std::ranges::find_if(says, [&](const Reading& one) {
            return one.metric == was.metric && one.channel == was.channel;
        });
        std::optional<Reading> corrected;
        if (filed.sample)
            corrected = now != says.end() ? amended(*filed.sample, *now) : withdrawn(*filed.sample);
        if (now != says.end()) says.erase(now);
        if (!corrected) continue;
        found.corrections.push_back(
            {.reading = {.reading = std::move(*corrected), .filed_time = filed.sample->filed_time},
             .sequence = filed.sample->sequence});
        auto& reading = found.corrections.back().reading.reading;
        reading.metric = was.metric;
        reading.channel = was.channel;
    }
    return {};
}

void ObservationRelay::file(Step step) {
    struct Open {
        std::size_t count = 1;
        std::optional<Error> error;
    };
    auto open = std::make_shared<Open>();
    const auto one_less = [this, open, up_to = step.up_to, more = step.more] {
        if (--open->count > 0) return;
        if (open->error) return failed(*open->error);
        keep(up_to, more);
    };
    bool is_held = false;  // the resource, by the first of a version's corrections
    // `part` is the same at every try, whatever of the others has been filed by then.
    const auto append = [&](const Found& found, DeviceId device, std::string_view part,
                            std::vector<FiledReading> readings, std::uint32_t sequence) {
        const auto identity = fingerprint(fmt::format("{}#{}", found.source, part),
                                          static_cast<std::uint64_t>(unix_ns(found.written)));
        if (filed_.contains(identity)) return;
        const auto ticket = parts_.intake.file_recorded(
            {.device = device,
             .received = found.written,
             .source = found.source,
             .raw = std::exchange(is_held, true) ? std::string_view() : found.text,
             .identity = identity,
             .offset_minutes = found.says ? found.says->offset_minutes : std::nullopt,
             .readings = std::move(readings),
             .first_sequence = sequence});
        ++open->count;
        parts_.when_durable(ticket, [this, open, one_less, identity](const Result<void>& durable) {
            if (durable)
                filed_.insert(identity);
            else
                open->error = durable.error();
            one_less();
        });
    };
    for (auto& found : step.found) {
        is_held = false;
        for (auto& correction : found.corrections) {
            const auto& reading = correction.reading.reading;
            const auto part =
                fmt::format("{}.{}.{}", reading.metric.value, reading.channel, correction.sequence);
            append(found, found.said_device, part, {std::move(correction.reading)},
                   correction.sequence);
        }
        if (!found.belongs || found.says->readings.empty()) continue;
        std::vector<FiledReading> readings;
        for (auto& reading : found.says->readings) {
            // It takes nobody's place, whatever its Observation is called.
            reading.status = (reading.status & ~status::corrected) | status::of_record;
            readings.push_back({.reading = std::move(reading), .filed_time = found.says->time});
        }
        is_held = false;  // that may be another patient's
        append(found, found.device, "new", std::move(readings), 0);
    }
    one_less();
}

void ObservationRelay::keep(std::uint64_t up_to, bool more) {
    const auto log_seen = parts_.log.end().offset - 1;
    if (up_to == up_to_ && log_seen < log_seen_ + entries_between) {
        busy_ = false;
        return wake();
    }
    auto change = cursor(up_to, log_seen);
    parts_.documents.change({std::move(change)}, {}, [=, this](const Result<void>& kept) {
        parts_.on_loop([=, this] {
            if (!kept) return failed(kept.error());
            failing_ = false;
            up_to_ = up_to;
            log_seen_ = log_seen;
            filed_.clear();
            if (more) return look();
            busy_ = false;
            wake();
        });
    });
}

// Where no write may have held one, what was written meanwhile need not be read; nor need the next
// start read the log of a time when nothing was written.
void ObservationRelay::pass_over() {
    if (busy_) return;
    busy_ = true;
    parts_.on_worker([this, now = up_to_] {
        const auto last = parts_.records.last_change();
        const bool none_under_way = under_way_ == 0;
        const bool quiet = last && none_under_way && !woken_;
        parts_.on_loop([this, up_to = quiet ? *last : now] { keep(up_to, false); });
    });
}

}  // namespace vigil::app
