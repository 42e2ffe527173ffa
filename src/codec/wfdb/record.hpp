#pragma once
// A whole WFDB record: header and samples, its segments put together.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/wfdb/header.hpp"
#include "codec/wfdb/samples.hpp"

namespace vigil::wfdb {

struct RecordedSignal {
    Signal signal;                      // of its first segment
    double hz = 0;                      // of the samples, several a frame counted
    std::vector<std::int32_t> samples;  // `missing` where there is none
    double physical(std::int32_t sample) const { return (sample - signal.baseline) / signal.gain; }
};

struct Record {
    std::string name;
    double frame_hz = 250;
    std::vector<RecordedSignal> signals{};
    std::vector<std::string> info{};
};

// Hands out a file of the record's folder by the name that a header gives it, without a path.
using FileSource = std::function<Result<std::string>(std::string_view name)>;

// `name`: of the record, its header is `name`.hea.
Result<Record> decode_record(std::string_view name, const FileSource& files);

}  // namespace vigil::wfdb
