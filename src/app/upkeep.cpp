#include "app/upkeep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "app/alarm_watch.hpp"
#include "app/snapshots.hpp"
#include "app/unread_keeper.hpp"
#include "identity/secret.hpp"
#include "metric/batch.hpp"

namespace vigil::app {
namespace {

constexpr std::string_view document_kind = "retention";
constexpr std::string_view raw_document = "raw";  // how far raw messages have become digests
constexpr std::uint64_t entries_per_trim = 4096;
// However long a step took, the next one does not wait longer.
constexpr Nanoseconds rest_max = std::chrono::milliseconds(200);

// A batch without its raw message, but with what proves a copy of it the same.
bool without_raw(const store::Entry& entry, std::string& body) {
    Batch batch;
    if (entry.kind != store::EntryKind::batch || !decode(entry.body, batch) || batch.raw.empty())
        return false;
    const auto digest = identity::sha256(batch.raw);
    batch.raw_size = batch.raw.size();
    batch.raw_digest = {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
    batch.raw = {};
    encode(batch, body);
    return true;
}

}  // namespace

void Upkeep::start() {
    thread_ = std::thread([this] { run(); });
}

void Upkeep::ask(Timestamp now, Position taken) {
    {
        const std::lock_guard lock(mutex_);
        wanted_ = true;
        now_ = now;
        taken_ = taken;
    }
    wake_.notify_one();
}

void Upkeep::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void Upkeep::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return wanted_ || stopping_; });
        if (stopping_) return;
        wanted_ = false;
        const auto now = now_;
        const auto taken = taken_;
        lock.unlock();
        if (auto done = round(now, taken); !done)
            fmt::print(stderr, "vigil: upkeep: {}\n", done.error().message);
        lock.lock();
    }
}

Result<void> Upkeep::round(Timestamp now, Position taken) {
    auto tidied = tidy(now, taken);
    // Whatever is wrong with the rest, an audit that is looked at no longer would be taken for
    // sound.
    auto checked = check_audit(now);
    if (tidied) return checked;
    if (!checked) tidied.error().message += "; the audit: " + checked.error().message;
    return tidied;
}

Result<void> Upkeep::tidy(Timestamp now, Position taken) {
    // The bound in bytes wins over an MQTT session: it lets go of what is before, and once that is
    // in the log, a next round trims it.
    VIGIL_TRY(bound,
              folder_.log().retained_from({}, static_cast<std::uint64_t>(config_.log_bytes_max)));
    VIGIL_TRY(queued, keep_snapshots(folder_, taken, bound));
    if (bound > folder_.log().first() && !queued.behind.empty()) let_go_(queued.behind, bound);
    VIGIL_CHECK(compact(now));
    VIGIL_CHECK(forget(now));
    VIGIL_CHECK(digest_raw(now, queued.from));
    return trim(now, queued.from);
}

bool Upkeep::rest(Nanoseconds worked) {
    const auto time = std::min(rest_max, std::chrono::duration_cast<Nanoseconds>(worked * idle_));
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, time, [this] { return stopping_; });
    return !stopping_;
}

Result<void> Upkeep::steps(const std::function<Result<bool>()>& step) {
    while (true) {
        const auto began = std::chrono::steady_clock::now();
        VIGIL_TRY(more, step());
        if (!more || !rest(std::chrono::steady_clock::now() - began)) return {};
    }
}

Result<void> Upkeep::compact(Timestamp now) {
    return steps([&] {
        return store::await<bool>(
            [&](store::DoneWith<bool> done) { folder_.series().compact(now, std::move(done)); });
    });
}

