#pragma once
// One patient's ECG as it arrives: samples of one or two leads in; beats, and what begins and ends
// of rhythms, out. It puts together what ecg/, quality/ and this folder say (README.md has the
// picture), so that whoever watches and whoever measures how well do the same.

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "signal/ecg/beat_reader.hpp"
#include "signal/quality/lead_quality.hpp"
#include "signal/rhythm/atrial_fibrillation.hpp"
#include "signal/rhythm/beat_conditions.hpp"
#include "signal/rhythm/suppression.hpp"
#include "signal/rhythm/ventricular_fibrillation.hpp"

namespace vigil::rhythm {

class RhythmWatch {
public:
    // `unsupported` for what ecg::BeatReader does not read.
    static Result<RhythmWatch> make(double sample_hz, std::size_t leads,
                                    const ArrhythmiaSettings& settings = {});

    // Samples of the leads in mV, as many of each; NaN where there is none. Adds to `beats` in the
    // order of time, to `events` in the order in which they became known; those that another
    // condition hides are marked. How the samples are cut into calls makes no difference.
    void feed(std::span<const float> first, std::span<const float> second,
              std::vector<ecg::Beat>& beats, std::vector<RhythmEvent>& events);
    // At the end of a recording.
    void finish(std::vector<ecg::Beat>& beats, std::vector<RhythmEvent>& events);

    // From now on; what is present by those before ends or goes on by these.
    void change(const ArrhythmiaSettings& settings) { conditions_.change(settings); }

    // As of the last whole second.
    struct LeadState {
        quality::Grade grade = quality::Grade::unusable;
        bool is_off = false;  // no samples, or a constant line
    };
    std::size_t lead_count() const { return leads_.size(); }
    const LeadState& lead(std::size_t number) const { return leads_[number].state; }
    // A lead is attached and free of noise.
    bool usable() const { return usable_; }
    double seconds_fed() const { return static_cast<double>(fed_) / sample_hz_; }
    // As a monitor shows it; none where it is not known, or the heart stands still.
    std::optional<double> heart_rate() const { return conditions_.heart_rate(); }

private:
    RhythmWatch(double sample_hz, ecg::BeatReader reader, std::size_t leads,
                const ArrhythmiaSettings& settings);
    void feed_piece(std::span<const float> first, std::span<const float> second,
                    std::vector<ecg::Beat>& beats);
    void take_beats(std::span<const ecg::Beat> beats);
    void tick();
    void second(double now_s);
    void hand_out(std::vector<RhythmEvent>& events);
    std::int64_t sample_of_tick(std::int64_t tick) const;

    static constexpr int ticks_a_second = 5;

    double sample_hz_;
    ecg::BeatReader reader_;
    struct Lead {
        quality::LeadQuality quality;
        FibrillationWindow window;
        LeadState state{};
    };
    std::vector<Lead> leads_;
    VentricularFibrillation fibrillation_;
    BeatConditions conditions_;
    RrSeries series_;
    AtrialFibrillation atrial_;
    Suppression suppression_;
    std::vector<RhythmEvent> known_;  // of this piece
    std::int64_t fed_ = 0, ticks_ = 0;
    bool usable_ = false;
};

}  // namespace vigil::rhythm
