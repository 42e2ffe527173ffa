#include "collect/set_clock.hpp"

#include <fmt/format.h>

#include "base/json_writer.hpp"
#include "codec/binary_text.hpp"
#include "codec/ble/clock.hpp"

namespace vigil::collect {
namespace {

constexpr std::uint8_t external_reference = 1U << 1;

}  // namespace

std::string clock_topic(const identity::Registry& registry, const identity::Device& device) {
    if (const auto* gateway = registry.device(device.gateway))
        return fmt::format("vigil/{}/sub/{}/set-clock", gateway->external_id, device.external_id);
    return fmt::format("vigil/{}/set-clock", device.external_id);
}

ClockCommand set_clock(const identity::Registry& registry, const identity::Device& device,
                       Timestamp now) {
    ClockCommand command{clock_topic(registry, device), {}};
    const auto local = now + std::chrono::minutes(device.utc_offset_minutes);
    std::string date_time;
    codec::ble::append_date_time(local, date_time);
    JsonWriter json(command.payload);
    json.begin_object().member("device", device.external_id).member("time", now);
    json.member("unix_ms", unix_ns(now) / 1'000'000);
    json.member("utc_offset_minutes", device.utc_offset_minutes);
    json.member("2A2B",
                codec::write_hex(codec::ble::current_time_value(local, external_reference)));
    json.member("2A08", codec::write_hex(date_time)).end_object();
    return command;
}

bool needs_setting(ClockState state) {
    return state == ClockState::off || state == ClockState::no_zone ||
           state == ClockState::jumped || state == ClockState::drifting;
}

}  // namespace vigil::collect
