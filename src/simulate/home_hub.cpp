#include "simulate/home_hub.hpp"

#include <fmt/format.h>

#include <utility>

#include "codec/binary_text.hpp"
#include "simulate/gatt_frame.hpp"

namespace vigil::simulate {
namespace {

constexpr std::string_view ble = "ble/";

// The value as a hub forwards it: with the time it heard it and, if so, that it kept it since.
std::string wrapped(std::string_view value, Timestamp heard, bool kept) {
    return fmt::format(R"({{"ts":"{}",{}"hex":"{}"}})", format_rfc3339(heard),
                       kept ? R"("stored":true,)" : "", codec::write_hex(value));
}

// Telemetry is made as a live message; kept, it says so.
std::string as_stored(std::string telemetry) {
    return telemetry.insert(1, R"("stored":true,)");
}

}  // namespace

HomeHub::HomeHub(std::string hub, const HomeProfile& profile, const Scenario& scenario,
                 std::uint64_t seed, Timestamp start)
    : hub_(std::move(hub)),
      profile_(profile),
      user_(profile, seed, start),
      course_(scenario, start),
      now_(start) {}

// A hub that connects reads each device's clock, and the session start of a glucose sensor.
void HomeHub::greet(Timestamp now, std::vector<Publication>& out) const {
    const auto local = now + std::chrono::minutes(profile_.utc_offset_minutes);
    for (const auto& device : home_devices) {
        if (device.name == "band") {
            out.push_back(
                {now, fmt::format("vigil/{0}/sub/{0}-band/telemetry", hub_),
                 fmt::format(R"({{"ts":"{}","battery_level":71}})", format_rfc3339(now))});
            continue;
        }
        const auto read = [&](std::uint16_t characteristic, const std::string& value) {
            out.push_back(
                {now,
                 fmt::format("vigil/{0}/ble/{0}-{1}/{2:04X}", hub_, device.name, characteristic),
                 wrapped(value, now, false)});
        };
        read(gatt::battery_level, gatt::battery(82));
        read(gatt::current_time, gatt::current_time_value(local));
        if (device.name == "cgm" && user_.cgm_session_start() != Timestamp{})
            read(gatt::cgm_session_start_time,
                 gatt::cgm_session_start(
                     user_.cgm_session_start() + std::chrono::minutes(profile_.utc_offset_minutes),
                     profile_.utc_offset_minutes));
    }
}

void HomeHub::advance(Nanoseconds duration, bool later, std::vector<Publication>& out) {
    messages_.clear();
    user_.advance(duration, messages_);
    for (const auto& message : messages_)
        out.push_back(publication(message, later || !link_at(message.time)));
    now_ += duration;
    link_up_ = link_at(now_);
}

bool HomeHub::link_at(Timestamp time) {
    Quantities unused;
    Rhythm rhythm = Rhythm::sinus;
    Attachments attachments;
    attachments.link = link_up_;
    course_.advance(time, unused, rhythm, attachments);
    link_up_ = attachments.link;
    return link_up_;
}

Publication HomeHub::publication(const HomeMessage& message, bool kept) const {
    const std::string_view suffix = message.topic_suffix;
    if (!suffix.starts_with(ble))
        return {message.time,
                fmt::format("vigil/{0}/sub/{0}-{1}/{2}", hub_, message.device, suffix),
                kept ? as_stored(message.payload) : message.payload};
    return {
        message.time,
        fmt::format("vigil/{0}/ble/{0}-{1}/{2}", hub_, message.device, suffix.substr(ble.size())),
        kept ? wrapped(message.payload, message.time, true) : message.payload};
}

}  // namespace vigil::simulate
