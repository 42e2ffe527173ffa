// Whatever bytes stand in an `act` entry: refused or understood, and what is understood is written
// and read back as the same, and does no harm to a patient's monitor.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "monitor/alarms/bed.hpp"
#include "monitor/alarms/unit_profiles.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil::monitor;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto act = decode_alarm_act(bytes);
    if (!act) return 0;
    const auto again = decode_alarm_act(encode(*act));
    if (!again || *again != *act) std::abort();
    Bed bed;
    bed.tick(1);
    bed.read("spo2", 70);
    bed.find("asystole");
    (void)bed.monitor.on_act(*act, bed.cause());
    bed.tick(20);
    (void)bed.monitor.view();
    if (const auto* change = std::get_if<ProfileChangeProposed>(&act->body)) {
        UnitProfiles profiles(the_catalogue(), the_tables().conditions, the_tables().limits);
        EventRecorder events{Subject{}};
        (void)profiles.propose(change->unit, change->age_class, change->edit,
                               {act->by, act->reason}, events);
    }
    return 0;
}
