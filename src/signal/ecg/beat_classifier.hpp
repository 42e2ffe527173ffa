#pragma once
// Tells which beats come from where. It learns what is normal for the patient and goes on learning:
// the same complex is a bundle branch block in one and a ventricular beat in another.

#include <array>
#include <cstdint>
#include <functional>
#include <span>

#include "signal/ecg/beat.hpp"
#include "signal/ecg/beat_features.hpp"

namespace vigil::ecg {

class BeatClassifier {
public:
    struct Verdict {
        BeatClass beat_class = BeatClass::normal;
        float qrs_ms = 0;
    };
    // Of a complex that the detector has just found.
    Verdict classify(const QrsDetector& detector, const QrsComplex& complex);

    // For training: is told of each beat that is judged.
    using Watcher = std::function<void(const QrsComplex&, const BeatFeatureValues&)>;
    void watch(Watcher watcher) { watcher_ = std::move(watcher); }

private:
    static constexpr std::size_t surround_points = 12;  // of P and T waves, at 62.5 Hz
    using Surround = std::array<float, surround_points>;
    // Around a complex, from its own baseline.
    struct Surroundings {
        std::array<Surround, leads_max> before{}, after{};
    };
    struct Kind {  // what is known of a shape's beats
        int id = 0;
        float beats = 0;  // forgotten by and by
        // Means over them; intervals of the usual one.
        float interval = 1, pause = 1, width_s = 0;
        float p_likeness = 1, t_likeness = 1;
        float ventricular = 0;  // mean log odds of its beats
    };
    struct Measures {
        float width_s = 0, deflection = 0, area = 0, t_discordance = 0;
        Shape shape;
        Surroundings surroundings;
        float p_likeness = 0, t_likeness = 0, t_size = 0, t_size_of_normal = 0;
    };

    Measures measure(const QrsDetector& detector, const QrsComplex& complex) const;
    Kind& note_kind(const QrsDetector& detector, const QrsComplex& complex,
                    const Measures& measures, float interval);
    std::size_t normal_place(const QrsDetector& detector) const;
    BeatFeatureValues features(const QrsDetector& detector, const QrsComplex& complex,
                               const Measures& measures, const Kind& kind,
                               std::size_t normal) const;
    void compare_intervals(const QrsDetector& detector, const QrsComplex& complex,
                           BeatFeatureValues& values) const;
    void compare_shapes(const QrsDetector& detector, const QrsComplex& complex,
                        const Measures& measures, std::size_t normal,
                        BeatFeatureValues& values) const;
    void compare_sizes(const QrsComplex& complex, const Measures& measures,
                       BeatFeatureValues& values) const;
    void describe(const Kind& kind, BeatFeatureValues& values) const;
    BeatClass decide(const BeatFeatureValues& values, Kind& kind) const;
    void learn_normal(const QrsComplex& complex, const Measures& measures, std::size_t leads);

    std::array<Kind, BeatShapes::shapes_max> kinds_{};
    // Of normal beats, the later ones count more.
    struct Normal {
        float beats = 0;
        float interval = 0, width_s = 0, energy = 1, deflection = 0, area = 0;
        Surroundings surroundings;
    } normal_;
    Shape last_shape_;
    bool has_last_ = false;
    float last_interval_ = 0, last_likeness_ = 1;
    std::size_t last_place_ = 0;  // of its shape
    Watcher watcher_;
};

}  // namespace vigil::ecg
