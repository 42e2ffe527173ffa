#pragma once
// One viewer of the live stream. It holds a cursor into the hub's ring, never a queue: a viewer
// that is slow loses resolution, and delays nobody (docs/reference/live-stream.md, Back-pressure).
// What is older than the ring it asks of a worker, one part at a time.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <variant>
#include <vector>

#include "identity/registry.hpp"
#include "session/http.hpp"
#include "share/live_hub.hpp"
#include "share/live_past.hpp"
#include "share/subscription.hpp"
#include "share/waveform_frame.hpp"
#include "store/access.hpp"
#include "store/series.hpp"

namespace vigil::share {

class LiveSession : public session::MessageSession {
public:
    LiveSession(LiveHub& hub, identity::Principal principal, std::string session);
    ~LiveSession() override;
    LiveSession(const LiveSession&) = delete;
    LiveSession& operator=(const LiveSession&) = delete;

    void on_open(Timestamp now, session::Waker wake, session::MessageActions& out) override;
    void on_message(Timestamp now, session::Frame message, session::MessageActions& out) override;
    void on_timer(Timestamp now, session::MessageActions& out) override;
    void on_wake(Timestamp now, session::MessageActions& out) override;
    void on_drained(Timestamp now, session::MessageActions& out) override;
    void on_closed(Timestamp now) override;

    // By the hub: there is something new. Cheap; many a turn count once.
    void poke() {
        if (subscription_ && inbox_->wake) inbox_->wake();
    }
    void device_changed(DeviceId device, PatientId before, PatientId after);
    void access_changed() {
        look_again_ = true;
        if (inbox_->wake) inbox_->wake();
    }

private:
    static constexpr std::uint16_t close_policy = 1008, close_try_later = 1013;

    using SeriesOf = std::map<std::pair<PatientId, store::SeriesKey>, std::uint32_t>;
    using Patients = Result<std::vector<PatientPast>>;

    // Nothing asked for · what was missed is on its way · a snapshot is on its way · going with the
    // ring · too slow for it: waits until the socket has taken what it was given.
    enum class Phase : std::uint8_t { idle, past, snapshot, live, behind };

    // Where a worker's answer is left; outlives the session that asked.
    struct Inbox {
        session::Waker wake;
        std::uint64_t turn = 0;  // an answer to an earlier turn is of no use any more
        std::variant<std::monostate, Patients, Result<LogPart>> answer;
    };

    void subscribe(Timestamp now, Subscription subscription, session::MessageActions& out);
    void begin(Timestamp now, Subscription subscription, session::MessageActions& out);
    Result<void> take_access(const Subscription& subscription);
    void refuse_others(Subscription& subscription);
    void renew_access(Timestamp now, session::MessageActions& out);
    // Hands `work` to a worker and wakes the session with what it returns.
    template <class Work>
    void ask(Work work);
    void take_answer(Timestamp now, session::MessageActions& out);
    void ask_more(Timestamp now);

    void start_past(Position from);
    void take_past(Timestamp now, Result<LogPart> part, session::MessageActions& out);
    void send_past(Timestamp now, const LogPart& part, session::MessageActions& out);
    void give_up_past(Timestamp now, std::optional<Timestamp> since, session::MessageActions& out);

    void start_snapshot(Timestamp now, Nanoseconds history);
    void take_patients(Timestamp now, Patients patients, session::MessageActions& out);
    void send_history(const PatientPast& past, session::MessageActions& out);

    void send_new(Timestamp now, session::MessageActions& out);
    void catch_up(Timestamp now, session::MessageActions& out);
    void send_range(std::uint64_t from, std::uint64_t to, bool replay,
                    session::MessageActions& out);
    void add_readings(const LiveMessage& message, std::string& json) const;
    void add_waveforms(const collect::FiledMessage& message, bool replay,
                       session::MessageActions& out);
    void send_waveforms(WaveformFrame& frame, session::MessageActions& out);
    std::uint32_t series_index(PatientId patient, const store::SeriesKey& key, UnitId unit);
    void send_devices(Timestamp now, session::MessageActions& out);
    void send_heartbeat(Timestamp now, session::MessageActions& out);
    void send_text(std::string payload, session::MessageActions& out) const;
    void finish(Timestamp now, session::MessageActions& out);
    bool shows(PatientId patient) const;
    bool blocked(Timestamp now) const;
    std::optional<Position> cursor() const;

    LiveHub& hub_;
    identity::Principal principal_;
    std::string session_;
    std::shared_ptr<Inbox> inbox_;
    bool look_again_ = false;  // at whether the session or token still stands
    std::optional<Subscription> subscription_;
    std::optional<store::Access> access_;
    std::unordered_set<PatientId> asked_for_;  // as the subscription named them; empty: everyone

    Phase phase_ = Phase::idle;
    bool asked_ = false;      // an answer is on its way
    std::uint64_t next_ = 0;  // the ring's number of the first message not sent
    Timestamp last_sent_{}, next_heartbeat_{};
    std::size_t untaken_ = 0;  // bytes given to the socket since it was last empty
    Timestamp untaken_since_{};
    Timestamp behind_since_{};

    struct Past {
        Position reached;
        std::size_t bytes = 0;
        bool left_waveforms_out = false;
    } past_;
    struct Snapshot {
        std::vector<PatientId> patients{};
        std::size_t done = 0;
        std::optional<Timestamp> waveforms_since{};
        Position cursor{};
    } snapshot_;

    SeriesOf series_;
    std::vector<bool> after_gap_;  // by series index: mark its next block
    std::string new_series_;       // announcements not sent yet
    std::vector<DeviceId> changed_devices_;
    std::vector<std::string> refused_;
};

}  // namespace vigil::share
