#pragma once
// Whether a rule holds, value by value. Three answers: where data are missing it is not known, and
// an alarm that stands then stays, stale, as for any limit.

#include <cstdint>
#include <optional>
#include <vector>

#include "metric/catalogue.hpp"
#include "monitor/alarms/data_watch.hpp"
#include "monitor/alarms/limit_condition.hpp"
#include "monitor/rules/rule.hpp"

namespace vigil::monitor {

enum class Truth : std::uint8_t { no = 0, yes = 1, unknown = 2 };
constexpr bool valid(Truth truth) {
    return truth <= Truth::unknown;
}

struct RuleValue {
    DeviceId device{};
    MetricId metric{};
    std::uint16_t channel = 0;
    MeasuredValue value{};
    bool signal_good = true;
    Timestamp measured{};
};

class RuleEvaluator {
public:
    // Both outlive it.
    RuleEvaluator(const Rule& rule, const Catalogue& catalogue);

    bool uses(MetricId metric) const;
    bool hears(DeviceId device) const;  // a value of it stands in what is known
    // Values of a metric come from one device until that one is silent; others are left aside.
    void on_value(const RuleValue& value, Timestamp now);
    void on_time(Timestamp now);
    Truth truth() const { return truth_; }

    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("sources", self.sources_);
        visit("states", self.states_);
        visit("newest", self.newest_);
        visit("truth", self.truth_);
    }
    // After reading: whether the state is one of this rule.
    bool fits() const;

    // A trend is looked at on so many points of its window, evenly apart.
    static constexpr std::size_t trend_points_max = 60;

private:
    struct Source {
        MetricId metric{};
        DeviceId device{};
        std::uint16_t channel = 0;
        DataWatch data{};
        std::optional<Decimal> last{};  // none: beyond the device's range, or none yet
        template <class V, class Self>
        static void members(V& visit, Self& self) {
            visit("metric", self.metric);
            visit("device", self.device);
            visit("channel", self.channel);
            visit("data", self.data);
            visit("last", self.last);
        }
    };
    struct Point {
        Timestamp time{};
        double value = 0;
        template <class V, class Self>
        static void members(V& visit, Self& self) {
            visit("time", self.time);
            visit("value", self.value);
        }
    };
    struct State {
        Truth truth = Truth::unknown;
        bool held = false;  // it was true when its data stopped: true again needs no new delay
        std::optional<Timestamp> since{};
        std::vector<Point> points{};
        template <class V, class Self>
        static void members(V& visit, Self& self) {
            visit("truth", self.truth);
            visit("held", self.held);
            visit("since", self.since);
            visit("points", self.points);
        }
    };

    Source& source(MetricId metric);
    const Source& source(MetricId metric) const;
    Nanoseconds gap(MetricId metric) const;
    bool gate_open(const RuleNode& node, const RuleValue& value) const;
    void compare(const RuleNode& node, State& state, const RuleValue& value) const;
    void trend(const RuleNode& node, State& state, const RuleValue& value) const;
    void combine(Timestamp now);
    Truth group(const RuleNode& node, State& state, Truth below) const;

    const Rule* rule_;
    const Catalogue* catalogue_;
    std::vector<Source> sources_;          // one for each metric of the rule
    std::vector<State> states_;            // one for each node
    Timestamp newest_ = Timestamp::min();  // measured, of any metric
    Truth truth_ = Truth::unknown;
};

}  // namespace vigil::monitor
