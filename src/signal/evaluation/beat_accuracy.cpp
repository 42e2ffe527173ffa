#include "signal/evaluation/beat_accuracy.hpp"

#include <utility>

namespace vigil::ecg {

std::string_view name_of(Measure measure) {
    constexpr std::array<std::string_view, measures> names{"qrs_sensitivity",
                                                           "qrs_positive_predictivity",
                                                           "qrs_sensitivity_50_ms",
                                                           "qrs_positive_predictivity_50_ms",
                                                           "veb_sensitivity",
                                                           "veb_positive_predictivity",
                                                           "veb_false_positive_rate",
                                                           "sveb_sensitivity",
                                                           "sveb_positive_predictivity",
                                                           "sveb_false_positive_rate"};
    return names[static_cast<std::size_t>(measure)];
}

Shares shares_of(const BeatAccuracy& accuracy) {
    const auto veb = ventricular_statistics(accuracy.standard);
    const auto sveb = supraventricular_statistics(accuracy.standard);
    return {accuracy.standard.qrs_sensitivity(),
            accuracy.standard.qrs_positive_predictivity(),
            accuracy.tight.qrs_sensitivity(),
            accuracy.tight.qrs_positive_predictivity(),
            veb.sensitivity,
            veb.positive_predictivity,
            veb.false_positive_rate,
            sveb.sensitivity,
            sveb.positive_predictivity,
            sveb.false_positive_rate};
}

Percentages percentages_of(const BeatAccuracy& accuracy) {
    const auto shares = shares_of(accuracy);
    Percentages percentages;
    for (std::size_t i = 0; i < measures; ++i) percentages[i] = shares[i].percent();
    return percentages;
}

BeatAccuracy gross(std::span<const BeatAccuracy> records) {
    BeatAccuracy all;
    for (const auto& record : records) {
        all.standard += record.standard;
        all.tight += record.tight;
    }
    return all;
}

Percentages average(std::span<const BeatAccuracy> records) {
    std::array<double, measures> sums{};
    std::array<std::size_t, measures> counts{};
    for (const auto& record : records) {
        const auto percentages = percentages_of(record);
        for (std::size_t i = 0; i < measures; ++i) {
            if (!percentages[i]) continue;
            sums[i] += *percentages[i];
            ++counts[i];
        }
    }
    Percentages means;
    for (std::size_t i = 0; i < measures; ++i)
        if (counts[i] > 0) means[i] = sums[i] / static_cast<double>(counts[i]);
    return means;
}

BeatAccuracy measure_beats(std::string record, const Reference& reference,
                           std::span<const Beat> test, std::span<const SampleSpan> shutdown,
                           ComparisonSettings settings) {
    BeatAccuracy accuracy{.record = std::move(record), .standard = {}, .tight = {}};
    settings.window_s = match_window_s;
    accuracy.standard = compare_beats(reference, test, shutdown, settings);
    settings.window_s = tight_window_s;
    accuracy.tight = compare_beats(reference, test, shutdown, settings);
    return accuracy;
}

}  // namespace vigil::ecg
