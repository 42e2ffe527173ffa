#include "fhir/view/view_id.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace vigil::fhir {
namespace {

constexpr int base36 = 36;

std::string in_base36(std::int64_t value) {
    std::array<char, 16> digits{};
    const auto [end, error] =
        std::to_chars(digits.data(), digits.data() + digits.size(), value, base36);
    static_cast<void>(error);  // 13 digits and a sign are the most there can be
    return {digits.data(), end};
}

template <class Number>
bool read(std::string_view text, Number& out, int base = 10) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
    const bool plain = !text.empty() && (text == "0" || text.front() != '0');
    return plain && error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string to_string(const ViewId& id) {
    auto text = fmt::format("r.{}.{}.{}.{}", id.device.value, id.metric.value, id.channel,
                            in_base36(unix_ns(id.time)));
    if (id.ordinal != 0) text += fmt::format(".{}", id.ordinal);
    return text;
}

std::string view_id_prefix(DeviceId device, MetricId metric) {
    return fmt::format("r.{}.{}.", device.value, metric.value);
}

std::optional<ViewId> read_view_id(std::string_view text) {
    std::array<std::string_view, 6> parts;
    std::size_t count = 0;
    for (auto rest = text;; ++count) {
        if (count == parts.size()) return std::nullopt;
        const auto dot = rest.find('.');
        parts[count] = rest.substr(0, dot);
        if (dot == std::string_view::npos) break;
        rest.remove_prefix(dot + 1);
    }
    ++count;
    ViewId id;
    std::int64_t time = 0;
    const bool good = count >= 5 && parts[0] == "r" && read(parts[1], id.device.value) &&
                      read(parts[2], id.metric.value) && read(parts[3], id.channel) &&
                      read(parts[4], time, base36) &&
                      (count == 5 || (read(parts[5], id.ordinal) && id.ordinal != 0));
    if (!good) return std::nullopt;
    id.time = from_unix_ns(time);
    return id;
}

std::string device_resource_id(DeviceId device) {
    return fmt::format("d{}", device.value);
}

std::optional<DeviceId> read_device_resource_id(std::string_view text) {
    DeviceId device;
    if (!text.starts_with('d') || !read(text.substr(1), device.value) || !device)
        return std::nullopt;
    return device;
}

std::string device_metric_id(const MetricOfDevice& which) {
    return fmt::format("m{}.{}", which.device.value, which.metric.value);
}

std::optional<MetricOfDevice> read_device_metric_id(std::string_view text) {
    MetricOfDevice which;
    const auto dot = text.find('.');
    if (!text.starts_with('m') || dot == std::string_view::npos ||
        !read(text.substr(1, dot - 1), which.device.value) ||
        !read(text.substr(dot + 1), which.metric.value) || !which.device || !which.metric)
        return std::nullopt;
    return which;
}

std::string device_use_id(const DeviceUse& use) {
    return fmt::format("u{}.{}", use.device.value, in_base36(unix_ns(use.from)));
}

std::optional<DeviceUse> read_device_use_id(std::string_view text) {
    DeviceUse use;
    std::int64_t from = 0;
    const auto dot = text.find('.');
    if (!text.starts_with('u') || dot == std::string_view::npos ||
        !read(text.substr(1, dot - 1), use.device.value) ||
        !read(text.substr(dot + 1), from, base36) || !use.device)
        return std::nullopt;
    use.from = from_unix_ns(from);
    return use;
}

std::string alarm_id(const AlarmPlace& onset) {
    return fmt::format("a{}.{}.{}", in_base36(unix_ns(onset.time)), onset.position.partition,
                       in_base36(static_cast<std::int64_t>(onset.position.offset)));
}

std::optional<AlarmPlace> read_alarm_id(std::string_view text) {
    AlarmPlace onset;
    std::int64_t time = 0;
    const auto dot = text.find('.'), second = text.find('.', dot + 1);
    if (!text.starts_with('a') || dot == std::string_view::npos || second == std::string_view::npos)
        return std::nullopt;
    std::int64_t offset = 0;
    if (!read(text.substr(1, dot - 1), time, base36) ||
        !read(text.substr(dot + 1, second - dot - 1), onset.position.partition) ||
        !read(text.substr(second + 1), offset, base36) || offset < 0)
        return std::nullopt;
    onset.time = from_unix_ns(time);
    onset.position.offset = static_cast<std::uint64_t>(offset);
    return onset;
}

bool has_views(std::string_view type) {
    return type == "Observation" || type == "Device" || type == "DeviceMetric" ||
           type == "DeviceUseStatement" || type == "Communication";
}

bool is_view_id(std::string_view type, std::string_view id) {
    if (type == "Observation") return read_view_id(id).has_value();
    if (type == "Device") return read_device_resource_id(id).has_value();
    if (type == "DeviceMetric") return read_device_metric_id(id).has_value();
    if (type == "Communication") return read_alarm_id(id).has_value();
    return type == "DeviceUseStatement" && read_device_use_id(id).has_value();
}

}  // namespace vigil::fhir
