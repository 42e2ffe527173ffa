#pragma once
// An ECG read as it arrives: samples of one or two leads in, beats with place and class out.
//
// A beat is reported within 300 ms after its R wave, but for those found by searching back
// (`late`). The first three seconds are learnt from and reported at their end, but for the first
// 0.6 s. Memory: less than 40 KiB a patient, whatever comes.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "signal/ecg/beat.hpp"
#include "signal/ecg/beat_classifier.hpp"
#include "signal/ecg/lead_input.hpp"
#include "signal/ecg/qrs_detector.hpp"

namespace vigil::ecg {

class BeatReader {
public:
    // `unsupported` for a rate outside of sample_hz_min to sample_hz_max or other than 1 or 2
    // leads.
    static Result<BeatReader> make(double sample_hz, std::size_t leads);

    // Samples of the leads in mV, as many of each; NaN where there is none. With two leads the ECG
    // is read from the one as long as the other is off. Adds to `beats`, in the order of time.
    // How the samples are cut into calls makes no difference.
    void feed(std::span<const float> first, std::span<const float> second,
              std::vector<Beat>& beats);
    void feed(std::span<const float> only, std::vector<Beat>& beats) { feed(only, {}, beats); }

    // At the end of a recording: what the last samples hold, as if the leads stood still from here.
    void finish(std::vector<Beat>& beats);

    QrsDetector& detector() { return detector_; }         // for training
    BeatClassifier& classifier() { return classifier_; }  // the same

private:
    BeatReader(double sample_hz, std::size_t leads);
    void analyse(std::vector<Beat>& beats);
    Beat beat_of(const QrsComplex& complex);

    double sample_hz_;
    std::vector<LeadInput> inputs_;
    struct Made {
        float value = 0;
        bool valid = false;
    };
    // What an input made of one sample: at most as many as the lowest rate needs.
    static constexpr std::size_t made_max = 4;
    std::array<std::array<Made, made_max>, leads_max> made_{};
    QrsDetector detector_;
    BeatClassifier classifier_;
    std::vector<QrsComplex> found_;
    std::int64_t last_sample_ = -1;
    std::array<float, leads_max> last_values_{};
};

}  // namespace vigil::ecg
