#pragma once
// The shapes of QRS complexes that a patient was seen to have: what is like one of them is a beat,
// and which one it is like tells of what kind.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "signal/ecg/lead_trace.hpp"

namespace vigil::ecg {

// 200 ms around the middle of a complex, at 125 Hz: voltage without its mean, and slope, in which
// the baseline does not show.
constexpr int shape_points = 25;
struct Shape {
    std::array<std::array<float, shape_points>, leads_max> voltage{}, slope{};
};
// `middle`: number of the sample in the middle; 30 samples before and after it must be there.
Shape shape_at(std::span<const LeadTrace> leads, std::int64_t middle);

// Of the slopes: -1 to 1.
struct Likeness {
    float all = -1;               // correlation, leads weighted
    float least = -1, most = -1;  // of the leads
};
using LeadWeights = std::array<float, leads_max>;  // sum 1
// Of a lead that is off it is 0.
constexpr bool counts(float weight) {
    return weight > 1e-6F;
}
Likeness likeness(const Shape& a, const Shape& b, const LeadWeights& weights, std::size_t leads);

struct KnownShape {
    Shape mean;             // of its beats, the later ones count more
    float beats = 0;        // so many
    std::int64_t seen = 0;  // when last: number of the sample
    int id = 0;             // never used again within a patient
    // Where its fiducial point lies: a lead, and a point of the shape there.
    std::size_t fiducial_lead = 0, fiducial_point = shape_points / 2;
};

// A complex compared with all of them, shifted by up to 16 ms either way.
struct ShapeMatch {
    Likeness known;   // the shape that is most alike, of those seen twice
    float last = -1;  // with the last beat
};

class BeatShapes {
public:
    explicit BeatShapes(std::size_t leads) : leads_(leads) {}

    ShapeMatch compare(std::span<const LeadTrace> leads, std::int64_t middle,
                       const LeadWeights& weights) const;

    // Where a beat belongs: a known shape, or a new one in the place of what matters least.
    struct Home {
        std::size_t place = 0;
        int shift = 0;  // samples by which the beat lies later than the shape
        bool is_new = true;
    };
    Home take(std::span<const LeadTrace> leads, std::int64_t middle, const LeadWeights& weights);

    const KnownShape& operator[](std::size_t place) const { return known_[place]; }
    std::size_t size() const { return size_; }

    static constexpr std::size_t shapes_max = 8;

private:
    std::size_t place_for_new(std::int64_t now) const;
    void place_fiducial(KnownShape& known, const LeadWeights& weights) const;

    std::size_t leads_;
    std::array<KnownShape, shapes_max> known_{};
    std::size_t size_ = 0;
    int next_id_ = 1;
    Shape last_;
    bool has_last_ = false;
};

}  // namespace vigil::ecg
