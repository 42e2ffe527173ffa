#include "signal/evaluation/episode_comparison.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace vigil::rhythm {
namespace {

double shared(const Episode& a, const Episode& b) {
    return std::max(0.0, std::min(a.to_s, b.to_s) - std::max(a.from_s, b.from_s));
}

double shared(const Episode& episode, std::span<const Episode> others) {
    return std::accumulate(
        others.begin(), others.end(), 0.0,
        [&](double sum, const Episode& other) { return sum + shared(episode, other); });
}

double length(std::span<const Episode> episodes) {
    return std::accumulate(
        episodes.begin(), episodes.end(), 0.0,
        [](double sum, const Episode& each) { return sum + each.to_s - each.from_s; });
}

std::vector<Episode> within(std::span<const Episode> episodes, const EpisodeRules& rules) {
    std::vector<Episode> cut;
    for (auto each : episodes) {
        each.from_s = std::max(each.from_s, rules.from_s);
        each.to_s = std::min(each.to_s, rules.to_s);
        if (each.to_s > each.from_s) cut.push_back(each);
    }
    return cut;
}

std::optional<double> percent(double part, double whole) {
    if (!(whole > 0)) return std::nullopt;
    return 100 * part / whole;
}

}  // namespace

EpisodeComparison compare_episodes(std::span<const Episode> reference,
                                   std::span<const Episode> test, std::span<const Episode> left_out,
                                   const EpisodeRules& rules) {
    const auto wanted = within(reference, rules), called = within(test, rules),
               ignored = within(left_out, rules);
    EpisodeComparison result;
    result.reference_s = length(wanted);
    result.other_s = rules.to_s - rules.from_s - result.reference_s - length(ignored);
    for (const auto& each : wanted) {
        if (each.to_s - each.from_s < rules.reference_s_min) continue;
        ++result.reference_count;
        result.found_count += shared(each, called) > 0 ? 1 : 0;
    }
    for (const auto& each : called) {
        const double out = shared(each, ignored), hit = shared(each, wanted);
        result.test_s += each.to_s - each.from_s - out;
        result.shared_s += hit;
        if (out > (each.to_s - each.from_s) / 2) continue;
        ++result.test_count;
        result.true_count += hit > 0 ? 1 : 0;
    }
    return result;
}

EpisodeComparison& EpisodeComparison::operator+=(const EpisodeComparison& other) {
    reference_count += other.reference_count;
    found_count += other.found_count;
    test_count += other.test_count;
    true_count += other.true_count;
    reference_s += other.reference_s;
    test_s += other.test_s;
    shared_s += other.shared_s;
    other_s += other.other_s;
    return *this;
}

std::optional<double> EpisodeComparison::episode_sensitivity() const {
    return percent(static_cast<double>(found_count), static_cast<double>(reference_count));
}
std::optional<double> EpisodeComparison::episode_positive_predictivity() const {
    return percent(static_cast<double>(true_count), static_cast<double>(test_count));
}
std::optional<double> EpisodeComparison::duration_sensitivity() const {
    return percent(shared_s, reference_s);
}
std::optional<double> EpisodeComparison::duration_positive_predictivity() const {
    return percent(shared_s, test_s);
}
std::optional<double> EpisodeComparison::duration_specificity() const {
    return percent(other_s - (test_s - shared_s), other_s);
}

}  // namespace vigil::rhythm
