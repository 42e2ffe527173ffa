#include "signal/evaluation/beat_comparison.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

namespace vigil::ecg {
namespace {

std::size_t place(BeatClass beat_class) {
    return static_cast<std::size_t>(beat_class);
}

bool is_in(std::span<const SampleSpan> spans, std::int64_t sample) {
    return std::ranges::any_of(
        spans, [&](const SampleSpan& s) { return s.begin <= sample && sample <= s.end; });
}

class Pairing {
public:
    Pairing(const Reference& reference, std::span<const Beat> test,
            std::span<const SampleSpan> shutdown, const ComparisonSettings& settings)
        : settings_(settings),
          shutdown_(shutdown),
          window_(std::llround(settings.window_s * settings.sample_hz)) {
        for (const auto& beat : reference.beats)
            if (beat.sample >= settings.begin && beat.sample < settings.end &&
                !is_in(reference.fibrillation, beat.sample))
                reference_.push_back(beat);
        // One just before the beginning may belong to the first reference beat.
        for (const auto& beat : test)
            if (beat.sample >= settings.begin - window_ && beat.sample < settings.end &&
                !is_in(reference.fibrillation, beat.sample))
                test_.push_back(beat);
    }

    Comparison run() {
        while (at_ < reference_.size() || test_at_ < test_.size()) step();
        return result_;
    }

private:
    static constexpr std::int64_t never = std::int64_t{1} << 60;

    std::int64_t reference_time(std::size_t ahead) const {
        return at_ + ahead < reference_.size() ? reference_[at_ + ahead].sample : never;
    }
    std::int64_t test_time(std::size_t ahead) const {
        return test_at_ + ahead < test_.size() ? test_[test_at_ + ahead].sample : never;
    }

    // The earlier of the next two is paired with the other, unless the one after it is closer to
    // that and is not better off with its own next.
    void step() {
        const auto ref = reference_time(0);
        const auto test = test_time(0);
        const bool test_first = test < ref;
        const auto later = test_first ? ref : test;
        const auto rival = test_first ? test_time(1) : reference_time(1);
        const auto rivals_own = test_first ? reference_time(1) : test_time(1);
        const auto distance = std::abs(ref - test);
        if (distance <= window_ && (distance < std::abs(later - rival) ||
                                    std::abs(rivals_own - rival) < std::abs(later - rival)))
            pair();
        else if (test_first)
            lone_test();
        else
            lone_reference();
    }

    void pair() {
        const auto& ref = reference_[at_++];
        const auto& test = test_[test_at_++];
        ++result_.cells[place(ref.beat_class)][place(test.beat_class)];
        const double error =
            (static_cast<double>(test.sample - ref.sample) + static_cast<double>(test.fraction)) /
            settings_.sample_hz;
        result_.error_sum_s += error;
        result_.error_square_sum_s2 += error * error;
    }
    void lone_test() {
        const auto& test = test_[test_at_++];
        // Its reference beat may lie before the beginning.
        if (test.sample <= settings_.begin + window_ && settings_.begin > 0) return;
        ++result_.cells[Comparison::extra][place(test.beat_class)];
    }
    void lone_reference() {
        const auto& ref = reference_[at_++];
        const auto column =
            is_in(shutdown_, ref.sample) ? Comparison::shut_down : Comparison::missed;
        ++result_.cells[place(ref.beat_class)][column];
    }

    const ComparisonSettings& settings_;
    std::span<const SampleSpan> shutdown_;
    std::int64_t window_;
    std::vector<ReferenceBeat> reference_;
    std::vector<Beat> test_;
    std::size_t at_ = 0, test_at_ = 0;
    Comparison result_;
};

}  // namespace

Comparison compare_beats(const Reference& reference, std::span<const Beat> test,
                         std::span<const SampleSpan> shutdown, const ComparisonSettings& settings) {
    auto result = Pairing(reference, test, shutdown, settings).run();
    for (const auto& span : shutdown) {
        const auto begin = std::max(span.begin, settings.begin);
        const auto end = std::min(span.end + 1, settings.end);
        if (begin < end) result.shutdown_s += static_cast<double>(end - begin) / settings.sample_hz;
    }
    return result;
}

Comparison& Comparison::operator+=(const Comparison& other) {
    for (std::size_t row = 0; row < cells.size(); ++row)
        for (std::size_t column = 0; column < cells[row].size(); ++column)
            cells[row][column] += other.cells[row][column];
    error_sum_s += other.error_sum_s;
    error_square_sum_s2 += other.error_square_sum_s2;
    shutdown_s += other.shutdown_s;
    return *this;
}

std::uint64_t Comparison::reference_beats() const {
    std::uint64_t sum = pairs();
    for (std::size_t row = 0; row < classes; ++row)
        sum += cells[row][missed] + cells[row][shut_down];
    return sum;
}

std::uint64_t Comparison::pairs() const {
    std::uint64_t sum = 0;
    for (std::size_t row = 0; row < classes; ++row)
        for (std::size_t column = 0; column < classes; ++column) sum += cells[row][column];
    return sum;
}

Share Comparison::qrs_sensitivity() const {
    return {.part = pairs(), .whole = reference_beats()};
}

Share Comparison::qrs_positive_predictivity() const {
    std::uint64_t found = pairs();
    for (std::size_t column = 0; column < classes; ++column) found += cells[extra][column];
    return {.part = pairs(), .whole = found};
}

std::optional<double> Comparison::error_mean_s() const {
    if (pairs() == 0) return std::nullopt;
    return error_sum_s / static_cast<double>(pairs());
}

std::optional<double> Comparison::error_deviation_s() const {
    const auto n = static_cast<double>(pairs());
    if (n < 2) return std::nullopt;
    return std::sqrt(std::max(0.0, error_square_sum_s2 - error_sum_s * error_sum_s / n) / (n - 1));
}

namespace {

// `free`: rows whose beats may be called `wanted` without being counted.
EctopyStatistics statistics(const Comparison& comparison, BeatClass wanted,
                            std::initializer_list<BeatClass> free) {
    const auto own = place(wanted);
    std::uint64_t whole = 0, false_positives = 0, true_negatives = 0;
    for (const auto count : comparison.cells[own]) whole += count;
    for (std::size_t row = 0; row < comparison.cells.size(); ++row) {
        if (row == own) continue;
        const bool is_free =
            std::ranges::any_of(free, [&](BeatClass one) { return place(one) == row; });
        if (!is_free) false_positives += comparison.cells[row][own];
        if (row == Comparison::extra) continue;
        for (std::size_t column = 0; column < Comparison::classes; ++column)
            if (column != own) true_negatives += comparison.cells[row][column];
    }
    const auto found = comparison.cells[own][own];
    return {.sensitivity = {.part = found, .whole = whole},
            .positive_predictivity = {.part = found, .whole = found + false_positives},
            .false_positive_rate = {.part = false_positives,
                                    .whole = false_positives + true_negatives}};
}

}  // namespace

EctopyStatistics ventricular_statistics(const Comparison& comparison) {
    return statistics(comparison, BeatClass::ventricular,
                      {BeatClass::fusion, BeatClass::unclassifiable});
}

EctopyStatistics supraventricular_statistics(const Comparison& comparison) {
    return statistics(comparison, BeatClass::supraventricular, {BeatClass::unclassifiable});
}

}  // namespace vigil::ecg
