#include <fmt/format.h>

#include <array>

#include "metric/unit.hpp"
#include "monitor/rules/rule.hpp"
#include "monitor/rules/rule_words.hpp"

namespace vigil::monitor {
namespace {

using Kind = RuleNode::Kind;

// What people at the bedside say for a metric of the catalogue.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> short_names{{
    {"hr", "heart_rate"},
    {"pr", "pulse_rate_spo2"},
    {"rr", "resp_rate"},
    {"sbp", "nibp_sys"},
    {"dbp", "nibp_dia"},
    {"map", "nibp_mean"},
    {"temp", "temp_body"},
    {"spo2", "spo2"},
}};

class Parser {
public:
    Parser(std::string_view text, const Catalogue& catalogue)
        : words_(text), catalogue_(catalogue) {}

    Result<Rule> whole() {
        VIGIL_CHECK(rule(0));
        if (words_.next().kind != RuleWord::Kind::end) return refuse("and, or or the end");
        return Rule{std::move(nodes_)};
    }

private:
    using Index = std::uint8_t;

    tl::unexpected<Error> refuse(std::string_view expected) const {
        const auto& word = words_.next();
        return fail(Error::Kind::malformed,
                    word.kind == RuleWord::Kind::end
                        ? fmt::format("the rule ends where {} should stand", expected)
                        : fmt::format("\"{}\" stands where {} should", word.text, expected),
                    fmt::format("character {}", word.at + 1));
    }

    Result<Index> add(RuleNode node) {
        if (nodes_.size() >= rule_nodes_max)
            return fail(Error::Kind::too_large, "a rule has at most 32 parts",
                        fmt::format("character {}", words_.next().at + 1));
        nodes_.push_back(node);
        return static_cast<Index>(nodes_.size() - 1);
    }

    Result<Index> rule(std::size_t depth) {
        if (depth > rule_depth_max)
            return fail(Error::Kind::too_large, "brackets and nots go at most 8 deep",
                        fmt::format("character {}", words_.next().at + 1));
        VIGIL_TRY(first, conjunction(depth));
        auto left = first;
        while (words_.take_if("or")) {
            VIGIL_TRY(right, conjunction(depth));
            VIGIL_TRY(both, add({.kind = Kind::any, .left = left, .right = right}));
            left = both;
        }
        return left;
    }

    Result<Index> conjunction(std::size_t depth) {
        VIGIL_TRY(first, unary(depth));
        auto left = first;
        while (words_.take_if("and")) {
            VIGIL_TRY(right, unary(depth));
            VIGIL_TRY(both, add({.kind = Kind::all, .left = left, .right = right}));
            left = both;
        }
        return left;
    }

    Result<Index> unary(std::size_t depth) {
        if (words_.take_if("not")) {
            if (depth >= rule_depth_max) return rule(depth + 1);  // says that it is too deep
            VIGIL_TRY(below, unary(depth + 1));
            return add({.kind = Kind::negated, .left = below});
        }
        if (words_.next().kind != RuleWord::Kind::open) return condition();
        words_.take();
        VIGIL_TRY(below, rule(depth + 1));
        if (words_.next().kind != RuleWord::Kind::close) return refuse("a closing bracket");
        words_.take();
        if (!words_.take_if("for")) return below;
        VIGIL_TRY(lasting, duration());
        return add({.kind = Kind::group, .left = below, .duration = lasting});
    }

    Result<Index> condition() {
        VIGIL_TRY(metric, a_metric());
        RuleNode node{.metric = metric->id};
        if (words_.take_if("missing")) {
            node.kind = Kind::missing;
            if (!words_.take_if("for")) return refuse("for and how long");
            VIGIL_TRY(lasting, duration());
            node.duration = lasting;
            return add(node);
        }
        if (words_.is("rising") || words_.is("falling")) {
            node.kind = words_.take_if("rising") ? Kind::rising : Kind::falling;
            if (node.kind == Kind::falling) words_.take();
            return trend(node, *metric);
        }
        VIGIL_TRY(comparison, a_comparison("<, >, rising, falling or missing"));
        node.comparison = comparison;
        VIGIL_TRY(bound, amount(*metric, true));
        node.bound = bound;
        for (bool lasts = false;;) {
            if (!lasts && words_.take_if("for")) {
                lasts = true;
                VIGIL_TRY(lasting, duration());
                node.duration = lasting;
            } else if (node.gate == RuleNode::Gate::none && words_.is("while")) {
                VIGIL_CHECK(gate(node));
            } else {
                return add(node);
            }
        }
    }

