#pragma once
// Plays a real WFDB recording as if its patient lay at a bedside monitor now.

#include <string>
#include <vector>

#include "codec/wfdb/annotations.hpp"
#include "codec/wfdb/record.hpp"
#include "metric/catalogue.hpp"
#include "simulate/virtual_patient.hpp"

namespace vigil::simulate {

class Playback {
public:
    // Starts over when the recording ends. `annotations`, if there are any, give the heart rate and
    // the rhythm. The catalogue must outlive the playback.
    Playback(const Catalogue& catalogue, wfdb::Record record, const wfdb::Annotations& annotations,
             Timestamp start);

    // Appends what is sent in the next `duration`: each second its waves and, with annotations, the
    // heart rate; changes of rhythm as events.
    void advance(Nanoseconds duration, std::vector<Emission>& out);

    // Signals whose description names no wave of the catalogue; they are not played.
    const std::vector<std::string>& skipped() const { return skipped_; }
    double length_s() const { return length_s_; }

private:
    struct Wave {
        const Metric* metric = nullptr;
        std::size_t signal = 0;  // of the record
        Decimal scale;
        UnitId unit;
    };
    void play_second(std::vector<Emission>& out);
    void play_waves(double from_s, Emission& emission) const;
    void play_annotations(double to_s, std::vector<Emission>& out);
    double heart_rate(double at_s) const;
    std::string rhythm(double at_s) const;

    const Catalogue& catalogue_;
    wfdb::Record record_;
    std::vector<Wave> waves_;
    std::vector<std::string> skipped_;
    std::vector<double> beats_s_;
    std::vector<std::pair<double, std::string>> rhythms_;
    double length_s_ = 0;
    std::string announced_;
    Timestamp now_, next_;  // next_: the second that is played next
    std::uint64_t second_ = 0;
};

}  // namespace vigil::simulate
