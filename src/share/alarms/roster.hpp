#pragma once
// Who is told of alarms away from the screens: who has which duty where and when, and how a person
// or a system of the site is reached. docs/decisions/0047-told-away-from-the-screens.md.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "monitor/alarms/event.hpp"
#include "store/documents.hpp"

namespace vigil::share {

// Numbers of the roster's own; never used again.
using DutyId = Id<struct DutyTag>;
using ContactId = Id<struct ContactTag>;

// An account is assigned nurse, charge nurse, … from one time to another.
struct AlarmDuty {
    DutyId id{};
    std::string account{};              // its user name
    std::uint16_t as = 0;               // monitor::recipients
    std::string unit{};                 // whose patients; empty: of every unit
    std::vector<PatientId> patients{};  // none: all of them
    Timestamp from{}, until{};
    std::string by{};  // who said so
    bool operator==(const AlarmDuty&) const = default;
};

enum class AlarmChannel : std::uint8_t { email = 1, webhook = 2 };
constexpr bool valid(AlarmChannel channel) {
    return channel == AlarmChannel::email || channel == AlarmChannel::webhook;
}
std::string_view to_string(AlarmChannel channel);

struct AlarmContact {
    ContactId id{};
    std::string account{};  // whose; empty: the site's own
    std::string name{};     // of the site's: "Paging"
    // Of the site's: for whom it stands, and of which unit's patients; empty: of all.
    std::uint16_t as = 0;
    std::string unit{};
    AlarmChannel channel = AlarmChannel::email;
    std::string address{};  // ada@hospital.example, https://paging.example/alarms
    std::string secret{};   // of a webhook: what its messages are signed with
    monitor::AlarmPriority least = monitor::AlarmPriority::medium;  // below it nothing is sent
    bool emergencies = false;  // is told of emergency accesses (broken glass) too
    std::string by{};
    Timestamp since{};
    bool operator==(const AlarmContact&) const = default;

    const std::string& owner() const { return account.empty() ? name : account; }
};

// Whom an alarm is about.
struct AlarmPlace {
    std::string unit{};
    PatientId patient{};  // 0: a device that is on nobody
};

struct AlarmRecipient {
    AlarmContact contact;
    std::uint16_t as = 0;  // what of what was asked for they are
};

// On the loop's thread; changes are kept before they hold.
class AlarmRoster {
public:
    explicit AlarmRoster(store::Documents& documents) : documents_(documents) {}

    Result<void> load();  // waits for the disk

    const std::map<DutyId, AlarmDuty>& duties() const { return duties_; }
    const std::map<ContactId, AlarmContact>& contacts() const { return contacts_; }

    // How those are reached who are one of `told`, each way once.
    std::vector<AlarmRecipient> recipients(const AlarmPlace& place, std::uint16_t told,
                                           monitor::AlarmPriority priority, Timestamp now) const;

    // The number is given here. `done` may come on another thread; the change holds once its
    // result has been taken over by `holds`.
    template <class Item>
    struct Change {
        std::vector<store::DocumentChange> kept;
        Item item;
        bool removed = false;
    };
    Result<Change<AlarmDuty>> plan(AlarmDuty duty, Timestamp now);
    Result<Change<AlarmContact>> plan(AlarmContact contact);
    static Change<AlarmDuty> plan_removal(const AlarmDuty& duty);
    static Change<AlarmContact> plan_removal(const AlarmContact& contact);
    template <class Item>
    void keep(const Change<Item>& change, store::Done done) {
        documents_.change(change.kept, std::nullopt, std::move(done));
    }
    void holds(const Change<AlarmDuty>& change);
    void holds(const Change<AlarmContact>& change);

    static constexpr std::size_t duties_max = 10'000, contacts_max = 10'000;
    static constexpr std::size_t duty_patients_max = 200;
    static constexpr Nanoseconds duty_max = std::chrono::days(31);

private:
    bool is_on_duty(const std::string& account, std::uint16_t one, const AlarmPlace& place,
                    Timestamp now) const;

    store::Documents& documents_;
    std::map<DutyId, AlarmDuty> duties_;
    std::map<ContactId, AlarmContact> contacts_;
    std::uint32_t last_duty_ = 0, last_contact_ = 0;
};

}  // namespace vigil::share
