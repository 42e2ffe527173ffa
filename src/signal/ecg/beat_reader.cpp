#include "signal/ecg/beat_reader.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vigil::ecg {

static_assert(sizeof(BeatReader) < std::size_t{40} << 10, "what the header promises of memory");

namespace {

// The extremum nearest to what the shape says, between the samples by a parabola through three.
struct Point {
    double number = 0;
    float value_mv = 0;
};
Point refine(const LeadTrace& lead, std::int64_t around, float sign) {
    constexpr std::int64_t reach = 5;  // 20 ms
    auto best = around;
    for (auto n = around - reach; n <= around + reach; ++n)
        if (sign * lead.value[n] > sign * lead.value[best]) best = n;
    const float before = lead.value[best - 1], at = lead.value[best], after = lead.value[best + 1];
    const float bend = before - 2 * at + after;
    double shift = 0;
    if (sign * bend < 0) shift = std::clamp(0.5 * (before - after) / bend, -0.5, 0.5);
    return {.number = static_cast<double>(best) + shift, .value_mv = at};
}

}  // namespace

Result<BeatReader> BeatReader::make(double sample_hz, std::size_t leads) {
    const bool is_read = sample_hz >= sample_hz_min && sample_hz <= sample_hz_max;  // NaN is not
    if (!is_read)
        return fail(Error::Kind::unsupported, "an ECG is read at 100 to 2000 samples a second");
    if (leads < 1 || leads > leads_max)
        return fail(Error::Kind::unsupported, "an ECG is read from one lead or two");
    return BeatReader(sample_hz, leads);
}

BeatReader::BeatReader(double sample_hz, std::size_t leads)
    : sample_hz_(sample_hz), inputs_(leads, LeadInput(sample_hz)), detector_(leads) {}

void BeatReader::feed(std::span<const float> first, std::span<const float> second,
                      std::vector<Beat>& beats) {
    const std::array<std::span<const float>, leads_max> samples{first, second};
    for (std::size_t n = 0; n < first.size(); ++n) {
        std::size_t count = 0;
        for (std::size_t i = 0; i < inputs_.size(); ++i) {
            count = 0;
            const float value =
                n < samples[i].size() ? samples[i][n] : std::numeric_limits<float>::quiet_NaN();
            last_values_[i] = value;
            inputs_[i].feed(value, [&](float made, bool valid) {
                if (count < made_max) made_[i][count++] = {.value = made, .valid = valid};
            });
        }
        for (std::size_t k = 0; k < count; ++k) {
            std::array<float, leads_max> values{};
            std::array<bool, leads_max> valid{};
            for (std::size_t i = 0; i < inputs_.size(); ++i) {
                values[i] = made_[i][k].value;
                valid[i] = made_[i][k].valid;
            }
            detector_.feed(values, valid, found_);
            if (!found_.empty()) analyse(beats);
        }
    }
}

void BeatReader::analyse(std::vector<Beat>& beats) {
    for (const auto& complex : found_) {
        const auto beat = beat_of(complex);
        if (beat.sample <= last_sample_) continue;
        last_sample_ = beat.sample;
        beats.push_back(beat);
    }
    found_.clear();
}

Beat BeatReader::beat_of(const QrsComplex& complex) {
    const auto& shape = detector_.shapes()[complex.home.place];
    const auto lead = shape.fiducial_lead;
    const auto point = shape.fiducial_point;
    const auto offset = 2 * (static_cast<std::int64_t>(point) - shape_points / 2);
    const float sign = shape.mean.voltage[lead][point] < 0 ? -1.0F : 1.0F;
    const auto& trace = detector_.leads()[lead];
    const auto fiducial = refine(trace, complex.middle + complex.home.shift + offset, sign);
    const auto verdict = classifier_.classify(detector_, complex);
    const double position = fiducial.number * sample_hz_ / analysis_hz;
    const double sample = std::floor(position + 0.5);
    // From the level just before the complex.
    constexpr std::int64_t before = 16;
    return {.sample = std::max<std::int64_t>(0, static_cast<std::int64_t>(sample)),
            .fraction = static_cast<float>(position - sample),
            .beat_class = verdict.beat_class,
            .late = complex.late,
            .quality = probability(complex.score),
            .qrs_ms = verdict.qrs_ms,
            .amplitude_mv = fiducial.value_mv - trace.value[complex.middle - before]};
}

void BeatReader::finish(std::vector<Beat>& beats) {
    constexpr double tail_s = 0.4;
    const auto count = static_cast<std::size_t>(tail_s * sample_hz_);
    const std::vector<float> first(count, last_values_[0]), second(count, last_values_[1]);
    feed(first, second, beats);
}

}  // namespace vigil::ecg
