#pragma once
// The roles as data/roles.tsv says them: whose data, and what may be done in which area.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "identity/people.hpp"
#include "store/access.hpp"

namespace vigil::identity {

// What the server keeps and does, as far as some may and others may not.
enum class Area : std::uint8_t {
    vitals,         // readings: series, live stream, messages; Observation
    record,         // the clinical record: every type of resource that is of no other area
    orders,         // what was ordered for a patient
    patients,       // who they are and where they lie
    devices,        // r: what there is and on whom; w: putting them on patients; a: registering
    unread,         // messages that nobody could read, and whose they are is not known
    directory,      // people, organisations and places of the hospital
    definitions,    // profiles, code systems, questionnaires
    research,       // studies and who takes part
    consents,       // what patients agreed to
    subscriptions,  // who is told of changes
    exports,        // r: all data in bulk, out; w: in
    accounts,       // r: who has what; a: giving and taking it
    audit,          // a: the lines, their checkpoints
    server          // r: its state; a: backup, verification
};
constexpr std::size_t area_count = 15;
std::string_view to_string(Area area);

// A set of acts, a bit each.
using Acts = std::uint8_t;
constexpr Acts bit(store::Act act) {
    return static_cast<Acts>(1U << static_cast<unsigned>(act));
}
constexpr Acts every_act = 0b111;
using AreaActs = std::array<Acts, area_count>;

enum class Reach : std::uint8_t { everyone, units, granted, nobody };

struct RoleRules {
    Reach reach = Reach::nobody;
    bool emergency = false;  // may break the glass
    // What it may touch data for, by the names in data/purposes.tsv; first what it is for.
    std::vector<std::string_view> purposes{};
    AreaActs areas{};
    std::shared_ptr<const store::TypeRights> types;  // of data/record-areas.tsv; never null
};

const RoleRules& rules_of(Role role);
// Of data/record-areas.tsv; `record` for what stands not there.
Area area_of_type(std::string_view type);

}  // namespace vigil::identity
