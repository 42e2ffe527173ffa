#pragma once
// What the storage rows are measured on: recordings of real patients where they lie beside this
// checkout (shared/data), else the simulated patient.

#include <string>
#include <vector>

#include "metric/catalogue.hpp"
#include "store/series.hpp"

namespace vigil::bench {

struct Recording {
    std::string source;  // for the table's reader
    struct Channel {
        store::SeriesKey key;
        std::vector<store::Sample> samples;
    };
    std::vector<Channel> channels;
    std::size_t samples = 0;  // of waveforms: within the blocks
};

constexpr Timestamp midnight = from_unix_ns(1'772'323'200'000'000'000);  // 2026-03-01

// Vital signs once a second, as many series as a message of the source has. With `jitter` each
// message's device time is off by up to 50 ms, in whole milliseconds.
Recording vital_signs(const Catalogue& catalogue, bool jitter);

// ECG in blocks of one second: 360 Hz, 11 bits, where it is MIT-BIH's.
Recording electrocardiogram(const Catalogue& catalogue);

// One vital sign for a day, once a second.
std::vector<store::Sample> day_of_heart_rate(const Catalogue& catalogue, Timestamp from);

}  // namespace vigil::bench
