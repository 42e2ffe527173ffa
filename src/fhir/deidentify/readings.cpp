#include "fhir/deidentify/readings.hpp"

#include <fmt/format.h>

#include "fhir/deidentify/unit_text.hpp"

namespace vigil::fhir::deidentify {
namespace {

using std::chrono::days;

// WFDB writes dates as DD/MM/YYYY (header.5).
std::string moved_date(std::string_view date, int by_days) {
    constexpr std::size_t length = 10;
    if (date.size() != length || date[2] != '/' || date[5] != '/') return {};
    const auto there = moved(
        fmt::format("{}-{}-{}", date.substr(6), date.substr(3, 2), date.substr(0, 2)), by_days);
    if (there.empty()) return {};
    const std::string_view text = there;
    return fmt::format("{}/{}/{}", text.substr(8), text.substr(5, 2), text.substr(0, 4));
}

std::string renamed_file(std::string_view file, const Renamed& renamed) {
    const auto dot = file.rfind('.');
    if (dot == std::string_view::npos) return renamed(file);
    const auto ending = file.substr(dot);
    // ".dat", ".mat": another ending is a name too.
    const bool is_ending = ending == ".dat" || ending == ".mat" || ending == ".hea";
    return renamed(file.substr(0, dot)) + std::string(is_ending ? ending : ".dat");
}

}  // namespace

std::optional<Nanoseconds> ReadingTimes::since_first(Timestamp time) const {
    if (method_ != Method::safe_harbor || !person_.first) return std::nullopt;
    const EventTime from{.instant = person_.first->instant, .has_time = true};
    if (!offset(from, {.instant = time, .has_time = true})) return std::nullopt;
    return time - from.instant;
}

std::optional<Timestamp> ReadingTimes::told(Timestamp time) const {
    if (method_ == Method::safe_harbor) return std::nullopt;
    return method_ == Method::limited ? time : time - days(person_.shift_days);
}

std::optional<Reading> deidentified(const Reading& reading, const RuleTable& table,
                                    const Definitions& definitions) {
    auto made = reading;
    made.device_time.reset();
    if (auto* coded = std::get_if<CodedValue>(&made.value)) {
        coded->display.clear();
        if (!table.admits(coded->system, coded->code, definitions)) return std::nullopt;
    }
    const bool is_words = std::holds_alternative<TextValue>(made.value) ||
                          std::holds_alternative<EventValue>(made.value);
    return is_words ? std::nullopt : std::optional(std::move(made));
}

DeviceLabel deidentified(const DeviceLabel& device) {
    DeviceLabel made;
    made.manufacturer = device.manufacturer;
    made.model = device.model;
    return made;
}

wfdb::Header deidentified(const wfdb::Header& header, Method method, const Person& person,
                          const RuleTable& table, const Renamed& renamed) {
    auto made = header;
    made.info.clear();
    made.name = renamed(header.name);
    if (method == Method::safe_harbor) {
        made.base_time.clear();
        made.base_date.clear();
    } else if (method == Method::date_shift) {
        made.base_date = moved_date(header.base_date, -person.shift_days);
    }
    std::size_t number = 0;
    for (auto& signal : made.signals) {
        ++number;
        signal.file = renamed_file(signal.file, renamed);
        // "NU": no units (header.5).
        if (!is_unit_text(signal.units, table)) signal.units = "NU";
        if (!table.is_signal_name(signal.description))
            signal.description = fmt::format("signal {}", number);
    }
    for (auto& segment : made.segments)
        if (segment.name != "~") segment.name = renamed(segment.name);
    return made;
}

}  // namespace vigil::fhir::deidentify
