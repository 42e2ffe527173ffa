#pragma once
// Beds, alarms and events as docs/reference/alarms-api.md shows them.

#include <string_view>

#include "base/json_writer.hpp"
#include "identity/registry.hpp"
#include "identity/rights.hpp"
#include "metric/catalogue.hpp"
#include "monitor/alarms/event.hpp"
#include "monitor/bed.hpp"
#include "store/access.hpp"

namespace vigil::share {

struct AlarmWords {
    const identity::Registry& registry;
    const Catalogue& catalogue;
    const monitor::MonitorTables& tables;
};

void write_bed(JsonWriter& json, const AlarmWords& words, const monitor::BedState& bed);
// Members: whose it is, a patient's, a device's that is on nobody, or a screen's.
void write_subject(JsonWriter& json, const AlarmWords& words, const monitor::Subject& subject);
void write_event(JsonWriter& json, const AlarmWords& words, const monitor::AlarmEvent& event);

// Whether this person is shown alarms of it. An alarm tells of readings; a device that is on nobody
// is everybody's of the staff to look after.
bool shows(const store::Access& access, bool is_staff, const monitor::Subject& subject);
// A screen is looked after where it hangs.
bool shows(const AlarmWords& words, const store::Access& access, const identity::Principal& who,
           const monitor::BedState& bed);
// Of the staff, and looking after everybody or this unit.
bool looks_after(const identity::Registry& registry, const identity::Principal& who,
                 std::string_view unit);
bool is_staff(const identity::Principal& who);

// What is not signalled comes last, under no name of a suppression: why, in a word.
std::string_view to_string(monitor::Suppression suppression);

}  // namespace vigil::share
