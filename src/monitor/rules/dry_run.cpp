#include "monitor/rules/dry_run.hpp"

#include <algorithm>

#include "monitor/alarms/series_watch.hpp"
#include "monitor/rules/rule_evaluator.hpp"

namespace vigil::monitor {
namespace {

// No rule changes by time alone for longer than this after the last reading: its gaps and waits
// have passed.
constexpr Nanoseconds settled_after = 2 * rule_duration_max + std::chrono::hours(4);

class Course {
public:
    explicit Course(RuleEvaluator& evaluator) : evaluator_(evaluator) {}

    void look(Timestamp now, DryRun& out) {
        const bool holds =
            evaluator_.truth() == Truth::yes || (since_ && evaluator_.truth() == Truth::unknown);
        if (holds && !since_) since_ = now;
        if (!holds && since_) close(now, false, out);
    }
    void close(Timestamp now, bool open, DryRun& out) {
        if (!since_) return;
        out.held += now - *since_;
        if (out.spans.size() < dry_run_spans_max)
            out.spans.push_back({*since_, now, open});
        else
            out.cut = true;
        since_.reset();
    }

private:
    RuleEvaluator& evaluator_;
    std::optional<Timestamp> since_;
};

}  // namespace

DryRun dry_run(const Rule& rule, const Catalogue& catalogue, const NextReading& next) {
    constexpr Nanoseconds tick = std::chrono::seconds(1);
    DryRun out;
    RuleEvaluator evaluator(rule, catalogue);
    Course course(evaluator);
    std::optional<Timestamp> first;
    Timestamp clock{};
    while (const auto reading = next()) {
        const auto time = reading->filed.filed_time;
        const auto* metric = catalogue.find(reading->filed.reading.metric);
        if (metric == nullptr || (first && time < clock)) continue;
        if (!first) first = clock = time;
        const auto stop = time - clock > settled_after ? clock + settled_after : time;
        for (auto now = clock + tick; now < stop; now += tick) {
            evaluator.on_time(now);
            course.look(now, out);
        }
        clock = time;
        ++out.readings;
        evaluator.on_time(clock);
        const auto value = measured_value(reading->filed.reading, *metric);
        constexpr auto not_good = status::signal_poor | status::questionable;
        if (value)
            evaluator.on_value({.device = reading->device,
                                .metric = metric->id,
                                .channel = reading->filed.reading.channel,
                                .value = *value,
                                .signal_good = (reading->filed.reading.status & not_good) == 0,
                                .measured = time},
                               clock);
        course.look(clock, out);
    }
    if (first) out.looked_at = clock - *first;
    course.close(clock, true, out);
    return out;
}

}  // namespace vigil::monitor
