#include "app/evaluate_alarms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <system_error>

#include "app/read_file.hpp"

namespace vigil::app {
namespace {

namespace fs = std::filesystem;

// Recordings have no date of their own.
constexpr Timestamp midnight = from_unix_ns(1'772'323'200'000'000'000);  // 2026-03-01
constexpr DeviceId bedside_monitor{1};
constexpr std::size_t columns_max = 64;
constexpr double seconds_max = 366.0 * 86'400;  // and as many before 0

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::vector<std::string_view> cells_of(std::string_view line) {
    std::vector<std::string_view> cells;
    for (;;) {
        const auto comma = line.find(',');
        cells.push_back(trimmed(line.substr(0, comma)));
        if (comma == std::string_view::npos || cells.size() == columns_max) return cells;
        line.remove_prefix(comma + 1);
    }
}

std::string_view next_line(std::string_view& text) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
}

const Metric* metric_named(std::string_view name, const Catalogue& catalogue) {
    static const std::map<std::string_view, std::string_view> bidmc{
        {"HR", "heart_rate"}, {"PULSE", "pulse_rate"}, {"RESP", "resp_rate"}, {"SpO2", "spo2"}};
    const auto known = bidmc.find(name);
    return catalogue.find(known != bidmc.end() ? known->second : name);
}

Result<Timestamp> time_of(std::string_view cell) {
    const auto seconds = parse_decimal(cell);
    if (!seconds || std::abs(seconds->to_double()) > seconds_max)
        return fail(Error::Kind::malformed, "not seconds");
    const std::chrono::duration<double> from_midnight(seconds->to_double());
    return midnight + std::chrono::duration_cast<Nanoseconds>(from_midnight);
}

}  // namespace

Result<VitalsRecording> read_vitals(std::string name, std::string_view csv,
                                    const Catalogue& catalogue) {
    VitalsRecording recording{.name = std::move(name), .readings = {}, .events = {}};
    const auto head = cells_of(next_line(csv));
    if (head.size() < 2 || !head[0].starts_with("Time"))
        return fail(Error::Kind::unsupported, "its first line names no column Time");
    std::vector<const Metric*> metrics;
    for (const auto& cell : head) metrics.push_back(metric_named(cell, catalogue));
    auto last = Timestamp::min();
    for (std::size_t number = 2; !csv.empty(); ++number) {
        const auto cells = cells_of(next_line(csv));
        if (cells.size() == 1 && cells[0].empty()) continue;
        const auto time = time_of(cells[0]);
        if (!time || *time < last)
            return fail(Error::Kind::malformed, "no time, or one before the last",
                        fmt::format("line {}", number));
        last = *time;
        for (std::size_t i = 1; i < cells.size() && i < metrics.size(); ++i) {
            const auto value = parse_decimal(cells[i]);
            if (metrics[i] == nullptr || !value) continue;
            FiledReading filed;
            filed.reading.metric = metrics[i]->id;
            filed.reading.value = NumericValue{*value, metrics[i]->unit};
            filed.filed_time = *time;
            recording.readings.push_back({bedside_monitor, std::move(filed)});
        }
    }
    if (recording.readings.empty())
        return fail(Error::Kind::malformed, "there is no value of a known name in it");
    return recording;
}

std::vector<monitor::ReferenceEvent> severe_events(const VitalsRecording& recording,
                                                   const Catalogue& catalogue) {
    std::vector<monitor::ReferenceEvent> events;
    for (const auto& severe : severe_limits) {
        const auto metric = catalogue.find(severe.metric)->id;
        monitor::ReferenceEvent open{.kind = std::string(severe.kind)};
        bool is_open = false;
        const auto close = [&] {
            if (is_open && open.to - open.from >= severe_for) events.push_back(open);
            is_open = false;
        };
        for (const auto& [device, filed] : recording.readings) {
            const auto* value = std::get_if<NumericValue>(&filed.reading.value);
            if (filed.reading.metric != metric || value == nullptr) continue;
            const Decimal limit{severe.limit, 0};
            if (severe.is_low ? value->value < limit : value->value > limit) {
                if (!is_open) open.from = filed.filed_time;
                open.to = filed.filed_time;
                is_open = true;
            } else {
                close();
            }
        }
        close();
    }
    return events;
}

namespace {

// The same limits as a monitor without delays has them.
std::vector<monitor::LimitSetting> without_delays(std::vector<monitor::LimitSetting> settings) {
    for (auto& setting : settings) {
        setting.limit.on_delay = setting.limit.off_delay = Nanoseconds::zero();
        setting.limit.hysteresis = {};
    }
    return settings;
}

}  // namespace

