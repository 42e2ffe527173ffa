#include "monitor/rules/rule_evaluator.hpp"

#include <algorithm>

#include "metric/freshness.hpp"

namespace vigil::monitor {
namespace {

using Kind = RuleNode::Kind;

Truth both(Truth a, Truth b) {
    if (a == Truth::no || b == Truth::no) return Truth::no;
    return a == Truth::yes && b == Truth::yes ? Truth::yes : Truth::unknown;
}
Truth negated(Truth a) {
    if (a == Truth::unknown) return a;
    return a == Truth::yes ? Truth::no : Truth::yes;
}

bool is_trend(const RuleNode& node) {
    return node.kind == Kind::rising || node.kind == Kind::falling;
}
bool is_leaf(const RuleNode& node) {
    return node.kind <= Kind::missing;
}

double seconds(Nanoseconds d) {
    return static_cast<double>(d.count()) / 1e9;
}

}  // namespace

RuleEvaluator::RuleEvaluator(const Rule& rule, const Catalogue& catalogue)
    : rule_(&rule), catalogue_(&catalogue), states_(rule.nodes.size()) {
    const auto use = [&](MetricId metric) {
        if (metric && !uses(metric)) sources_.push_back({.metric = metric});
    };
    for (const auto& node : rule.nodes) {
        use(node.metric);
        use(node.gate_metric);
    }
}

bool RuleEvaluator::uses(MetricId metric) const {
    return std::ranges::find(sources_, metric, &Source::metric) != sources_.end();
}
bool RuleEvaluator::hears(DeviceId device) const {
    return std::ranges::any_of(sources_, [&](const Source& s) {
        return s.device == device && s.data.heard != Timestamp::min();
    });
}
RuleEvaluator::Source& RuleEvaluator::source(MetricId metric) {
    return *std::ranges::find(sources_, metric, &Source::metric);
}
const RuleEvaluator::Source& RuleEvaluator::source(MetricId metric) const {
    return *std::ranges::find(sources_, metric, &Source::metric);
}

// A cuff's value counts as long as it looks fresh on a screen.
Nanoseconds RuleEvaluator::gap(MetricId metric) const {
    const auto live = default_data_gap(catalogue_->at(metric).expected_interval);
    return live > Nanoseconds::zero() ? live : episodic_interval;
}

void RuleEvaluator::on_value(const RuleValue& value, Timestamp now) {
    if (!uses(value.metric)) return;
    on_time(now);
    auto& from = source(value.metric);
    const bool another = from.device != value.device || from.channel != value.channel;
    if (another && from.data.heard != Timestamp::min() && !from.data.silent) return;
    if (!another && !from.data.counts(value.measured)) return;
    from.device = value.device;
    from.channel = value.channel;
    (void)from.data.on_value(value.measured, now);
    from.last.reset();
    if (value.value.range == MeasuredValue::Range::within) from.last = value.value.value;
    newest_ = std::max(newest_, value.measured);
    for (std::size_t i = 0; i < states_.size(); ++i) {
        const auto& node = rule_->nodes[i];
        if (!is_leaf(node) || node.metric != value.metric || node.kind == Kind::missing) continue;
        if (!gate_open(node, value)) continue;  // an artefact: as if there were no value
        if (is_trend(node))
            trend(node, states_[i], value);
        else
            compare(node, states_[i], value);
    }
    combine(now);
}

void RuleEvaluator::on_time(Timestamp now) {
    bool changed = false;
    for (auto& from : sources_) {
        if (from.data.on_time(now, gap(from.metric)) != DataChange::went_silent) continue;
        changed = true;
        for (std::size_t i = 0; i < states_.size(); ++i) {
            const auto& node = rule_->nodes[i];
            if (!is_leaf(node) || node.metric != from.metric) continue;
            auto& state = states_[i];
            state.held = state.truth == Truth::yes || (state.truth == Truth::unknown && state.held);
            state.truth = Truth::unknown;
            state.since.reset();
            state.points.clear();
        }
    }
    for (const auto& node : rule_->nodes) changed = changed || node.kind == Kind::missing;
    if (changed) combine(now);
}

bool RuleEvaluator::gate_open(const RuleNode& node, const RuleValue& value) const {
    switch (node.gate) {
        case RuleNode::Gate::none:
            return true;
        case RuleNode::Gate::signal_good:
            return value.signal_good;
        case RuleNode::Gate::metric:
            break;
    }
    const auto& from = source(node.gate_metric);
    return from.last && !from.data.silent &&
           holds(node.gate_comparison, *from.last, node.gate_bound);
}

void RuleEvaluator::compare(const RuleNode& node, State& state, const RuleValue& value) const {
    const bool wants_less =
        node.comparison == Comparison::less || node.comparison == Comparison::less_or_equal;
    const bool is = value.value.range == MeasuredValue::Range::within
                        ? holds(node.comparison, value.value.value, node.bound)
                        : (value.value.range == MeasuredValue::Range::below) == wants_less;
    if (!is) {
        state.since.reset();
        state.held = false;
        state.truth = Truth::no;
        return;
    }
    if (!state.since) state.since = value.measured;
    const bool lasts = state.held || value.measured - *state.since >= node.duration;
    state.held = state.held && lasts;
    state.truth = lasts ? Truth::yes : Truth::no;
}

// The change over the window by the line of least squares through its points: one artefact moves
// it by a tenth of itself. Not known before the points span four fifths of the window.
void RuleEvaluator::trend(const RuleNode& node, State& state, const RuleValue& value) const {
    if (value.value.range != MeasuredValue::Range::within) return;
    auto& points = state.points;
    const auto apart = node.duration / static_cast<std::int64_t>(trend_points_max - 1);
    const auto from = value.measured - node.duration;
    std::erase_if(points, [&](const Point& p) { return p.time < from; });
    const Point point{value.measured, value.value.value.to_double()};
    if (points.empty() || point.time - points.back().time >= apart) points.push_back(point);
    if (points.size() > trend_points_max) points.erase(points.begin());
    const auto span = points.back().time - points.front().time;
    if (points.size() < 4 || span < node.duration / 5 * 4) {
        state.truth = Truth::unknown;
        return;
    }
    double mean_time = 0, mean_value = 0, above = 0, below = 0;
    for (const auto& p : points) {
        mean_time += seconds(p.time - from);
        mean_value += p.value;
    }
    mean_time /= static_cast<double>(points.size());
    mean_value /= static_cast<double>(points.size());
    for (const auto& p : points) {
        const double t = seconds(p.time - from) - mean_time;
        above += t * (p.value - mean_value);
        below += t * t;
    }
    const double change = above / below * seconds(node.duration);
    const double wanted = node.bound.to_double();
    const bool is = node.kind == Kind::rising ? change >= wanted : change <= -wanted;
    state.truth = is ? Truth::yes : Truth::no;
}

Truth RuleEvaluator::group(const RuleNode& node, State& state, Truth below) const {
    if (below == Truth::unknown) {
        state.held = state.held || state.truth == Truth::yes;
        state.since.reset();
        return Truth::unknown;
    }
    if (below == Truth::no) {
        state.held = false;
        state.since.reset();
        return Truth::no;
    }
    if (!state.since) state.since = newest_;
    const bool lasts = state.held || newest_ - *state.since >= node.duration;
    return lasts ? Truth::yes : Truth::no;
}

void RuleEvaluator::combine(Timestamp now) {
    for (std::size_t i = 0; i < states_.size(); ++i) {
        const auto& node = rule_->nodes[i];
        auto& state = states_[i];
        switch (node.kind) {
            case Kind::missing: {
                const auto& from = source(node.metric);
                if (from.data.heard == Timestamp::min()) break;  // never there: not missing yet
                state.truth = now - from.data.heard >= node.duration ? Truth::yes : Truth::no;
                break;
            }
            case Kind::all:
                state.truth = both(states_[node.left].truth, states_[node.right].truth);
                break;
            case Kind::any:
                state.truth = negated(
                    both(negated(states_[node.left].truth), negated(states_[node.right].truth)));
                break;
            case Kind::negated:
                state.truth = negated(states_[node.left].truth);
                break;
            case Kind::group:
                state.truth = group(node, state, states_[node.left].truth);
                break;
            default:
                break;
        }
    }
    truth_ = states_.back().truth;
}

bool RuleEvaluator::fits() const {
    const RuleEvaluator fresh(*rule_, *catalogue_);
    if (states_.size() != fresh.states_.size() || sources_.size() != fresh.sources_.size())
        return false;
    for (std::size_t i = 0; i < sources_.size(); ++i)
        if (sources_[i].metric != fresh.sources_[i].metric) return false;
    return std::ranges::all_of(states_, [&](const State& s) {
        return (!s.since || newest_ != Timestamp::min()) && s.points.size() <= trend_points_max &&
               std::ranges::is_sorted(s.points, {}, &Point::time);
    });
}

}  // namespace vigil::monitor
