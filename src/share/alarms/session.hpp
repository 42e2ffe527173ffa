#pragma once
// One viewer of the alarms. It holds no queue but the names of beds that changed: a viewer that is
// slow is sent each bed's newest state once its socket has taken what it was given.

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>

#include "base/json.hpp"
#include "identity/rights.hpp"
#include "session/http.hpp"
#include "share/alarms/hub.hpp"
#include "store/access.hpp"

namespace vigil::share {

class AlarmSession : public session::MessageSession {
public:
    AlarmSession(AlarmHub& hub, identity::Principal principal, std::string session);
    ~AlarmSession() override;
    AlarmSession(const AlarmSession&) = delete;
    AlarmSession& operator=(const AlarmSession&) = delete;

    void on_open(Timestamp now, session::Waker wake, session::MessageActions& out) override;
    void on_message(Timestamp now, session::Frame message, session::MessageActions& out) override;
    void on_timer(Timestamp now, session::MessageActions& out) override;
    void on_wake(Timestamp now, session::MessageActions& out) override;
    void on_drained(Timestamp now, session::MessageActions& out) override;
    void on_closed(Timestamp) override { wake_ = {}; }

    // By the hub.
    void changed(const std::vector<monitor::BedState>& beds, std::optional<Timestamp> received);
    void access_changed();

private:
    static constexpr std::uint16_t close_policy = 1008, close_try_later = 1013;
    static constexpr Nanoseconds heartbeat = std::chrono::seconds(1);
    static constexpr Nanoseconds untaken_for_max = std::chrono::seconds(30);
    static constexpr std::size_t unconfirmed_max = 256;

    struct Sent {
        std::uint64_t number;
        Timestamp received;  // of the message whose conclusion is in it
    };

    void on_shown(Timestamp now, std::uint64_t number);
    void on_display(JsonValue frame, session::MessageActions& out);
    void on_painted(Timestamp now, JsonValue frame, session::MessageActions& out);
    // The screen that this is, if it is expected and this account looks after its unit.
    const monitor::Display* display(monitor::DisplayId id) const;
    void send_display(monitor::DisplayId id, session::MessageActions& out);
    bool take_access(session::MessageActions& out);
    void send_all(Timestamp now, session::MessageActions& out);
    void send_changed(Timestamp now, session::MessageActions& out);
    void send_beds(bool all, const std::string& beds, session::MessageActions& out);
    void send_heartbeat(Timestamp now, session::MessageActions& out);
    void finish(Timestamp now, session::MessageActions& out);

    AlarmHub& hub_;
    identity::Principal principal_;
    std::string session_;
    bool is_staff_;
    session::Waker wake_;
    std::optional<store::Access> access_;
    bool look_again_ = false, begins_anew_ = false;
    std::set<monitor::Subject> changed_;
    std::optional<Timestamp> received_;  // the oldest of what is in changed_
    std::uint64_t number_ = 0;
    std::deque<Sent> unconfirmed_;
    monitor::DisplayId display_{};  // 0: a screen that nobody relies on
    // What had been sent by the last heartbeat, and by the one before: whoever answers has them.
    std::uint64_t number_at_heartbeat_ = 0, number_due_ = 0;
    Timestamp next_heartbeat_{};
    bool is_untaken_ = false;
    Timestamp untaken_since_{};
};

}  // namespace vigil::share