    Result<Index> trend(RuleNode node, const Metric& metric) {
        VIGIL_TRY(change, amount(metric, false));
        if (change <= Decimal{})
            return fail(Error::Kind::malformed,
                        "a change is more than 0: rising or falling says where to",
                        fmt::format("character {}", words_.next().at + 1));
        node.bound = change;
        if (!words_.take_if("over")) return refuse("over and how long");
        VIGIL_TRY(window, duration());
        node.duration = window;
        if (words_.is("while")) VIGIL_CHECK(gate(node));
        return add(node);
    }

    Result<void> gate(RuleNode& node) {
        words_.take();  // while
        if (words_.take_if("signal")) {
            if (!words_.take_if("good")) return refuse("good");
            node.gate = RuleNode::Gate::signal_good;
            return {};
        }
        VIGIL_TRY(metric, a_metric());
        node.gate = RuleNode::Gate::metric;
        node.gate_metric = metric->id;
        VIGIL_TRY(comparison, a_comparison("<, <=, > or >="));
        node.gate_comparison = comparison;
        VIGIL_TRY(bound, amount(*metric, true));
        node.gate_bound = bound;
        return {};
    }

    Result<const Metric*> a_metric() {
        if (words_.next().kind != RuleWord::Kind::name) return refuse("a metric");
        std::string key(words_.next().text);
        for (auto& c : key) c = RuleWords::lower(c);
        for (const auto& [shorter, whole] : short_names)
            if (key == shorter) key = whole;
        const auto* metric = catalogue_.find(key);
        if (metric == nullptr || metric->kind != MetricKind::numeric)
            return refuse("a metric of the catalogue that is a number");
        words_.take();
        return metric;
    }

    Result<Comparison> a_comparison(std::string_view expected) {
        if (words_.next().kind != RuleWord::Kind::comparison) return refuse(expected);
        const auto word = words_.take().text;
        const bool equal = word.size() == 2;
        if (word.front() == '<') return equal ? Comparison::less_or_equal : Comparison::less;
        return equal ? Comparison::greater_or_equal : Comparison::greater;
    }

    Result<Decimal> a_number() {
        if (words_.next().kind != RuleWord::Kind::number) return refuse("a number");
        auto number = parse_decimal(words_.next().text);
        if (!number) return refuse("a number such as 90 or 37.5");
        words_.take();
        return *number;
    }

    bool at_keyword() const {
        for (const auto* keyword : {"for", "over", "while", "and", "or"})
            if (words_.is(keyword)) return true;
        return false;
    }

    // In the metric's unit; another one of the same quantity is converted, but for changes, where a
    // zero of its own (°F) would come in.
    Result<Decimal> amount(const Metric& metric, bool converts) {
        VIGIL_TRY(number, a_number());
        const auto kind = words_.next().kind;
        const bool has_unit =
            (kind == RuleWord::Kind::name || kind == RuleWord::Kind::other) && !at_keyword();
        if (!has_unit) return number;
        const auto expected = fmt::format("{} (or no unit)", units::at(metric.unit).shown);
        const auto unit = units::find(words_.next().text);
        if (!unit) return refuse(expected);
        if (*unit != metric.unit) {
            if (!converts) return refuse(expected);
            auto converted = units::convert(number, *unit, metric.unit, metric.molar_mass);
            if (!converted) return refuse(expected);
            words_.take();
            return *converted;
        }
        words_.take();
        return number;
    }

    Result<Nanoseconds> duration() {
        VIGIL_TRY(number, a_number());
        std::int64_t unit_ms = 0;
        if (words_.is("s")) unit_ms = 1'000;
        if (words_.is("min")) unit_ms = 60'000;
        if (words_.is("h")) unit_ms = 3'600'000;
        if (unit_ms == 0) return refuse("s, min or h");
        const auto milliseconds = number.to_double() * static_cast<double>(unit_ms);
        const auto longest =
            std::chrono::duration_cast<std::chrono::milliseconds>(rule_duration_max);
        if (milliseconds < 1'000 || milliseconds > static_cast<double>(longest.count()))
            return refuse("a time of 1 s to 1 h");
        words_.take();
        return std::chrono::milliseconds(static_cast<std::int64_t>(milliseconds));
    }

    RuleWords words_;
    const Catalogue& catalogue_;
    std::vector<RuleNode> nodes_;
};

}  // namespace

Result<Rule> parse_rule(std::string_view text, const Catalogue& catalogue) {
    if (text.size() > rule_text_bytes_max)
        return fail(Error::Kind::too_large, "a rule has at most 1,000 bytes");
    return Parser(text, catalogue).whole();
}

bool holds(Comparison comparison, const Decimal& value, const Decimal& bound) {
    switch (comparison) {
        case Comparison::less:
            return value < bound;
        case Comparison::less_or_equal:
            return value <= bound;
        case Comparison::greater:
            return value > bound;
        case Comparison::greater_or_equal:
            return value >= bound;
    }
    return false;
}

}  // namespace vigil::monitor
