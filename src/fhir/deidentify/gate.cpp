#include "fhir/deidentify/gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace vigil::fhir::deidentify {

std::uint32_t Gate::class_min() const {
    const auto by_risk = prosecutor_max ? static_cast<std::uint32_t>(1 / *prosecutor_max) + 1 : 0U;
    return std::max({k, by_risk, 1U});
}

std::optional<Gate> gate_of(std::string_view name) {
    if (name == "public")
        return Gate{.k = 11, .prosecutor_max = 0.09, .marketer_max = 0.05, .l = 3, .t = 0.2};
    if (name == "trusted")
        return Gate{.k = 5, .prosecutor_max = {}, .marketer_max = 0.1, .l = {}, .t = {}};
    if (name == "none") return Gate{};
    return std::nullopt;
}

std::vector<GateLine> check(const Measures& measures, const Gate& gate) {
    std::vector<GateLine> lines;
    const auto below = [&lines](std::string what, double found, std::optional<double> bound) {
        if (bound)
            lines.push_back({std::move(what), fmt::format("{:.3f}", found),
                             fmt::format("below {}", *bound), found < *bound});
    };
    if (gate.k > 0)
        lines.push_back({"k-anonymity", fmt::format("{}", measures.k),
                         fmt::format("at least {}", gate.k), measures.k >= gate.k});
    below("prosecutor risk (largest)", measures.prosecutor, gate.prosecutor_max);
    below("marketer risk (mean)", measures.marketer, gate.marketer_max);
    for (const auto& one : measures.diversity) {
        if (gate.l) {
            const auto wanted = fmt::format("at least {}", *gate.l);
            lines.push_back({"l-diversity of " + one.name, fmt::format("{}", one.distinct), wanted,
                             one.distinct >= *gate.l});
            // A uniform distribution of l values comes out just below l.
            constexpr double rounding = 1e-9;
            lines.push_back({"l-diversity by entropy of " + one.name,
                             fmt::format("{:.2f}", one.entropy), wanted,
                             one.entropy + rounding >= *gate.l});
        }
        if (gate.t)
            lines.push_back({"t-closeness of " + one.name, fmt::format("{:.3f}", one.closeness),
                             fmt::format("at most {}", *gate.t), one.closeness <= *gate.t});
    }
    return lines;
}

}  // namespace vigil::fhir::deidentify
