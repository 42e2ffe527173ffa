#pragma once
// What an event of the monitor is called: by whom it is about and what caused it, so that one that
// is emitted again after a crash is the same event (docs/architecture.md, monitor).

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace vigil::monitor {

using LocationId = Id<struct LocationTag>;  // a bed or unit, as the site numbers them
using DisplayId = Id<struct DisplayTag>;    // a screen that has to confirm what it shows
using ConditionId = Id<struct ConditionTag, std::uint16_t>;  // a row of data/alarm-conditions.tsv

// Whom alarms are about: a patient, a location where readings come in that nobody owns, or a
// screen.
struct Subject {
    PatientId patient{};
    LocationId location{};  // 0 where the patient is known
    auto operator<=>(const Subject&) const = default;

    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("patient", self.patient);
        visit("location", self.location);
    }
};

// A device on nobody is its own place; the registry numbers no others.
inline Subject place_of(DeviceId device) {
    return {{}, LocationId{device.value}};
}
// So is a screen. They are numbered at random, far above what a registry counts up to.
constexpr DisplayId displays_from{0x8000'0000};
inline Subject place_of(DisplayId display) {
    return {{}, LocationId{display.value}};
}

// What an input of the log is: where it stands, and when it was committed (the monitor's clock).
struct Cause {
    Position position;
    Timestamp time;
};

struct EventId {
    Subject subject{};
    Position cause{};
    std::uint32_t ordinal = 0;  // among the events of that cause and subject, from 0
    explicit operator bool() const { return cause.offset != 0; }
    auto operator<=>(const EventId&) const = default;

    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("subject", self.subject);
        visit("partition", self.cause.partition);
        visit("offset", self.cause.offset);
        visit("ordinal", self.ordinal);
    }
};

// "12-0-4711-0": patient, partition, offset, ordinal; of a location "L3-0-4711-0". Fits a FHIR id.
std::string to_string(const EventId& id);
Result<EventId> parse_event_id(std::string_view text);

// What is wrong, of whom: two devices that measure the same are two conditions.
struct ConditionKey {
    ConditionId condition{};
    DeviceId device{};  // 0: of no device
    MetricId metric{};  // 0: of no single metric
    std::uint16_t channel = 0;
    DisplayId display{};
    auto operator<=>(const ConditionKey&) const = default;

    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("condition", self.condition);
        visit("device", self.device);
        visit("metric", self.metric);
        visit("channel", self.channel);
        visit("display", self.display);
    }
};

}  // namespace vigil::monitor
