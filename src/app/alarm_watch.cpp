#include "app/alarm_watch.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>

#include "base/hash.hpp"

namespace vigil::app {
namespace {

// After so many a round ends: what came of them is told before there is more.
constexpr std::size_t round_entries_max = 1024, round_events_max = 256;
constexpr std::size_t unstored_max = 16'384;

Position after(Position position) {
    return {position.partition, position.offset + 1};
}

Fingerprint identity_of(const monitor::AlarmEvent& event) {
    return fingerprint(to_string(event.id));
}

}  // namespace

AlarmWatch::AlarmWatch(AlarmWatchParts parts) : parts_(std::move(parts)) {}

// --- Start
// ----------------------------------------------------------------------------------------------

Result<void> AlarmWatch::start(const identity::Registry& registry) {
    events_kept_ = parts_.folder.consumers().applied(events_consumer);
    VIGIL_CHECK(restore(registry));
    take_events_again();
    committed_ = {0, parts_.folder.log().end().offset - 1};
    thread_ = std::thread([this] { run(); });
    return {};
}

Result<void> AlarmWatch::restore(const identity::Registry& registry) {
    site_ = std::make_unique<monitor::SiteWatch>(*parts_.tables);
    auto& log = parts_.folder.log();
    next_ = log.first();
    VIGIL_TRY(kept, parts_.folder.snapshots().latest(watch_consumer));
    if (kept && after(kept->up_to) >= log.first() && after(kept->up_to) <= log.end()) {
        auto restored =
            monitor::SiteWatch::restore(*parts_.tables, kept->bytes, &parts_.folder.sealer());
        if (restored) {
            site_ = std::make_unique<monitor::SiteWatch>(std::move(*restored));
            next_ = after(kept->up_to);
            warm_up(kept->up_to);
            return {};
        }
        parts_.say("what stood of alarms cannot be read: " + restored.error().message);
    }
    if (next_.offset <= 1) return {};
    // The log does not reach back to whoever was here before it: they are watched from now on.
    next_ = log.end();
    site_->begin(registry, {{0, next_.offset - 1}, std::chrono::system_clock::now()});
    return {};
}

// What reads waveforms learns from the minute before the snapshot what it knew then. Where that is
// not in the log any more it learns from what comes.
void AlarmWatch::warm_up(Position until) {
    auto& log = parts_.folder.log();
    auto next = site_->warm_up_from();
    while (next && *next <= until) {
        next = std::max(*next, log.first());
        const auto reached = log.read(*next, [&](const store::Entry& entry) {
            if (entry.position <= until) site_->warm_up(entry);
            next = after(entry.position);
            return *next <= until;
        });
        if (reached) break;
        parts_.say(reached.error().message);
        next = log.after_damage(*next);
    }
}

// A crash may have come between a conclusion and its entry: what is concluded of the same entries
// once more and does not stand in the log is appended now, under the same id.
void AlarmWatch::take_events_again() {
    auto& log = parts_.folder.log();
    Round round{
        .up_to = {}, .as_of = {}, .events = site_->take_events(), .beds = {}, .received = {}};
    std::unordered_set<Fingerprint> there;
    const auto end = log.end();
    while (next_ < end) {
        const auto reached = log.read(next_, [&](const store::Entry& entry) {
            if (entry.kind == store::EntryKind::event) there.insert(entry.identity);
            apply(entry, round);
            return true;
        });
        if (reached) break;
        parts_.say(reached.error().message);
        next_ = log.after_damage(next_);
    }
    keep_events(false);
    std::erase_if(round.events,
                  [&](const auto& event) { return there.contains(identity_of(event)); });
    round.up_to = {0, next_.offset - 1};
    round.received.reset();
    round.beds = changed_beds(*site_, round.events, round.as_of);
    took(round);
}

// --- On its thread
// -----------------------------------------------------------------------------------

void AlarmWatch::run() {
    pthread_setname_np(pthread_self(), "vigil-watch");
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] {
            return stopping_ || next_ <= committed_ || !questions_.empty() || snapshot_wanted_ ||
                   !unstored_.empty();
        });
        if (stopping_) return;
        const auto until = committed_;
        const auto unstored = std::exchange(unstored_, {});
        auto questions = std::exchange(questions_, {});
        const bool snapshot = std::exchange(snapshot_wanted_, false);
        lock.unlock();
        if (next_ <= until)
            parts_.on_loop([this, round = watch(until)] { took(round); });
        else if (!unstored.empty())
            parts_.on_loop([this, round = watch_unstored(unstored)] { took(round); });
        for (const auto& question : questions) question(*site_);
        if (snapshot) {
            keep_events(true);
            parts_.on_loop(
                [this, made = store::Snapshot{{0, next_.offset - 1},
                                              site_->snapshot(&parts_.folder.sealer())}] {
                    snapshot_ = {made, newest_event_};
                    keep_due_snapshot();
                });
        }
        lock.lock();
    }
}

