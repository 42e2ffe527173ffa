#pragma once
// Finds QRS complexes as the samples come: in one lead, or in two together.
//
// Each lead's QRS energy (qrs_filter.hpp), over the level that it has in this lead's complexes, is
// added up, a lead counting the more the further its complexes stand out of what lies between them.
// A peak of the sum is a candidate. What speaks for it and against it (qrs_candidate.hpp) is
// weighed 176 ms later by a forest that was trained on annotated recordings, none of which it is
// tuned to: docs/decisions/0041-ecg-beats.md. When no beat came for one and a half of the usual
// intervals, the best candidate since the last one is taken if it is nearly as good: Pan and
// Tompkins, IEEE Trans. Biomed. Eng. 32(3):230-236 (1985).

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "signal/ecg/beat_shapes.hpp"
#include "signal/ecg/lead_trace.hpp"
#include "signal/ecg/qrs_candidate.hpp"
#include "signal/ecg/recent_median.hpp"

namespace vigil::ecg {

struct QrsComplex {
    std::int64_t middle = 0;  // of its energy: number of the sample at 250 Hz
    float energy = 0;         // of the leads together, 1: as usual
    float score = 0;          // log odds that it is one
    bool late = false;        // found by searching back
    LeadWeights weights{};
    float interval = 0;         // samples since the one before; 0: there was none, or not for long
    BeatShapes::Home home{};    // its shape
    EvidenceValues evidence{};  // what it was found by
};

class QrsDetector {
public:
    explicit QrsDetector(std::size_t leads);

    // One sample of each lead. `valid`: of each, whether there was one. Adds what was found.
    void feed(std::span<const float> values_mv, std::span<const bool> valid,
              std::vector<QrsComplex>& found);

    // The traces end with the sample fed last: number `fed() - 1`.
    std::span<const LeadTrace> leads() const { return {traces_.data(), leads_}; }
    std::int64_t fed() const { return fed_; }
    const BeatShapes& shapes() const { return shapes_; }
    // Samples, of the last eight; a guess before there are two.
    float usual_interval() const;
    // Mean deviation of the last eight intervals from the usual one, of that; at most 1.
    float irregularity() const;

    // For training: is told of each candidate that was judged.
    using Watcher = std::function<void(const Candidate&)>;
    void watch(Watcher watcher) { watcher_ = std::move(watcher); }

    // Samples from a candidate's peak, in the time of the energy, to its judgement.
    static constexpr int lookahead = 44;

private:
    // How a lead's complexes look now.
    struct Level {
        RecentMedian peaks, deflections;
        float qrs = 0;         // mV, energy of its complexes
        float background = 0;  // mV, energy between them
        float presence = 1;    // 1: complexes show in this lead; near 0: they do not, just now
        int missing = 0;       // samples without a value, up to lead_off
        bool is_off() const { return missing >= lead_off; }
    };
    static constexpr int lead_off = 50;  // 200 ms without values: the lead is off

    void learn();
    void combine(std::int64_t number);
    void follow_background(std::int64_t number);
    void weigh_leads();
    void look_at(std::int64_t number, std::vector<QrsComplex>& found);
    bool is_peak(std::int64_t number) const;
    void judge(std::int64_t peak, std::vector<QrsComplex>& found);
    void search_back(std::int64_t now, std::vector<QrsComplex>& found);
    void lower_levels(std::int64_t now);
    void accept(const Candidate& candidate, bool late, std::vector<QrsComplex>& found);
    void gather(Candidate& candidate) const;  // qrs_candidate.cpp
    float deflection(std::size_t lead, std::int64_t middle) const;
    float roughness(std::int64_t from, std::int64_t to, const Candidate& candidate) const;
    float noise() const;
    bool all_off() const;

    std::size_t leads_;
    std::array<LeadTrace, leads_max> traces_{};
    Recent<float, trace_samples> energy_;  // of the leads together
    std::array<Level, leads_max> levels_{};
    LeadWeights weights_{};
    BeatShapes shapes_;
    RecentMedian intervals_, noise_peaks_;
    std::int64_t fed_ = 0;
    std::int64_t last_ = never;  // peak of the last beat
    std::int64_t last_gap_ = never;
    std::int64_t lowered_ = 0;  // when the levels were lowered last
    float last_energy_ = 1;
    static constexpr std::int64_t never = -10'000;
    static constexpr std::size_t rejected_max = 8;
    std::vector<Candidate> rejected_;  // since the last beat
    Watcher watcher_;
};

}  // namespace vigil::ecg
