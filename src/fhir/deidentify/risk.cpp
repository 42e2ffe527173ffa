#include "fhir/deidentify/risk.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

namespace vigil::fhir::deidentify {
namespace {

constexpr std::uint32_t none = 0xFFFF'FFFF;  // the value of who has none

using Distribution = std::unordered_map<std::uint32_t, double>;  // of a value, persons or share

std::span<const std::uint32_t> values_of(const RiskTable::Sensitive& sensitive,
                                         std::size_t person) {
    static constexpr std::uint32_t only_none[] = {none};
    const auto& values = sensitive.of[person];
    if (values.empty()) return only_none;
    return values;
}

struct Part {
    Distribution times;  // persons who have the value
    double all = 0;      // values, counting each person's
};

void count(Part& part, const RiskTable::Sensitive& sensitive, std::size_t person) {
    for (const auto value : values_of(sensitive, person)) {
        part.times[value] += 1;
        part.all += 1;
    }
}

double entropy_of(const Part& part) {
    double entropy = 0;
    for (const auto& [value, times] : part.times) {
        const auto share = times / part.all;
        entropy -= share * std::log(share);
    }
    return entropy;
}

// With equal distances the earth mover's is half of what the shares differ by.
double distance(const Part& part, const Part& whole) {
    double differ = 0;
    for (const auto& [value, times] : whole.times) {
        const auto found = part.times.find(value);
        const auto share = found == part.times.end() ? 0 : found->second / part.all;
        differ += std::abs(share - times / whole.all);
    }
    return differ / 2;
}

Diversity diversity_of(const RiskTable::Sensitive& sensitive,
                       const std::vector<std::vector<std::size_t>>& members) {
    Part whole;
    for (const auto& one : members)
        for (const auto person : one) count(whole, sensitive, person);
    Diversity least{.name = sensitive.name, .distinct = none, .entropy = HUGE_VAL};
    for (const auto& one : members) {
        Part part;
        for (const auto person : one) count(part, sensitive, person);
        const bool is_known = std::ranges::any_of(part.times, [&one](const auto& value) {
            return value.second >= static_cast<double>(one.size());
        });
        const auto distinct = is_known ? 1 : static_cast<std::uint32_t>(part.times.size());
        least.distinct = std::min(least.distinct, distinct);
        least.entropy = std::min(least.entropy, std::exp(entropy_of(part)));
        least.closeness = std::max(least.closeness, distance(part, whole));
    }
    return least;
}

}  // namespace

Classes classes_of(const RiskTable& table, std::span<const std::uint8_t> levels) {
    Classes classes;
    classes.of.assign(table.persons, 0);
    std::unordered_map<std::uint64_t, std::uint32_t> numbers;
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
        const auto& values = table.columns[column].levels[levels[column]];
        numbers.clear();
        for (std::size_t person = 0; person < table.persons; ++person) {
            const auto pair = (std::uint64_t{classes.of[person]} << 32U) | values[person];
            const auto next = static_cast<std::uint32_t>(numbers.size());
            classes.of[person] = numbers.try_emplace(pair, next).first->second;
        }
    }
    for (const auto of : classes.of) {
        if (of >= classes.sizes.size()) classes.sizes.resize(of + std::size_t{1});
        ++classes.sizes[of];
    }
    return classes;
}

Measures measure(const RiskTable& table, const Classes& classes, std::uint32_t class_min,
                 double sampling_fraction) {
    Measures found;
    std::vector<std::vector<std::size_t>> members(classes.sizes.size());
    for (std::size_t person = 0; person < table.persons; ++person) {
        const auto of = classes.of[person];
        if (classes.sizes[of] >= class_min) members[of].push_back(person);
    }
    std::erase_if(members, [](const auto& one) { return one.empty(); });
    found.classes = members.size();
    if (members.empty()) return found;
    found.k = none;
    for (const auto& one : members) {
        found.persons += one.size();
        found.k = std::min(found.k, static_cast<std::uint32_t>(one.size()));
    }
    found.prosecutor = 1.0 / found.k;
    found.journalist = std::min(1.0, found.prosecutor * sampling_fraction);
    found.marketer = static_cast<double>(found.classes) / static_cast<double>(found.persons);
    for (const auto& sensitive : table.sensitive)
        found.diversity.push_back(diversity_of(sensitive, members));
    return found;
}

}  // namespace vigil::fhir::deidentify
