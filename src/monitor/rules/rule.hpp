#pragma once
// Smart conditions: one line that combines metrics and time (docs/guides/alarm-rules.md).
//
//     SpO2 < 90 % for 15 s and RR rising 5/min over 2 min
//     not (HR > 50 while signal good) for 30 s or spo2 missing for 2 min
//
//     rule      = and { "or" and }
//     and       = unary { "and" unary }
//     unary     = "not" unary | "(" rule ")" [ "for" duration ] | condition
//     condition = metric ("<" | "<=" | ">" | ">=") number [unit] { "for" duration | gate }
//               | metric ("rising" | "falling") number [unit] "over" duration [ gate ]
//               | metric "missing" "for" duration
//     gate      = "while" "signal" "good" | "while" metric ("<" | "<=" | ">" | ">=") number [unit]
//     duration  = number ("s" | "min" | "h")
//
// Metrics are keys of the catalogue or SpO2, HR, PR, RR, SBP, DBP, MAP, TEMP; words in any case.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "metric/catalogue.hpp"

namespace vigil::monitor {

enum class Comparison : std::uint8_t { less, less_or_equal, greater, greater_or_equal };

struct RuleNode {
    enum class Kind : std::uint8_t { compare, rising, falling, missing, all, any, negated, group };
    enum class Gate : std::uint8_t { none, signal_good, metric };

    Kind kind = Kind::compare;
    std::uint8_t left = 0, right = 0;  // of all and any; the one below of negated and group
    MetricId metric{};
    Comparison comparison = Comparison::less;
    Decimal bound{};         // of compare: the limit; of rising and falling: the change
    Nanoseconds duration{};  // "for" and "over"; zero: at once
    Gate gate = Gate::none;
    MetricId gate_metric{};
    Comparison gate_comparison = Comparison::less;
    Decimal gate_bound{};
};

// Nodes stand after those below them; the last is the root.
struct Rule {
    std::vector<RuleNode> nodes;
};

constexpr std::size_t rule_text_bytes_max = 1'000;
constexpr std::size_t rule_nodes_max = 32;
constexpr std::size_t rule_depth_max = 8;
constexpr Nanoseconds rule_duration_max = std::chrono::hours(1);

// The error says what is wrong, what could stand there, and at which character.
Result<Rule> parse_rule(std::string_view text, const Catalogue& catalogue);

bool holds(Comparison comparison, const Decimal& value, const Decimal& bound);

}  // namespace vigil::monitor