Result<void> Upkeep::forget(Timestamp now) {
    using store::SampleClass;
    const std::array<std::pair<SampleClass, Nanoseconds>, 3> rules = {
        {{SampleClass::vitals, config_.retention_vitals},
         {SampleClass::waveforms, config_.retention_waveforms},
         {SampleClass::events, config_.retention_events}}};
    for (const auto& [which, kept_for] : rules) {
        if (kept_for <= Nanoseconds(0)) continue;
        VIGIL_CHECK(steps([&] {
            return store::await<bool>([&](store::DoneWith<bool> done) {
                folder_.series().forget(which, now - kept_for, std::move(done));
            });
        }));
    }
    if (config_.retention_events > Nanoseconds(0))
        VIGIL_CHECK(steps([&] {
            return store::await<bool>([&](store::DoneWith<bool> done) {
                folder_.events().forget(now - config_.retention_events, std::move(done));
            });
        }));
    // Never shorter than what they summarise.
    const auto kept_for = std::max(config_.retention_rollups, config_.retention_vitals);
    if (config_.retention_rollups <= Nanoseconds(0) || config_.retention_vitals <= Nanoseconds(0))
        return {};
    return steps([&] {
        return store::await<bool>([&](store::DoneWith<bool> done) {
            folder_.series().forget_rollups(now - kept_for, std::move(done));
        });
    });
}

Result<void> Upkeep::digest_raw(Timestamp now, Position queued_from) {
    if (config_.retention_raw <= Nanoseconds(0) || config_.retention_raw >= config_.retention_log)
        return {};
    auto& log = folder_.log();
    VIGIL_TRY(kept, folder_.documents().get(document_kind, raw_document));
    Position from{0, 0};
    if (kept) std::from_chars(kept->data(), kept->data() + kept->size(), from.offset);
    from = std::max(from, log.first());
    const auto began_at = from;
    // What a subscriber waits for is read from the raw message.
    const auto limit = queued_from.offset != 0 ? queued_from : log.end();
    const auto shorten = [&](const store::Entry& entry, std::string& body) {
        return entry.position < limit && without_raw(entry, body);
    };
    VIGIL_CHECK(steps([&]() -> Result<bool> {
        auto next = log.rewrite(from, now - config_.retention_raw, shorten);
        // What is damaged has no raw message to take; `vigil verify` tells of it.
        if (!next && next.error().kind == Error::Kind::malformed) next = log.after_damage(from);
        if (!next) return tl::unexpected(next.error());
        const auto reached = std::min(*next, limit);
        const bool more = reached > from;
        from = std::max(from, reached);
        return more;
    }));
    if (from == began_at) return {};
    return store::await<void>([&](store::Done done) {
        folder_.documents().change({{.kind = std::string(document_kind),
                                     .id = std::string(raw_document),
                                     .subject = {},
                                     .body = std::to_string(from.offset)}},
                                   std::nullopt, std::move(done));
    });
}

Result<void> Upkeep::check_audit(Timestamp now) {
    auto began = std::chrono::steady_clock::now();
    return folder_.audit_checkpoints().check_nightly(now, [&] {
        const bool on = rest(std::chrono::steady_clock::now() - began);
        began = std::chrono::steady_clock::now();
        return on;
    });
}

// What every consumer has applied.
Position Upkeep::consumed() const {
    auto all = folder_.series().applied();
    for (const auto consumer :
         {quarantine_consumer, registry_consumer, broker_consumer, watch_consumer, events_consumer})
        all = std::min(all, folder_.consumers().applied(consumer));
    return {all.partition, all.offset + 1};
}

Result<void> Upkeep::trim(Timestamp now, Position queued_from) {
    auto& log = folder_.log();
    VIGIL_TRY(retained, log.retained_from(now - config_.retention_log,
                                          static_cast<std::uint64_t>(config_.log_bytes_max)));
    auto before = std::min(retained, consumed());
    if (queued_from.offset != 0) before = std::min(before, queued_from);
    auto entries = entries_per_trim;
    return steps([&]() -> Result<bool> {
        const auto first = log.first().offset;
        if (first >= before.offset) return false;
        const Position next{0, std::min(before.offset, first + entries)};
        VIGIL_CHECK(log.trim(next));
        if (log.first().offset == first) entries *= 2;  // one commit is larger than that
        return next != before;
    });
}

}  // namespace vigil::app
