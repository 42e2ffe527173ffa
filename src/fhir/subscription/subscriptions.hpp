#pragma once
// Subscriptions at work: reads what was written (the outbox of records) and what devices sent,
// finds whom it is for, and sees to it that they are told, in order and at least once.
//
// What is owed to a subscriber is kept before it is told. Its clock and its thread are its owner's:
// app/ calls it from one thread, only what is marked "any thread" from others. A lock guards what
// those look at.

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir/rest/context.hpp"
#include "fhir/subscription/state.hpp"
#include "fhir/view/view_reader.hpp"
#include "store/documents.hpp"

namespace vigil::fhir {

struct IndexedResource;

// What an endpoint is sent.
struct HookMessage {
    std::string method, url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    Nanoseconds time_max{};
};

// One reading that is stored.
struct ReadingArrived {
    PatientId patient;
    DeviceId device;
    MetricId metric;
    std::uint16_t channel = 0;
    Timestamp time;  // filed
};

struct SubscriptionsParts {
    std::function<std::shared_ptr<const RestContext>()> rest;  // as it is now
    SubscriptionRules rules;
    HeaderKeeper& keeper;
    store::RecordStore& records;
    store::Documents& documents;
    const ReadingViews& readings;
    const std::vector<GroupRows>& groups;
    const PatientNumbers& patients;
    store::Access everything;  // to find out whom something is for
    std::function<Result<void>(const store::Access&,
                               const std::function<Result<void>(ViewReader&)>&)>
        read;
    std::function<Timestamp()> now;
    // Runs it on the owner's thread, later; from any thread.
    std::function<void(std::function<void()>)> post;
    // The endpoint's status, later, on the owner's thread.
    std::function<void(HookMessage, std::function<void(Result<int>)>)> send;
    std::function<void(std::string_view id, std::string text)> to_sockets;
    // May they (still) read what it is about? The first goes on record. Later, on the owner's
    // thread.
    std::function<void(SubscriptionOwner, std::string id, std::optional<PatientId> subject,
                       std::function<void(Result<store::Access>)>)>
        authorize;
    // And what they may read by now, one for each; none: no longer.
    std::function<void(std::vector<SubscriptionAccess>,
                       std::function<void(std::vector<std::optional<store::Access>>)>)>
        renew;
    // Its end, for the audit.
    std::function<void(SubscriptionOwner, std::string id, std::string why)> ended;
    // Writes a status into the resource of that version.
    std::function<void(std::string id, std::uint64_t version, std::string status,
                       std::string error)>
        set_status;
};

class Subscriptions {
public:
    explicit Subscriptions(SubscriptionsParts parts);

    // Reads what was kept; waits for the disk. Returns the position of the log up to which readings
    // have been looked at, if any were.
    Result<std::optional<Position>> start();
    // Something was written; any thread. False: nobody asked for anything, so far.
    bool is_wanted() const { return wanted_.load(std::memory_order_relaxed); }
    bool wants_readings() const { return wants_readings_.load(std::memory_order_relaxed); }

    void records_written();
    void readings_arrived(const std::vector<ReadingArrived>& readings, Position up_to);
    // Someone wrote a Subscription; `kept` once that is durable.
    void written(std::string id, SubscriptionOwner owner, std::function<void()> kept);
    // Once a second: what is due.
    void tick();
    // Readings were lost on the way here: whoever asked for them must know.
    void readings_lost();
    // Keeps all that is known; waits for the disk.
    Result<void> stop();

    // --- any thread ---
    Answer<std::string> status(std::string_view id) const;  // Parameters
    std::vector<std::string> ids() const;
    struct EventsWanted {
        std::uint64_t first = 1, last = ~std::uint64_t{0};
        std::optional<Content> content;
    };
    // What it was told of is for whoever wrote it: 403 for others, and for apps.
    Answer<void> check_owner(std::string_view id, const store::Access& asker) const;
    Answer<std::string> events(std::string_view id, const EventsWanted& wanted) const;  // a Bundle
    // What a socket is told first when it binds; an error if there is nothing to bind to.
    Answer<std::string> bound(std::string_view id) const;

