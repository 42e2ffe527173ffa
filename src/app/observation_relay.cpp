#include "app/observation_relay.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "base/json_writer.hpp"
#include "fhir/rest/reading.hpp"
#include "identity/access_desk.hpp"

namespace vigil::app {
namespace {

constexpr std::string_view cursor_kind = "relay", cursor_id = "observations";
constexpr std::size_t changes_at_once = 1000, bytes_at_once = std::size_t{4} << 20;
constexpr std::size_t seconds_between_looks = 60;
// What is later than that is no measurement that was made.
constexpr Nanoseconds ahead_max = std::chrono::minutes(5);

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
        VIGIL_CHECK(find_filed({0, static_cast<std::uint64_t>(root["log"].integer().value_or(0))}));
    } else {
        VIGIL_CHECK(store::await<void>([this](store::Done done) {
            parts_.documents.change({cursor(0)}, {}, std::move(done));
        }));
    }
    wake();
    return {};
}

// What was appended after the cursor was last kept.
Result<void> ObservationRelay::find_filed(Position after) {
    Position from{after.partition, after.offset + 1};
    while (from < parts_.log.end()) {
        const auto reached = parts_.log.read(from, [this](const store::Entry& entry) {
            if (entry.kind == store::EntryKind::batch && entry.identity)
                filed_.insert(entry.identity);
            return true;
        });
        if (reached) break;
        from = parts_.log.after_damage(from);
    }
    return {};
}

store::DocumentChange ObservationRelay::cursor(std::uint64_t up_to) const {
    std::string body;
    JsonWriter(body)
        .begin_object()
        .member("records", up_to)
        .member("log", parts_.log.end().offset - 1)
        .end_object();
    return {.kind = std::string(cursor_kind),
            .id = std::string(cursor_id),
            .subject = {},
            .body = std::move(body)};
}

std::function<void()> ObservationRelay::begins() {
    ++under_way_;
    return [this] {
        woken_ = true;  // before the count falls: `pass_over` looks at them the other way round
        --under_way_;
        parts_.on_loop([this] { wake(); });
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
            file(std::move(**step));
        });
    });
}

// On a worker: what the outbox has, as far as it is current.
Result<ObservationRelay::Step> ObservationRelay::read(std::uint64_t after) const {
    Step step;
    step.up_to = after;
    std::vector<store::Record> records;
    std::size_t seen = 0, bytes = 0;
    VIGIL_CHECK(parts_.records.changes(
        relay_access(), after, [&](std::uint64_t number, const store::Record& record) {
            step.more = seen == changes_at_once || bytes > bytes_at_once;
            if (step.more) return false;
            step.up_to = number;
            ++seen;
            // What was there before is corrected, not measured again.
            if (record.version != 1 || !fhir::may_be_of_device(record)) return true;
            bytes += record.body.size();
            records.push_back(record);
            return true;
        }));
    VIGIL_CHECK(
        parts_.server.read_all(relay_access(), [&](fhir::ViewReader& reader) -> Result<void> {
            for (const auto& record : records) {
                VIGIL_TRY(current, reader.get(record.type, record.id));
                if (!current || current->version != record.version) continue;
                VIGIL_TRY(observation,
                          fhir::read_device_observation(record, reader, parts_.context));
                if (!observation) continue;
                auto source =
                    fmt::format("fhir/Observation/{}/_history/{}", record.id, record.version);
                const auto identity =
                    fingerprint(source, static_cast<std::uint64_t>(unix_ns(record.updated)));
                step.found.push_back({.source = std::move(source),
                                      .text = fhir::resource_text(record),
                                      .written = record.updated,
                                      .identity = identity,
                                      .observation = std::move(*observation)});
            }
            return {};
        }));
    return step;
}

const identity::Device* ObservationRelay::whose(const fhir::DeviceObservation& observation) const {
    if (const auto* number = std::get_if<DeviceId>(&observation.device))
        return parts_.registry.device(*number);
    return parts_.registry.find_device(std::get<std::string>(observation.device));
}

// Nothing is filed under another patient than the one it is about.
bool ObservationRelay::belongs(const identity::Device* device, const Found& found) const {
    const auto& observation = found.observation;
    if (device == nullptr || observation.time > found.written + ahead_max) return false;
    const auto patient = parts_.registry.patient_at(device->id, observation.time);
    return patient && parts_.server.patients().number(observation.patient) == patient;
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
    for (auto& found : step.found) {
        const auto* device = whose(found.observation);
        if (filed_.contains(found.identity) || !belongs(device, found)) continue;
        const auto ticket =
            parts_.intake.file_recorded({.device = device->id,
                                         .received = found.written,
                                         .source = found.source,
                                         .raw = found.text,
                                         .identity = found.identity,
                                         .offset_minutes = found.observation.offset_minutes,
                                         .readings = std::move(found.observation.readings)});
        ++open->count;
        parts_.when_durable(
            ticket, [this, open, one_less, identity = found.identity](const Result<void>& durable) {
                if (durable)
                    filed_.insert(identity);
                else
                    open->error = durable.error();
                one_less();
            });
    }
    one_less();
}

void ObservationRelay::keep(std::uint64_t up_to, bool more) {
    if (up_to == up_to_) {
        busy_ = false;
        return wake();
    }
    parts_.documents.change({cursor(up_to)}, {}, [this, up_to, more](const Result<void>& kept) {
        parts_.on_loop([this, up_to, more, kept] {
            if (!kept) return failed(kept.error());
            failing_ = false;
            up_to_ = up_to;
            filed_.clear();
            if (more) return look();
            busy_ = false;
            wake();
        });
    });
}

// Where no write may have held one, what was written meanwhile need not be read.
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
