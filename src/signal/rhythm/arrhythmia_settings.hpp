#pragma once
// What a site sets of the arrhythmias that are told by beats. Defaults are of adults; where makers
// differ, the one named.

#include <cstddef>

namespace vigil::rhythm {

struct ArrhythmiaSettings {
    // Without a QRS complex and with a signal. 4 s: Edan Elite V6; PhysioNet/CinC Challenge 2015.
    double asystole_s = 4;           // 3 to 10
    double pause_s = 3;              // Mindray: 1.5 to 3; GE EK-Pro: 1 to 5
    double missed_beat_ratio = 1.8;  // of the average interval (GE EK-Pro)

    // Sustained: 5 beats, above 100/min (PhysioNet/CinC Challenge 2015; Edan).
    std::size_t tachycardia_beats = 5;
    double ventricular_rate_min = 100;
    std::size_t run_beats = 3;   // above and below the rate: a run, a ventricular rhythm
    double couplet_s_max = 0.6;  // between its two beats (GE EK-Pro)
    std::size_t cycles_min = 3;  // of bigeminy and trigeminy (Mindray V Series)
    std::size_t ventricular_per_min_max = 10;  // Mindray V Series: 1 to 30
    std::size_t multiform_beats = 15;          // among which two shapes are (GE EK-Pro)
    // R on T, of an isolated beat: early by two thirds, then a pause, at a rate not above this
    // (Edan).
    double r_on_t_share_max = 1.0 / 3, r_on_t_pause_ratio = 1.25, r_on_t_rate_max = 100;

    // PhysioNet/CinC Challenge 2015: above 140/min over 17 beats, below 40/min over 5.
    double extreme_tachycardia = 140, extreme_bradycardia = 40;
    // Of the heart rate shown, for its delay (Mindray TMS60, Contec CMS8000).
    double tachycardia = 120, bradycardia = 50;
    double rate_delay_s = 10;
    std::size_t supraventricular_beats = 5;
    // Narrow beats. No maker's number is public for this: above what sinus rhythm reaches in bed.
    double supraventricular_rate_min = 180;
};

}  // namespace vigil::rhythm