AlarmWatch::Round AlarmWatch::watch(Position until) {
    Round round;
    unstored_site_.reset();
    std::size_t entries = 0;
    const auto reached = parts_.folder.log().read(next_, [&](const store::Entry& entry) {
        apply(entry, round);
        return entry.position < until && ++entries < round_entries_max &&
               round.events.size() < round_events_max;
    });
    if (!reached) {
        parts_.say(reached.error().message);
        next_ = parts_.folder.log().after_damage(next_);
    }
    keep_events(false);
    round.up_to = {0, next_.offset - 1};
    round.beds = changed_beds(*site_, round.events, round.as_of);
    return round;
}

// Shown, and put on no record: there is none.
AlarmWatch::Round AlarmWatch::watch_unstored(const std::deque<Unstored>& entries) {
    Round round;
    round.up_to = {0, next_.offset - 1};
    if (!unstored_site_) {
        auto copied = monitor::SiteWatch::restore(*parts_.tables, site_->snapshot());
        if (!copied) {
            parts_.say("nobody is watched while nothing can be stored: " + copied.error().message);
            return round;
        }
        unstored_site_ = std::make_unique<monitor::SiteWatch>(std::move(*copied));
        unstored_count_ = 0;
    }
    const auto not_stored = parts_.tables->conditions.id_of("not_stored");
    std::vector<monitor::AlarmEvent> events;
    for (const auto& entry : entries) {
        const Position position{next_.partition, next_.offset + unstored_count_++};
        unstored_site_->apply({.position = position,
                               .commit_time = entry.time,
                               .kind = entry.kind,
                               .subject = entry.subject,
                               .identity = {},
                               .body = entry.body});
        unstored_site_->find_everywhere(
            {.condition = not_stored, .at = entry.time, .detail = "the log cannot commit"},
            {position, entry.time});
        std::ranges::move(unstored_site_->take_events(), std::back_inserter(events));
        round.as_of = entry.time;
    }
    round.beds = changed_beds(*unstored_site_, events, round.as_of);
    return round;
}

void AlarmWatch::apply(const store::Entry& entry, Round& round) {
    site_->apply(entry);
    next_ = after(entry.position);
    round.as_of = entry.commit_time;
    auto events = site_->take_events();
    if (!events.empty() && !round.received && entry.kind == store::EntryKind::batch)
        round.received = site_->received();
    std::ranges::move(events, std::back_inserter(round.events));
    if (entry.kind == store::EntryKind::event && entry.position > events_kept_)
        to_keep_.push_back({.position = entry.position,
                            .subject = entry.subject,
                            .time = entry.commit_time,
                            .body = std::string(entry.body)});
}

// One transaction at a time; what vigil.db could not take is given to it again with the next ones.
// Where it has come to is moved on without events too, or the log could never be trimmed.
void AlarmWatch::keep_events(bool move_on) {
    const std::lock_guard lock(mutex_);
    if (std::exchange(keeping_failed_, false))
        to_keep_.insert(to_keep_.begin(), std::make_move_iterator(being_kept_.begin()),
                        std::make_move_iterator(being_kept_.end()));
    else if (!being_kept_.empty())
        return;
    being_kept_ = std::exchange(to_keep_, {});
    if (being_kept_.empty() && !move_on) return;
    if (being_kept_.empty()) {
        parts_.folder.consumers().advance({std::string(events_consumer), {0, next_.offset - 1}},
                                          [](const Result<void>&) {});
        return;
    }
    parts_.folder.events().keep(being_kept_,
                                {std::string(events_consumer), being_kept_.back().position},
                                [this](const Result<void>& kept) {
                                    const std::lock_guard done(mutex_);
                                    keeping_failed_ = !kept;
                                    if (kept) being_kept_.clear();
                                });
}

