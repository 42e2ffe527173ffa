// Everybody is watched from the start to the end of the server.
#include <fmt/format.h>

#include "app/core.hpp"
#include "app/monitor_settings.hpp"

namespace vigil::app {

Result<void> Server::Core::make_dissemination() {
    VIGIL_TRY(settings, alarm_sender_settings(config_));
    const share::AlarmWords words{registry_, catalogue_, watch_->tables()};
    roster_ = std::make_unique<share::AlarmRoster>(folder_->documents());
    VIGIL_CHECK(roster_->load());
    sender_ = std::make_unique<AlarmSender>(
        std::move(settings), words, loop_,
        [this](std::function<void()> work) { workers_->post(std::move(work)); });
    dissemination_ = std::make_unique<share::Dissemination>(share::DisseminationParts{
        .words = words,
        .roster = *roster_,
        .random = identity::system_random(),
        .send = [this](const share::AlarmMessage& message,
                       share::AlarmSent done) { sender_->send(message, std::move(done)); },
        .give = [this](const monitor::AlarmAct& act) { watch_->give(act, [](const auto&) {}); },
        .display = [this](const monitor::Subject& subject) -> const monitor::Display* {
            const auto found = watch_->beds().find(subject);
            const bool is_screen = found != watch_->beds().end() && found->second.display;
            return is_screen ? &*found->second.display : nullptr;
        }});
    context_->roster = roster_.get();
    context_->dissemination = dissemination_.get();
    context_->alarm_ways = {.mail = !sender_->settings().mail.url.empty(),
                            .webhook_endpoints = sender_->settings().webhook_endpoints};
    return {};
}

// Messages have links: people are told once it is known where these lead.
void Server::Core::tell_people(const std::string& base) {
    sender_->reached_at(base);
    tells_people_ = true;
    dissemination_->resume(watch_->beds(), loop_.now());
}

Result<void> Server::Core::make_watch() {
    VIGIL_TRY(tables, monitor_tables(config_, catalogue_));
    watch_ = std::make_unique<AlarmWatch>(AlarmWatchParts{
        .folder = *folder_,
        .tables = std::move(tables),
        .on_loop = [this](std::function<void()> call) { loop_.post(std::move(call)); },
        .changed = [this](const std::vector<monitor::BedState>& beds,
                          std::optional<Timestamp> received) { alarms_->changed(beds, received); },
        .concluded =
            [this](const std::vector<monitor::AlarmEvent>& events) {
                if (tells_people_) dissemination_->concluded(events, loop_.now());
            },
        .say = [](const std::string& line) { fmt::print(stderr, "vigil: {}\n", line); }});
    alarms_ = std::make_unique<share::AlarmHub>(share::AlarmSources{
        .words = {registry_, catalogue_, watch_->tables()},
        .watch = *watch_,
        .decide = [this](const identity::Principal& who,
                         const store::Access* before) { return decide_alarms(who, before); },
        .still_valid = live_sources().still_valid,
        .shown_after =
            [this](Nanoseconds latency) {
                const std::lock_guard lock(measures_mutex_);
                alarm_latency_.add(latency);
            },
        .version = VIGIL_VERSION});
    return {};
}

Result<store::Access> Server::Core::decide_alarms(const identity::Principal& who,
                                                  const store::Access* before) {
    const identity::AccessRequest request{.act = store::Act::read,
                                          .subjects = identity::Subjects::all(),
                                          .areas = {identity::Area::vitals},
                                          .resources = {},
                                          .what = "alarm stream",
                                          .from = "",
                                          .at = loop_.now()};
    return before != nullptr ? desk_->renew(who, request, *before) : desk_->decide(who, request);
}

// What was concluded is in the log, or will be concluded again by the next start.
void Server::Core::finish_watch() {
    loop_.run_until([this] { return watch_->settled() || in_a_hurry_; }, std::chrono::seconds(5));
    tells_people_ = false;
    sender_->stop();
    watch_->stop();
    if (const auto kept = watch_->keep_snapshot(); !kept)
        fmt::print(stderr, "vigil: no snapshot of the alarms was kept: {}\n", kept.error().message);
}

}  // namespace vigil::app
