#pragma once
// Comparison of episodes of a rhythm with a reference by the rules of ANSI/AAMI EC57:2012 4.5 as
// WFDB's comparator epicmp applies them.

#include <cstdint>
#include <optional>
#include <span>

namespace vigil::rhythm {

struct Episode {
    double from_s = 0, to_s = 0;
};

struct EpisodeComparison {
    // An episode is found if one of the other side shares any time with it.
    std::uint64_t reference_count = 0, found_count = 0;
    std::uint64_t test_count = 0, true_count = 0;
    double reference_s = 0, test_s = 0, shared_s = 0;
    double other_s = 0;  // neither reference nor left out

    EpisodeComparison& operator+=(const EpisodeComparison& other);  // gross: sums over records

    // In percent; none without anything to be a share of.
    std::optional<double> episode_sensitivity() const;
    std::optional<double> episode_positive_predictivity() const;
    std::optional<double> duration_sensitivity() const;
    std::optional<double> duration_positive_predictivity() const;
    std::optional<double> duration_specificity() const;  // of the time without, what was called so
};

struct EpisodeRules {
    double from_s = 0, to_s = 0;  // the part of the record that is scored
    // Reference episodes that are shorter are not asked for; their time is.
    double reference_s_min = 0;
};

// All in the order of time, none overlapping another of its list. `left_out`: time that counts for
// neither side (EC57: atrial flutter where fibrillation is compared); a test episode of which more
// than half lies there is not counted.
EpisodeComparison compare_episodes(std::span<const Episode> reference,
                                   std::span<const Episode> test, std::span<const Episode> left_out,
                                   const EpisodeRules& rules);

}  // namespace vigil::rhythm
