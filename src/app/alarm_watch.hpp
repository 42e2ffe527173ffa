#pragma once
// The consumer of the log that watches everybody (monitor/site_watch.hpp), on a thread of its own:
// what it concludes goes back into the log, to the screens, and into what is kept to be looked at.
// docs/decisions/0045-the-watch.md.

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

#include "app/data_folder.hpp"
#include "collect/filed_message.hpp"
#include "identity/registry.hpp"
#include "metric/catalogue.hpp"
#include "monitor/bed.hpp"
#include "monitor/site_watch.hpp"
#include "share/alarms/watch.hpp"
#include "store/log.hpp"

namespace vigil::app {

inline constexpr std::string_view watch_consumer = "watch";          // its snapshot
inline constexpr std::string_view events_consumer = "alarm events";  // those that are kept

struct AlarmWatchParts {
    DataFolder& folder;
    std::unique_ptr<const monitor::MonitorTables> tables;
    std::function<void(std::function<void()>)> on_loop;
    // These beds are shown otherwise than before. `received`: when the message came in of which an
    // alarm among them was concluded; none: of no message.
    std::function<void(const std::vector<monitor::BedState>&, std::optional<Timestamp> received)>
        changed;
    // In order, as they are appended to the log.
    std::function<void(const std::vector<monitor::AlarmEvent>&)> concluded;
    std::function<void(const std::string&)> say;
};

// On the loop's thread but for run().
class AlarmWatch final : public share::Watch {
public:
    explicit AlarmWatch(AlarmWatchParts parts);
    ~AlarmWatch() override { stop(); }
    AlarmWatch(const AlarmWatch&) = delete;
    AlarmWatch& operator=(const AlarmWatch&) = delete;

    // Memory is brought up to the log, and the thread starts. Waits for the disk.
    Result<void> start(const identity::Registry& registry);
    void on_commit(const store::Commit& commit);
    // What the log could not take is watched all the same (docs/architecture.md, promise 2).
    void arrived_unstored(const collect::FiledMessage& message);
    // A tick where nothing else is committed.
    void every_second(Timestamp now);
    // With each flush: the log is trimmed as far as snapshots reach.
    void take_snapshot();
    // Ends the thread; what it has not come to is found in the log by the next start.
    void stop();
    // A last snapshot, once all is durable. After stop(); waits for the disk.
    Result<void> keep_snapshot();

    // What is committed has been watched, and what was concluded of it is committed.
    bool settled() const { return waiting_.empty() && unsaved_.empty(); }

    // share::Watch
    const std::map<monitor::Subject, monitor::BedState>& beds() const override { return beds_; }
    const monitor::MonitorTables& tables() const override { return *parts_.tables; }
    Timestamp as_of() const override { return as_of_; }
    Nanoseconds behind(Timestamp now) const override;
    void give(const monitor::AlarmAct& act, Done done) override;
    void ask(std::function<void(const monitor::SiteWatch&)> question) override;

private:
    // What came of some entries of the log.
    struct Round {
        Position up_to;
        Timestamp as_of;
        std::vector<monitor::AlarmEvent> events;
        std::vector<monitor::BedState> beds;
        std::optional<Timestamp> received;
    };
    // An entry that the log refused.
    struct Unstored {
        store::EntryKind kind = store::EntryKind::tick;
        PatientId subject{};
        Timestamp time;
        std::string body{};
    };
    struct GivenAct {
        store::Ticket ticket = 0;
        Position position;  // 0: not durable yet
        std::vector<monitor::AlarmEvent> events;
        Done done;
    };

    // Not in the log yet. Without a ticket it was refused there, and is given again.
    struct UnsavedEvent {
        std::uint64_t number = 0;
        std::optional<store::Ticket> ticket;
        monitor::AlarmEvent event;
    };
    struct UnsavedSnapshot {
        store::Snapshot snapshot;
        std::uint64_t events = 0;  // the newest one concluded before it
    };

    Result<void> restore(const identity::Registry& registry);
    void warm_up(Position until);
    void take_events_again();
    void run();
    Round watch(Position until);
    Round watch_unstored(const std::deque<Unstored>& entries);
    void give_unstored(Unstored entry);
    void apply(const store::Entry& entry, Round& round);
    void keep_events(bool move_on);
    std::vector<monitor::BedState> changed_beds(const monitor::SiteWatch& site,
                                                const std::vector<monitor::AlarmEvent>& events,
                                                Timestamp as_of);
    void took(const Round& round);
    store::Ticket append(const monitor::AlarmEvent& event);
    void saved(const store::Commit& commit);
    void place_acts(const store::Commit& commit);
    void answer_acts(const std::vector<monitor::AlarmEvent>& events);
    void keep_due_snapshot();

    AlarmWatchParts parts_;

    // Of the thread, once it runs.
    std::unique_ptr<monitor::SiteWatch> site_;
    Position next_;         // the first entry that it has not applied
    Position events_kept_;  // up to here they have been given to vigil.db
    // While the log cannot commit: what the monitors would be had it taken what came since. Thrown
    // away once it commits again; what came meanwhile is sent again by the devices.
    std::unique_ptr<monitor::SiteWatch> unstored_site_;
    std::uint64_t unstored_count_ = 0;
    Timestamp looked_at_{};  // when all beds were looked at last
    std::map<monitor::Subject, monitor::BedState> shown_;
    std::vector<store::KeptEvent> to_keep_;

    // Shared.
    std::mutex mutex_;
    std::vector<store::KeptEvent> being_kept_;  // on their way to vigil.db; one transaction a time
    bool keeping_failed_ = false;
    std::condition_variable wake_;
    Position committed_;
    std::deque<std::function<void(const monitor::SiteWatch&)>> questions_;
    std::deque<Unstored> unstored_;
    bool snapshot_wanted_ = false, stopping_ = false;
    std::thread thread_;

    // Of the loop.
    std::map<monitor::Subject, monitor::BedState> beds_;
    std::deque<GivenAct> given_;
    Position watched_;  // up to here
    Timestamp as_of_{};
    std::deque<std::pair<Position, Timestamp>> waiting_;  // last entries of commits, and when
    std::uint64_t newest_event_ = 0;                      // they are numbered as they are concluded
    std::deque<UnsavedEvent> unsaved_;                    // by that number
    std::optional<UnsavedSnapshot> snapshot_;             // waits for the events before it
    bool committed_this_second_ = false, snapshot_under_way_ = false, log_fails_ = false;
};

}  // namespace vigil::app
