#pragma once
// The header of a WFDB record: which signals there are and how their samples are written
// (WFDB Applications Guide, header.5).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace vigil::wfdb {

struct Signal {
    std::string file{};
    std::uint16_t format = 16;
    std::uint32_t samples_per_frame = 1;
    std::uint32_t skew = 0;         // frames this signal is written late
    std::uint64_t byte_offset = 0;  // of the first sample in its file
    double gain = 200;              // steps per physical unit
    bool calibrated = true;         // false: the header gave no gain, 200 is assumed
    std::int32_t baseline = 0;      // the sample that stands for 0
    std::string units = "mV";
    std::int32_t adc_resolution = 12, adc_zero = 0;  // bits; the sample at mid-range
    std::int32_t initial_value = 0;                  // before the first difference of format 8
    std::int16_t checksum = 0;                       // of all samples; see checksum()
    bool has_checksum = false;
    std::string description{};  // "MLII", "PLETH"
};

struct Segment {
    std::string name;  // of its record; "~" for a gap
    std::uint64_t frame_count = 0;
};

struct Header {
    std::string name;
    double frame_hz = 250;
    std::uint64_t frame_count = 0;  // 0: not told, as long as the file is
    std::string base_time, base_date;
    std::uint32_t signal_count = 0;
    std::vector<Signal> signals;    // of a record in one piece
    std::vector<Segment> segments;  // of a record in several
    std::vector<std::string> info;  // comment lines after the signals, without '#'
};

constexpr std::size_t signals_max = 256;
constexpr std::size_t segments_max = 100'000;

Result<Header> decode_header(std::string_view text);
std::string encode(const Header& header);

}  // namespace vigil::wfdb
