#pragma once
// What is told of a heart's rhythm: between the detectors, which say what is there, and the alarm
// system. What comes and goes is one alarm, and what is over at once stands long enough to be seen;
// what a pulse contradicts waits; what was told when the detectors lost the signal stands until
// they know better.

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "monitor/alarms/patient_monitor.hpp"
#include "monitor/signals/signal_tables.hpp"
#include "signal/rhythm/condition.hpp"

namespace vigil::monitor {

class RhythmCalls {
public:
    // It ends when it was away for so long.
    static constexpr Nanoseconds away_for = std::chrono::seconds(10);
    // Without a signal for so long it is said that it is not known any more.
    static constexpr Nanoseconds unknown_after = std::chrono::seconds(3);

    void note(const rhythm::RhythmEvent& event, Timestamp at);
    // The detectors begin anew: what was told is not known any more.
    void lost();

    // What is over by now was told before.
    void warmed() {
        for (auto& call : calls_) call.happened = false;
    }

    struct Judge {
        Timestamp now;
        DeviceId device{};
        double learnt_s = 0;  // how much of the signal the detectors have seen
        // Who is not told of this at all: it is not for their age, or another source tells it.
        std::function<bool(rhythm::Condition)> leaves_out{};
        // What speaks against a call; none: nothing.
        std::function<std::optional<std::string>(rhythm::Condition, Timestamp since)> contradicts{};
    };
    // What begins and ends by now. Returns what a call that is held back is contradicted by.
    std::optional<std::string> judge(const Judge& by, const SignalTables& tables,
                                     std::vector<Finding>& found);

    bool told(rhythm::Condition condition) const { return at(condition).told; }

    // What was told, for a snapshot.
    struct Told {
        std::uint8_t condition = 0;  // rhythm::Condition
        Timestamp since{}, seen_at{};
        bool stale = false;
        template <class V, class Self>
        static void members(V& visit, Self& self) {
            visit("condition", self.condition);
            visit("since", self.since);
            visit("seen_at", self.seen_at);
            visit("stale", self.stale);
        }
    };
    std::vector<Told> told() const;
    // False: no such condition.
    bool restore(const std::vector<Told>& told);

private:
    struct Call {
        bool present = false;   // as the detectors have it
        bool happened = false;  // it was present since the last judgement
        Timestamp since{}, until{};
        bool told = false;
        Timestamp seen_at{};   // of the log: when it was last there
        bool carried = false;  // told by detectors that are no more
        bool stale = false;    // and said to be
    };
    const Call& at(rhythm::Condition c) const { return calls_[static_cast<std::size_t>(c)]; }
    bool ends(const Call& call, rhythm::Condition condition, const Judge& by) const;

    std::array<Call, rhythm::condition_count> calls_{};
    std::optional<Timestamp> unknown_since_{};  // there is no signal
};

}  // namespace vigil::monitor
