// Whatever bytes stand where a snapshot of a patient's monitor should: refused, or a monitor that
// goes on.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "monitor/alarms/bed.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil::monitor;
    auto monitor =
        PatientMonitor::restore(the_tables(), {reinterpret_cast<const char*>(data), size},
                                the_tables().limits.defaults(AgeClass::adult));
    if (!monitor) return 0;
    for (std::int64_t second = 1; second < 40; second += 3) {
        const vigil::monitor::Cause cause{{0, 1'000'000 + static_cast<std::uint64_t>(second)},
                                          Bed::time(second)};
        monitor->on_tick(cause);
        monitor->on_reading(vigil::DeviceId{1}, numeric("spo2", {70, 0}, Bed::time(second)), cause);
        (void)monitor->view();
    }
    (void)monitor->take_events();
    (void)monitor->snapshot();
    return 0;
}
