// Start: memory is brought up to the log.
#include <fmt/format.h>

#include <algorithm>

#include "app/core.hpp"
#include "app/snapshots.hpp"
#include "metric/batch.hpp"

namespace vigil::app {
namespace {

// Resends are recognised over a restart as far back as this.
constexpr Nanoseconds resends_for = std::chrono::hours(24);
constexpr std::uint64_t resends_entries_max = 1'000'000;

Position after(Position position) {
    return {position.partition, position.offset + 1};
}

}  // namespace

Result<void> Server::Core::restore_snapshots() {
    VIGIL_TRY(kept_registry, folder_->snapshots().latest(registry_consumer));
    if (kept_registry) {
        VIGIL_TRY(registry, identity::Registry::restore(kept_registry->bytes, &folder_->sealer()));
        registry_ = std::move(registry);
    }
    VIGIL_TRY(kept_broker, folder_->snapshots().latest(broker_consumer));
    if (kept_broker) VIGIL_CHECK(broker_->restore(kept_broker->bytes));
    return {};
}

Result<void> Server::Core::replay_log() {
    auto& log = folder_->log();
    const auto series_from = after(folder_->series().applied());
    const auto quarantine_from = after(folder_->consumers().applied(quarantine_consumer));
    unread_->begin({0, quarantine_from.offset - 1});
    const auto registry_from =
        after(std::max(registry_.applied(), folder_->consumers().applied(registry_consumer)));
    auto from = std::min({series_from, quarantine_from, registry_from, after(broker_->applied())});
    VIGIL_CHECK(check_log_reaches());
    const auto end = log.end().offset;
    if (end > resends_entries_max)
        from = std::min(from, Position{0, end - resends_entries_max});
    else
        from = {0, 1};
    Result<void> replayed;
    while (from.offset < end) {
        auto reached = log.read(from, [&](const store::Entry& entry) {
            from = after(entry.position);
            replayed = replay(entry, series_from, quarantine_from);
            return replayed.has_value();
        });
        VIGIL_CHECK(replayed);
        if (reached) break;
        // A damaged commit is told and passed over: what follows it is still good.
        fmt::print(stderr, "vigil: {}\n", reached.error().message);
        from = log.after_damage(from);
    }
    const Position last{0, end - 1};
    if (end > 1) {
        folder_->series().advance(last);
        unread_->seen(last);
        live_->starts_after(last);
        taken_ = last;
    }
    // The log forgets sooner than the series who was here. A clock may have run ahead.
    for (const auto& [device, newest] : folder_->series().newest_of_devices())
        intake_->begin_last_seen(device, std::min(newest, started_));
    // Whoever asks first gets the whole list.
    unread_->flush();
    loop_.run_until([this] { return unread_->settled(); }, std::chrono::seconds(30));
    return count_open_unread();
}

// Each sender's room in quarantine goes on where it was.
Result<void> Server::Core::count_open_unread() {
    VIGIL_TRY(counts, folder_->quarantine().counts());
    if (counts.open == 0) return {};
    for (const auto& [id, device] : registry_.devices()) {
        VIGIL_TRY(open, folder_->quarantine().open_of(device.external_id));
        if (open > 0) intake_->begin_open_unread(id, static_cast<std::uint32_t>(open));
    }
    return {};
}

// What vigil.db has not taken from the log yet must still be there: two files that do not belong
// together would look like a ward without a past.
Result<void> Server::Core::check_log_reaches() {
    auto applied = folder_->series().applied();
    for (const auto name : {quarantine_consumer, registry_consumer, broker_consumer})
        applied = std::min(applied, folder_->consumers().applied(name));
    const auto first = folder_->log().first();
    if (first <= after(applied)) return {};
    return fail(Error::Kind::conflict,
                fmt::format("vigil.db has come to entry {}, but log.db begins at {}: they do not "
                            "belong together; restore both from one backup",
                            applied.offset, first.offset),
                folder_->path());
}

// An act of which the registry had no snapshot yet: the readings it moves may still stand where
// they stood before. Moved already, nothing is found.
Result<void> Server::Core::refile_again(Position act, const std::vector<store::Refile>& refiles) {
    auto& series = folder_->series();
    const Position before{act.partition, act.offset - 1};
    if (before > series.applied()) series.advance(before);
    for (const auto& refile : refiles)
        VIGIL_CHECK(store::await<std::uint64_t>(
            [&](auto done) { series.refile(refile, std::move(done)); }));
    return {};
}

Result<void> Server::Core::replay(const store::Entry& entry, Position series_from,
                                  Position quarantine_from) {
    if (const auto refiles = acts_->replay(entry); !refiles.empty())
        VIGIL_CHECK(refile_again(entry.position, refiles));
    if (entry.position > broker_->applied())
        if (auto done = broker_->replay(entry); !done)
            fmt::print(stderr, "vigil: entry {}: {}\n", entry.position.offset,
                       done.error().message);
    if (entry.commit_time > started_ - resends_for) intake_->replay(entry);
    if (entry.kind == store::EntryKind::unread && entry.position >= quarantine_from)
        quarantine(entry.position, entry.subject, entry.body);
    if (entry.kind != store::EntryKind::batch || entry.position < series_from) return {};
    Batch batch;
    if (!vigil::decode(entry.body, batch)) return {};
    const collect::FiledMessage message{.position = entry.position,
                                        .patient = entry.subject,
                                        .device = batch.device,
                                        .receive_time = batch.receive_time,
                                        .readings = batch.readings,
                                        .first_sequence = batch.first_sequence,
                                        .encoded = {}};
    auto& series = folder_->series();
    collect::filed_by_patient(registry_, message,
                              [&](const collect::FiledMessage& part) { put_all(series, part); });
    if (series.head_bytes() < head_bytes_max) return {};
    series.advance(entry.position);
    return store::await<void>([&](store::Done done) { series.flush(std::move(done)); });
}

// Readings that subscriptions had not been looked at for when the server ended.
Result<void> Server::Core::tell_readings_again(Position seen) {
    auto from = after(seen);
    auto& log = folder_->log();
    while (from.offset < log.end().offset) {
        auto reached = log.read(from, [&](const store::Entry& entry) {
            from = after(entry.position);
            Batch batch;
            if (entry.kind != store::EntryKind::batch || !vigil::decode(entry.body, batch))
                return true;
            collect::filed_by_patient(
                registry_,
                {.position = entry.position,
                 .patient = entry.subject,
                 .device = batch.device,
                 .receive_time = batch.receive_time,
                 .readings = batch.readings,
                 .first_sequence = batch.first_sequence,
                 .encoded = {}},
                [&](const collect::FiledMessage& part) { fhir_->arrived(part); });
            fhir_->commit_ended();
            return true;
        });
        if (reached) break;
        from = log.after_damage(from);
    }
    return {};
}

void Server::Core::quarantine(Position position, PatientId subject, std::string_view body) {
    auto unread = collect::decode_unread(body);
    if (!unread) return;
    const auto topic = collect::payload_topic(unread->source);
    store::Quarantine::Held held;
    held.item.position = position;
    // One who was erased meanwhile: what it is of them is gone, and so is this.
    held.item.subject = registry_.erased().contains(subject) ? PatientId{} : subject;
    held.item.receive_time = unread->receive_time;
    held.item.protocol = unread->protocol;
    held.item.sender = unread->sender_name;
    held.item.device =
        topic ? (topic->address.sub_device.empty() ? topic->device : topic->address.sub_device)
              : "";
    held.item.topic = unread->source;
    held.item.content_type = unread->content_type;
    if (!unread->reasons.empty()) held.item.reason = unread->reasons.front();
    held.item.size = unread->raw.size();
    held.raw = unread->raw;
    unread_->hold(std::move(held));
}

}  // namespace vigil::app
