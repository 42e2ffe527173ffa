// What `vigil evaluate alarms` prints.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "app/evaluate_alarms.hpp"
#include "base/json_writer.hpp"

namespace vigil::app {
namespace {

double seconds(Nanoseconds duration) {
    return std::chrono::duration<double>(duration).count();
}

double a_bed_a_day(std::uint32_t alarms, Nanoseconds looked_at) {
    return looked_at > Nanoseconds::zero() ? alarms * 86'400.0 / seconds(looked_at) : 0;
}

std::optional<double> median(std::vector<Nanoseconds> of) {
    if (of.empty()) return std::nullopt;
    const auto middle = of.begin() + static_cast<std::ptrdiff_t>((of.size() - 1) / 2);
    std::ranges::nth_element(of, middle);
    return seconds(*middle);
}

std::optional<double> longest(const std::vector<Nanoseconds>& of) {
    if (of.empty()) return std::nullopt;
    return seconds(*std::ranges::max_element(of));
}

std::string figure(std::optional<double> value) {
    return value ? fmt::format("{:.0f}", *value) : "-";
}

void write(JsonWriter& json, std::string_view name, const AlarmBurden& burden,
           Nanoseconds looked_at) {
    json.key(name).begin_object();
    json.member("physiological", burden.physiological).member("technical", burden.technical);
    json.member("a_bed_a_day", a_bed_a_day(burden.physiological, looked_at));
    json.member("in_alarm_s", seconds(burden.in_alarm)).member("detected", burden.detected);
    json.key("after_median_s");
    if (const auto value = median(burden.after))
        json.number(*value);
    else
        json.null();
    json.key("after_max_s");
    if (const auto value = longest(burden.after))
        json.number(*value);
    else
        json.null();
    json.end_object();
}

}  // namespace

std::string text_of(const AlarmEvaluation& all) {
    const auto hours = seconds(all.looked_at) / 3600;
    std::string out =
        fmt::format("{} recordings, {:.1f} hours of a bed\n\n", all.recordings, hours);
    out += fmt::format("{:44}{:>14}{:>12}\n", "", "plain limits", "Vigil's");
    const auto row = [&](std::string_view what, const std::string& plain, const std::string& ours) {
        out += fmt::format("{:44}{:>14}{:>12}\n", what, plain, ours);
    };
    const auto count = [&](std::string_view what, std::uint32_t plain, std::uint32_t ours) {
        row(what, std::to_string(plain), std::to_string(ours));
    };
    count("physiological alarms", all.plain.physiological, all.ours.physiological);
    row("  a bed a day", figure(a_bed_a_day(all.plain.physiological, all.looked_at)),
        figure(a_bed_a_day(all.ours.physiological, all.looked_at)));
    row("  seconds in alarm", figure(seconds(all.plain.in_alarm)),
        figure(seconds(all.ours.in_alarm)));
    count("technical alarms", all.plain.technical, all.ours.technical);
    const auto events = all.events.size();
    count(fmt::format("of {} severe events, told", events), all.plain.detected, all.ours.detected);
    row("  seconds after it began, median", figure(median(all.plain.after)),
        figure(median(all.ours.after)));
    row("  at most", figure(longest(all.plain.after)), figure(longest(all.ours.after)));
    if (all.plain.physiological > 0)
        out += fmt::format(
            "\n{:.0f} % fewer physiological alarms; {} were over before Vigil's delay was.\n",
            100.0 - 100.0 * all.ours.physiological / all.plain.physiological, all.missed);
    std::map<std::string, std::pair<int, int>> kinds;
    for (const auto& event : all.events) {
        auto& [there, told] = kinds[event.event.kind];
        there += 1;
        told += event.detected_after ? 1 : 0;
    }
    if (!kinds.empty())
        out += "\nsevere events                                       there        told\n";
    for (const auto& [kind, counts] : kinds)
        out += fmt::format("  {:42}{:>14}{:>12}\n", kind, counts.first, counts.second);
    return out;
}

std::string json_of(const AlarmEvaluation& all) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("recordings", static_cast<std::uint64_t>(all.recordings));
    json.member("hours", seconds(all.looked_at) / 3600);
    write(json, "plain", all.plain, all.looked_at);
    write(json, "vigil", all.ours, all.looked_at);
    json.member("over_before_the_delay", all.missed);
    json.member("events", static_cast<std::uint64_t>(all.events.size()))
        .key("skipped")
        .begin_array();
    for (const auto& [file, why] : all.skipped)
        json.begin_object().member("file", file).member("why", why).end_object();
    json.end_array().end_object();
    return out;
}

}  // namespace vigil::app