// Whoever something has happened to, and each second everybody: a value that is shown changes
// without an event, and so does who is watched.
std::vector<monitor::BedState> AlarmWatch::changed_beds(
    const monitor::SiteWatch& site, const std::vector<monitor::AlarmEvent>& events,
    Timestamp as_of) {
    std::vector<monitor::BedState> changed;
    const auto look_at = [&](const monitor::PatientMonitor& monitor) {
        auto bed = monitor::bed_of(monitor, *parts_.tables, as_of);
        auto& before =
            shown_.try_emplace(bed.subject, monitor::left_bed(bed.subject, {})).first->second;
        if (before.shows_the_same(bed)) return;
        before = bed;
        changed.push_back(std::move(bed));
    };
    // Whoever is new is shown at once, also where nothing is said of them: the first one's log
    // ticks only once they are.
    const bool all = as_of - looked_at_ >= std::chrono::seconds(1) || as_of < looked_at_ ||
                     site.monitors().size() != shown_.size();
    if (!all) {
        for (const auto& event : events)
            if (const auto* monitor = site.find(event.id.subject)) look_at(*monitor);
        return changed;
    }
    looked_at_ = as_of;
    for (const auto& [subject, monitor] : site.monitors()) look_at(monitor);
    std::erase_if(shown_, [&](const auto& each) {
        if (site.find(each.first) != nullptr) return false;
        changed.push_back(monitor::left_bed(each.first, as_of));
        return true;
    });
    return changed;
}

// --- On the loop
// ---------------------------------------------------------------------------------------

void AlarmWatch::on_commit(const store::Commit& commit) {
    saved(commit);
    place_acts(commit);
    log_fails_ = !commit.outcome;
    if (log_fails_) return;
    committed_this_second_ = true;
    auto last = commit.first_position;
    last.offset += commit.last - commit.first;
    waiting_.emplace_back(last, commit.time);
    {
        const std::lock_guard lock(mutex_);
        committed_ = last;
    }
    wake_.notify_one();
}

void AlarmWatch::saved(const store::Commit& commit) {
    const auto is_in = [&](const UnsavedEvent& each) {
        return each.ticket && *each.ticket >= commit.first && *each.ticket <= commit.last;
    };
    if (commit.outcome) {
        std::erase_if(unsaved_, is_in);
        keep_due_snapshot();
        return;
    }
    for (auto& each : unsaved_)
        if (is_in(each)) each.ticket.reset();
}

// Where the acts that people gave stand, or that they do not.
void AlarmWatch::place_acts(const store::Commit& commit) {
    std::vector<GivenAct> failed;
    for (auto act = given_.begin(); act != given_.end();) {
        const bool is_in = act->position.offset == 0 && act->ticket <= commit.last;
        if (is_in && commit.outcome) {
            act->position = commit.first_position;
            act->position.offset += act->ticket - commit.first;
        }
        if (is_in && !commit.outcome) {
            failed.push_back(std::move(*act));
            act = given_.erase(act);
        } else {
            ++act;
        }
    }
    for (const auto& act : failed) act.done(tl::unexpected(commit.outcome.error()));
}

void AlarmWatch::every_second(Timestamp now) {
    // Delays, silence, pauses and escalations go by the log's clock.
    if (!std::exchange(committed_this_second_, false) && !beds_.empty())
        parts_.folder.log().append(store::EntryKind::tick, {}, {}, {});
    if (log_fails_) give_unstored({.time = now});
    for (auto& each : unsaved_)
        if (!each.ticket) each.ticket = append(each.event);
}

void AlarmWatch::take_snapshot() {
    if (std::exchange(snapshot_under_way_, true)) return;
    {
        const std::lock_guard lock(mutex_);
        snapshot_wanted_ = true;
    }
    wake_.notify_one();
}

void AlarmWatch::arrived_unstored(const collect::FiledMessage& message) {
    Batch batch;
    batch.device = message.device;
    batch.receive_time = message.receive_time;
    batch.readings = {message.readings.begin(), message.readings.end()};
    Unstored entry{
        .kind = store::EntryKind::batch, .subject = message.patient, .time = message.receive_time};
    encode(batch, entry.body);
    give_unstored(std::move(entry));
}