Result<void> add(AlarmEvaluation& sum, const monitor::MonitorTables& tables,
                 monitor::AgeClass age_class, VitalsRecording recording) {
    const auto defaults = tables.limits.defaults(age_class);
    std::size_t next = 0;
    VIGIL_TRY(found, monitor::what_if(
                         tables, {.settings = without_delays(defaults)}, {.settings = defaults},
                         [&]() -> std::optional<monitor::PastReading> {
                             if (next == recording.readings.size()) return std::nullopt;
                             return recording.readings[next++];
                         },
                         std::move(recording.events)));
    for (const auto& one : found.conditions) {
        const auto* condition = tables.conditions.find(one.condition);
        const bool is_technical = condition != nullptr &&
                                  condition->condition_class == monitor::ConditionClass::technical;
        (is_technical ? sum.plain.technical : sum.plain.physiological) += one.alarms_before;
        (is_technical ? sum.ours.technical : sum.ours.physiological) += one.alarms_after;
        if (is_technical) continue;
        sum.missed += one.missed;
        sum.plain.in_alarm += one.sounding_before;
        sum.ours.in_alarm += one.sounding_after;
    }
    for (auto& event : found.events) {
        for (auto [burden, detected] : {std::pair{&sum.plain, event.detected_before},
                                        std::pair{&sum.ours, event.detected_after}}) {
            if (!detected) continue;
            burden->detected += 1;
            burden->after.push_back(*detected);
        }
        sum.events.push_back(std::move(event));
    }
    sum.recordings += 1;
    sum.looked_at += found.looked_at;
    return {};
}

namespace {

// "record,from_s,to_s,kind", a line each.
Result<std::map<std::string, std::vector<monitor::ReferenceEvent>, std::less<>>> read_events(
    std::string_view csv) {
    std::map<std::string, std::vector<monitor::ReferenceEvent>, std::less<>> events;
    next_line(csv);
    for (std::size_t number = 2; !csv.empty(); ++number) {
        const auto cells = cells_of(next_line(csv));
        if (cells.size() == 1 && cells[0].empty()) continue;
        const auto from = time_of(cells.size() > 1 ? cells[1] : "");
        const auto to = time_of(cells.size() > 2 ? cells[2] : "");
        if (!from || !to || *to < *from)
            return fail(Error::Kind::malformed, "takes record,from_s,to_s,kind",
                        fmt::format("line {}", number));
        events[std::string(cells[0])].push_back(
            {.from = *from, .to = *to, .kind = std::string(cells.size() > 3 ? cells[3] : "")});
    }
    return events;
}

Result<AlarmEvaluation> run(const EvaluateAlarmsOptions& options) {
    std::error_code failure;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(options.folder, failure))
        if (entry.path().extension() == ".csv") files.push_back(entry.path());
    if (failure)
        return fail(Error::Kind::not_found, "the folder cannot be read: " + failure.message(),
                    options.folder);
    std::ranges::sort(files);
    const auto age_class = monitor::from_word<monitor::AgeClass>(options.age_class);
    if (!age_class)
        return fail(Error::Kind::malformed, "takes adult, paediatric or neonate", "--age-class");
    std::map<std::string, std::vector<monitor::ReferenceEvent>, std::less<>> annotated;
    if (!options.events.empty()) {
        VIGIL_TRY(text, read_file(options.events));
        VIGIL_TRY(read, read_events(text));
        annotated = std::move(read);
    }
    const Catalogue catalogue;
    const monitor::MonitorTables tables(catalogue);
    AlarmEvaluation sum;
    for (const auto& file : files) {
        VIGIL_TRY(text, read_file(file.string()));
        auto recording = read_vitals(file.stem().string(), text, catalogue);
        if (!recording && recording.error().kind == Error::Kind::unsupported) continue;
        if (!recording) {
            sum.skipped.push_back(
                {file.filename().string(),
                 fmt::format("{} {}", recording.error().place, recording.error().message)});
            continue;
        }
        if (options.events.empty())
            recording->events = severe_events(*recording, catalogue);
        else if (const auto of = annotated.find(recording->name); of != annotated.end())
            recording->events = of->second;
        VIGIL_CHECK(add(sum, tables, *age_class, std::move(*recording)));
    }
    if (sum.recordings > 0) return sum;
    return fail(Error::Kind::not_found,
                "there are no recordings in the folder: CSV files whose first line is such as "
                "Time [s],HR,RESP,SpO2",
                options.folder);
}

}  // namespace

int evaluate_alarms(const EvaluateAlarmsOptions& options, Output output) {
    const auto evaluation = run(options);
    if (!evaluation) return report(evaluation.error());
    for (const auto& [file, why] : evaluation->skipped)
        fmt::print(stderr, "vigil: {} is left out: {}\n", file, why);
    fmt::print("{}", output.json ? json_of(*evaluation) + "\n" : text_of(*evaluation));
    return 0;
}

}  // namespace vigil::app
