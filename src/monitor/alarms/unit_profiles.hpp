#pragma once
// The limits that a unit's patients start with. A change of them waits until a second person
// confirms it: one typing error must not become the default of a ward.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "monitor/alarms/act.hpp"
#include "monitor/alarms/alarm_system.hpp"
#include "monitor/alarms/event.hpp"
#include "monitor/alarms/limit_edit.hpp"

namespace vigil::monitor {

struct ProfileProposal {
    EventId id{};  // of the event that records it
    std::string unit{};
    AgeClass age_class = AgeClass::adult;
    LimitEdit edit{};
    std::string by{}, reason{};
    Timestamp at{};

    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("id", self.id);
        visit("unit", self.unit);
        visit("age_class", self.age_class);
        visit("edit", self.edit);
        visit("by", self.by);
        visit("reason", self.reason);
        visit("at", self.at);
    }
};

class UnitProfiles {
public:
    // All outlive it.
    UnitProfiles(const Catalogue& catalogue, const ConditionTable& conditions,
                 const LimitTable& limits)
        : catalogue_(&catalogue), conditions_(&conditions), limits_(&limits) {}

    // What patients of the unit start with: the defaults, and what was confirmed since.
    std::vector<LimitSetting> settings(std::string_view unit, AgeClass age_class) const;
    std::span<const ProfileProposal> proposals() const { return proposals_; }

    // The event's id is the proposal's.
    Result<void> propose(std::string_view unit, AgeClass age_class, const LimitEdit& edit,
                         const Person& who, EventRecorder& events);
    // By another person than the one who proposed; checked anew against what holds by then.
    Result<void> confirm(const EventId& proposal, const Person& who, EventRecorder& events);
    // By anybody, the one who proposed too.
    Result<void> reject(const EventId& proposal, const Person& who, EventRecorder& events);

    // An act of the site. What is refused changes nothing but leaves an event that says why.
    Result<void> on_act(const AlarmAct& act, EventRecorder& events);

    std::string snapshot() const;
    Result<void> restore(std::string_view bytes);  // on failure nothing has changed

    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("confirmed", self.confirmed_);
        visit("proposals", self.proposals_);
    }

    static constexpr std::size_t proposals_max = 256;
    static constexpr std::size_t confirmed_max = 4'096;

private:
    std::vector<ProfileProposal>::iterator find(const EventId& proposal);

    const Catalogue* catalogue_;
    const ConditionTable* conditions_;
    const LimitTable* limits_;
    std::vector<ProfileProposal> confirmed_;  // in order, each over those before
    std::vector<ProfileProposal> proposals_;
};

}  // namespace vigil::monitor