// Bounded: the oldest are of no use to whoever watches.
void AlarmWatch::give_unstored(Unstored entry) {
    {
        const std::lock_guard lock(mutex_);
        if (unstored_.size() == unstored_max) unstored_.pop_front();
        unstored_.push_back(std::move(entry));
    }
    wake_.notify_one();
}

void AlarmWatch::took(const Round& round) {
    for (const auto& event : round.events)
        unsaved_.push_back({.number = ++newest_event_, .ticket = append(event), .event = event});
    watched_ = round.up_to;
    as_of_ = std::max(as_of_, round.as_of);
    while (!waiting_.empty() && waiting_.front().first <= watched_) waiting_.pop_front();
    for (const auto& bed : round.beds) {
        if (bed.is_watched)
            beds_.insert_or_assign(bed.subject, bed);
        else
            beds_.erase(bed.subject);
    }
    if (!round.beds.empty()) parts_.changed(round.beds, round.received);
    if (!round.events.empty()) parts_.concluded(round.events);
    answer_acts(round.events);
}

store::Ticket AlarmWatch::append(const monitor::AlarmEvent& event) {
    std::string body;
    encode(event, body);
    return parts_.folder.log().append(store::EntryKind::event, event.id.subject.patient,
                                      identity_of(event), body);
}

void AlarmWatch::answer_acts(const std::vector<monitor::AlarmEvent>& events) {
    for (const auto& event : events)
        for (auto& act : given_)
            if (act.position.offset != 0 && event.id.cause == act.position)
                act.events.push_back(event);
    while (!given_.empty() && given_.front().position.offset != 0 &&
           given_.front().position <= watched_) {
        auto act = std::move(given_.front());
        given_.pop_front();
        const auto refused =
            std::ranges::find(act.events, monitor::EventType::refused, &monitor::AlarmEvent::type);
        if (refused != act.events.end())
            act.done(fail(Error::Kind::conflict, refused->reason));
        else
            act.done(std::move(act.events));
    }
}

void AlarmWatch::give(const monitor::AlarmAct& act, Done done) {
    // A screen that goes on confirming is not lost for want of a disk.
    if (log_fails_ && std::holds_alternative<monitor::DisplayConfirmed>(act.body))
        give_unstored({.kind = store::EntryKind::act,
                       .subject = {},
                       .time = act.recorded,
                       .body = monitor::encode(act)});
    const auto ticket = parts_.folder.log().append(
        store::EntryKind::act, monitor::subject(act).patient, {}, monitor::encode(act));
    given_.push_back({.ticket = ticket, .position = {}, .events = {}, .done = std::move(done)});
}

void AlarmWatch::ask(std::function<void(const monitor::SiteWatch&)> question) {
    {
        const std::lock_guard lock(mutex_);
        questions_.push_back(std::move(question));
    }
    wake_.notify_one();
}

// What was concluded before it must be in the log by then: it would not be concluded again.
void AlarmWatch::keep_due_snapshot() {
    if (!snapshot_ || (!unsaved_.empty() && unsaved_.front().number <= snapshot_->events)) return;
    auto due = std::move(snapshot_->snapshot);
    snapshot_.reset();
    parts_.folder.snapshots().keep(
        std::string(watch_consumer), std::move(due),
        [this](const Result<void>&) { parts_.on_loop([this] { snapshot_under_way_ = false; }); });
}

void AlarmWatch::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

Result<void> AlarmWatch::keep_snapshot() {
    // Rounds that are on their way to the loop have not been appended.
    if (watched_.offset + 1 != next_.offset) return {};
    return store::await<void>([this](store::Done done) {
        parts_.folder.snapshots().keep(
            std::string(watch_consumer),
            {.up_to = watched_, .bytes = site_->snapshot(&parts_.folder.sealer())},
            std::move(done));
    });
}

// While somebody is watched the log ticks: where it does not, nobody is.
Nanoseconds AlarmWatch::behind(Timestamp now) const {
    constexpr Nanoseconds tick_at_most = std::chrono::seconds(3);
    if (!beds_.empty() && now - as_of_ > tick_at_most) return now - as_of_;
    return waiting_.empty() ? Nanoseconds(0)
                            : std::max(Nanoseconds(0), now - waiting_.front().second);
}

}  // namespace vigil::app
