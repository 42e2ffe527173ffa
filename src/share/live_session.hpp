#pragma once
// One viewer of the live stream. It holds a cursor into the hub's ring, never a queue: a viewer
// that is slow loses resolution, and delays nobody (docs/reference/live-stream.md, Back-pressure).

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/json_writer.hpp"
#include "identity/registry.hpp"
#include "session/http.hpp"
#include "share/live_hub.hpp"
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
        if (subscription_ && wake_) wake_();
    }
    void device_changed(DeviceId device, PatientId before, PatientId after);

private:
    using SeriesOf = std::map<std::pair<PatientId, store::SeriesKey>, std::uint32_t>;

    void subscribe(Timestamp now, Subscription subscription, session::MessageActions& out);
    void send_snapshot(Timestamp now, session::MessageActions& out);
    void send_patient(JsonWriter& json, PatientId patient, Timestamp now);
    void start_waveforms(Timestamp now, session::MessageActions& out);
    void send_new(Timestamp now, session::MessageActions& out);
    void catch_up(Timestamp now, session::MessageActions& out);
    void send_range(std::uint64_t from, std::uint64_t to, bool replay,
                    session::MessageActions& out);
    void add_readings(const LiveMessage& message, std::string& json) const;
    void add_waveforms(const LiveMessage& message, bool replay, session::MessageActions& out);
    std::uint32_t series_index(PatientId patient, const store::SeriesKey& key, UnitId unit);
    void announce_series(session::MessageActions& out);
    void send_devices(Timestamp now, session::MessageActions& out);
    void send_heartbeat(Timestamp now, session::MessageActions& out);
    void send_gap(std::string_view what, std::string_view reason, Timestamp from, Timestamp to,
                  session::MessageActions& out) const;
    void send_text(std::string payload, session::MessageActions& out) const;
    void finish(Timestamp now, session::MessageActions& out);
    bool shows(PatientId patient) const;
    bool blocked(Timestamp now) const;
    std::string cursor_text() const;

    LiveHub& hub_;
    identity::Principal principal_;
    std::string session_;
    session::Waker wake_;
    std::optional<Subscription> subscription_;
    std::optional<store::Access> access_;

    std::uint64_t next_ = 0;  // the ring's number of the first message not sent
    Timestamp last_sent_{}, next_heartbeat_{};
    std::size_t untaken_ = 0;  // bytes given to the socket since it was last empty
    Timestamp untaken_since_{};
    bool behind_ = false;
    Timestamp behind_since_{};

    SeriesOf series_;
    std::vector<bool> after_gap_;  // by series index: mark its next block
    std::string new_series_;       // announcements not sent yet
    std::vector<DeviceId> changed_devices_;
    std::vector<std::string> refused_;
};

}  // namespace vigil::share
