#include "monitor/alarms/event_id.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace vigil::monitor {
namespace {

constexpr std::size_t id_bytes_max = 64;  // FHIR R4 2.24.0.1, id

// Takes a number and the dash behind it (or the end) off the front. Leading zeros would give an id
// two spellings.
template <class Number>
bool take(std::string_view& text, Number& number) {
    const auto part = text.substr(0, text.find('-'));
    if (part.empty() || (part.size() > 1 && part.front() == '0')) return false;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    if (error != std::errc() || end != part.data() + part.size()) return false;
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    return true;
}

}  // namespace

std::string to_string(const EventId& id) {
    const bool of_location = !id.subject.patient && id.subject.location;
    return fmt::format("{}{}-{}-{}-{}", of_location ? "L" : "",
                       of_location ? id.subject.location.value : id.subject.patient.value,
                       id.cause.partition, id.cause.offset, id.ordinal);
}

Result<EventId> parse_event_id(std::string_view text) {
    EventId id;
    const auto whole = text;
    const bool of_location = text.starts_with('L');
    if (of_location) text.remove_prefix(1);
    auto& number = of_location ? id.subject.location.value : id.subject.patient.value;
    if (whole.size() > id_bytes_max || !take(text, number) || !take(text, id.cause.partition) ||
        !take(text, id.cause.offset) || !take(text, id.ordinal) || !text.empty() ||
        whole.ends_with('-') || (of_location && number == 0))
        return fail(Error::Kind::malformed, "not an event's id, as 12-0-4711-0 is one");
    return id;
}

}  // namespace vigil::monitor
