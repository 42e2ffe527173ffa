#pragma once
// What cardiologists annotated of a recording's rhythm, as comparison by episodes takes it.

#include <span>
#include <vector>

#include "codec/wfdb/annotations.hpp"
#include "signal/evaluation/episode_comparison.hpp"
#include "signal/evaluation/reference_beats.hpp"

namespace vigil::rhythm {

// An annotated episode of what a monitor is to alarm at.
struct AlarmEpisode {
    Episode span;
    // It fulfils the alarm's definition: what is shorter or slower need not be told of, and is no
    // false alarm if it is.
    bool wanted = true;
};

// Rhythm annotations (code 28, "+") hold until the next one: annot.5 of the WFDB Applications
// Guide, and the keys of the MIT-BIH Arrhythmia, Atrial Fibrillation, Malignant Ventricular Ectopy
// (VFDB) and Creighton University (CUDB) databases.
struct ReferenceRhythms {
    bool has_rhythms = false;  // a rhythm is annotated at all, or fibrillation by [ and ]
    bool has_beats = false;

    std::vector<Episode> atrial_fibrillation{};  // (AFIB
    std::vector<Episode> atrial_flutter{};       // (AFL
    std::vector<Episode> noise{};                // (NOISE
    // (VFL, (VF, (VFIB; and from [ to ].
    std::vector<AlarmEpisode> ventricular_fibrillation{};
    // (VT; and five ventricular beats in a row above 100/min, whatever the rhythm is called. That
    // is also what is wanted: the definition of the PhysioNet/CinC Challenge 2015. Where no beats
    // are annotated in it, (VT that lasts as long as that takes.
    std::vector<AlarmEpisode> ventricular_tachycardia{};
    // (ASYS; and four seconds between annotated beats outside of fibrillation and noise.
    std::vector<AlarmEpisode> asystole{};
};

// `annotations` in the order of time; sample_hz above 0: of their times. `end_s`: of the recording.
ReferenceRhythms rhythms_of(std::span<const wfdb::Annotation> annotations, double sample_hz,
                            double end_s);

}  // namespace vigil::rhythm
