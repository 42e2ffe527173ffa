#pragma once
// Alarms on their way to people who are not at a screen: who is sent what, what became of it, and
// trying again (IHE ACM's alarm manager and communicator, without its wire format).
// docs/decisions/0047-told-away-from-the-screens.md.

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "identity/secret.hpp"
#include "monitor/alarms/act.hpp"
#include "monitor/bed.hpp"
#include "share/alarms/roster.hpp"
#include "share/alarms/shapes.hpp"

namespace vigil::share {

struct AlarmMessage {
    enum class Kind : std::uint8_t {
        told,       // somebody is to act
        changed,    // an alarm that they were told of
        emergency,  // somebody broke the glass
        test        // whether it comes
    };
    Kind kind = Kind::told;
    std::string id{};  // 256 bits nobody can guess: receipts name it
    AlarmRecipient to{};
    monitor::AlarmEvent event{};
    std::string words{};         // of the condition, or the rule's name
    std::string place{};         // "ICU 1, bed 01"; "device m"
    std::string by{}, reason{};  // of an emergency access: who, and why they say
    Timestamp made{};
};

// What whoever took it said. `forbidden`: it will never be taken; anything else: not now.
using AlarmSent = std::function<void(Result<std::string>)>;

struct DisseminationParts {
    AlarmWords words;
    const AlarmRoster& roster;
    identity::RandomSource random;
    // Hands it on; answers later, on the loop, once.
    std::function<void(const AlarmMessage&, AlarmSent)> send;
    // On record, and to the monitor.
    std::function<void(monitor::AlarmAct)> give;
    // The screen whose place this is; null: it is none.
    std::function<const monitor::Display*(const monitor::Subject&)> display;
};

// On the loop's thread.
class Dissemination {
public:
    explicit Dissemination(DisseminationParts parts) : parts_(std::move(parts)) {}

    // What was concluded, in order.
    void concluded(std::span<const monitor::AlarmEvent> events, Timestamp now);
    // After a start: whoever has been told of what stands is told again, for what was on its way is
    // not known.
    void resume(const std::map<monitor::Subject, monitor::BedState>& beds, Timestamp now);
    void every_second(Timestamp now);
    // It is on the device of whoever it was for. `not_found`: no such message, or long ago.
    Result<void> received(const std::string& id, const std::string& by, Timestamp now);
    // Somebody opened the record of a patient who is not theirs to see: whoever reviews it is told.
    void emergency(std::string by, std::string reason, Timestamp now);
    void test(const AlarmContact& contact, Timestamp now, AlarmSent done);

    std::size_t waiting() const { return waiting_.size(); }

    static constexpr std::size_t waiting_max = 10'000;
    static constexpr std::size_t receipts_max = 50'000;
    static constexpr Nanoseconds receipt_within = std::chrono::hours(12);
    // Not taken for so long: undeliverable. Vigil's default: as long as the next people would wait.
    static Nanoseconds tried_for(monitor::AlarmPriority priority);

private:
    struct Waiting {
        AlarmMessage message;
        unsigned tries = 0;
        Timestamp next{}, give_up{};
        bool under_way = false;
    };
    struct Receipt {
        monitor::EventId alarm{};
        std::uint32_t episode = 1, level = 1;
        std::string to{};
        Timestamp until{};
    };

    void tell(const monitor::AlarmEvent& event, bool again, Timestamp now);
    void tell_change(const monitor::AlarmEvent& event, Timestamp now);
    void drop_waiting(const monitor::EventId& alarm);
    void enqueue(AlarmMessage message, Timestamp now);
    void attempt(std::uint64_t number, Timestamp now);
    void answered(std::uint64_t number, const Result<std::string>& outcome, Timestamp sent);
    void record(const AlarmMessage& message, monitor::Dissemination status, std::string said);
    AlarmMessage message(const monitor::AlarmEvent& event, AlarmRecipient to, Timestamp now) const;
    AlarmPlace place_of(const monitor::Subject& subject) const;

    DisseminationParts parts_;
    std::map<monitor::EventId, std::set<ContactId>> told_;  // of what stands
    std::map<std::uint64_t, Waiting> waiting_;
    std::map<std::string, Receipt> receipts_;
    std::uint64_t last_number_ = 0;
    Timestamp now_{};
};

// "ada by email"
std::string told_text(const AlarmRecipient& to);

}  // namespace vigil::share