    static constexpr unsigned failures_max = 12;           // about 20 minutes
    static constexpr unsigned handshake_failures_max = 5;  // about 15 seconds
    static constexpr Nanoseconds wait_max = std::chrono::minutes(5);
    static constexpr std::size_t subscriptions_max = 100'000;

private:
    using State = SubscriptionState;
    using StatePtr = std::shared_ptr<State>;
    struct SeriesId {
        PatientId patient;
        DeviceId device;
        MetricId group;
        auto operator<=>(const SeriesId&) const = default;
    };

    // subscriptions.cpp: what is subscribed to
    Result<void> load();
    StatePtr state_of(std::string_view id);
    StatePtr find(std::string_view id) const;
    void configure(const store::Record& record, bool at_start);
    void request(const StatePtr& state);
    void allowed(const StatePtr& state, const Result<store::Access>& access);
    void resumed(const StatePtr& state);
    void activate(const StatePtr& state);
    void end(const StatePtr& state, std::string error);
    void remove(const StatePtr& state);
    void lose_readings(const std::string& why);
    void interests_changed();
    void check_owners();

    // matching.cpp: whom something is for
    bool take_changes();
    void take_change(const store::Record& record, ViewReader& reader);
    // `since`: of a record, when it was written.
    Result<bool> meets(const State& state, const IndexedResource& resource,
                       ViewReader& reader) const;
    void match(const store::Record& current, std::optional<Timestamp> since,
               const SubscriptionEvent& event, ViewReader& reader);
    const std::vector<SubscriptionNumber>& wanting(const SeriesId& series);
    void take_readings(const std::vector<ReadingArrived>& readings, Position up_to);
    void take_reading(const ReadingArrived& reading);
    void take_views();
    Result<void> match_view(const ViewId& id, PatientId patient, ViewReader& reader);

    // delivery.cpp: being told
    void changed(const StatePtr& state);
    void keep();
    void kept(const std::vector<std::pair<StatePtr, std::uint64_t>>& states,
              const Result<void>& ok);
    void deliver(const StatePtr& state);
    void deliver_hook(const StatePtr& state, const std::vector<SubscriptionEvent>& events);
    void deliver_sockets(const StatePtr& state, const std::vector<SubscriptionEvent>& events);
    void send_status(const StatePtr& state, NotificationType type);
    void send(const StatePtr& state, HookMessage message, std::uint64_t up_to);
    void answered(const StatePtr& state, std::uint64_t turn, std::uint64_t up_to,
                  const Result<int>& status);
    std::string bundle(const State& state, NotificationType type,
                       std::span<const SubscriptionEvent> events, Content content) const;
    EventResource resource_for(const State& state) const;
    std::vector<std::pair<std::string, std::string>> headers(const State& state) const;

    SubscriptionsParts parts_;
    std::map<MetricId, const GroupRows*> group_of_;  // by the metrics in them
    mutable std::mutex mutex_;
    std::map<std::string, StatePtr, std::less<>> states_;
    std::unordered_map<SubscriptionNumber, StatePtr> numbers_;
    SubscriptionNumber next_number_ = 1;
    Interests interests_;
    std::atomic<bool> wanted_ = false, wants_readings_ = false;

    // Of those that were active at the start, whose access is still asked for: until all are back
    // nothing is looked at, else they would miss it.
    std::set<SubscriptionNumber> resuming_;
    std::vector<ReadingArrived> held_;
    Position held_up_to_;

    std::uint64_t cursor_ = 0;  // of the outbox
    std::optional<Position> readings_up_to_;
    std::map<SeriesId, std::vector<SubscriptionNumber>> wanting_;
    std::map<std::pair<ViewId, PatientId>, Timestamp> views_;          // to be looked at, when
    std::vector<std::pair<std::string, std::function<void()>>> owed_;  // answers, once kept
    std::vector<StatePtr> changed_;                                    // to be kept
    std::vector<std::string> removed_;
    bool cursor_moved_ = false;
    bool keeping_ = false, taking_ = false, checking_ = false;
    std::uint64_t seconds_ = 0;
};

}  // namespace vigil::fhir
