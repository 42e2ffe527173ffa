#include "codec/wfdb/record.hpp"

#include <algorithm>

namespace vigil::wfdb {
namespace {

constexpr std::uint64_t record_samples_max = std::uint64_t{1} << 28;

// A header names files beside itself; anything else is not ours to open.
Result<std::string> open(const FileSource& files, std::string_view name) {
    if (name.empty() || name.find('/') != std::string_view::npos || name.starts_with(".."))
        return fail(Error::Kind::malformed, "WFDB header names a file outside its folder",
                    std::string(name));
    return files(name);
}

Result<Header> open_header(const FileSource& files, std::string_view name) {
    VIGIL_TRY(text, open(files, std::string(name) + ".hea"));
    return decode_header(text);
}

Result<std::vector<RecordedSignal>> decode_piece(const Header& header, const FileSource& files) {
    std::vector<RecordedSignal> out;
    for (std::size_t first = 0; first < header.signals.size();) {
        std::size_t last = first + 1;
        while (last < header.signals.size() &&
               header.signals[last].file == header.signals[first].file)
            ++last;
        const std::span group(header.signals.data() + first, last - first);
        VIGIL_TRY(bytes, open(files, group.front().file));
        VIGIL_TRY(samples, decode_samples(bytes, group, header.frame_count));
        for (std::size_t i = 0; i < group.size(); ++i)
            out.push_back(
                {group[i], header.frame_hz * group[i].samples_per_frame, std::move(samples[i])});
        first = last;
    }
    return out;
}

// Signals of a variable layout are told apart by what they are called; a fixed layout keeps places.
RecordedSignal* find_signal(Record& record, const RecordedSignal& wanted, std::size_t place,
                            bool by_description) {
    if (!by_description) return place < record.signals.size() ? &record.signals[place] : nullptr;
    const auto found = std::ranges::find_if(record.signals, [&](const RecordedSignal& signal) {
        return signal.signal.description == wanted.signal.description;
    });
    return found == record.signals.end() ? nullptr : &*found;
}

std::uint64_t samples_at(std::uint64_t frames, const RecordedSignal& signal) {
    return frames * signal.signal.samples_per_frame;
}

Result<void> append_segment(Record& record, std::vector<RecordedSignal> piece,
                            std::uint64_t frames_before, bool by_description) {
    for (std::size_t i = 0; i < piece.size(); ++i) {
        auto* signal = find_signal(record, piece[i], i, by_description);
        if (signal == nullptr) {
            record.signals.push_back({piece[i].signal, piece[i].hz, {}});
            signal = &record.signals.back();
        }
        if (signal->signal.samples_per_frame != piece[i].signal.samples_per_frame)
            return fail(Error::Kind::unsupported, "WFDB segments differ in sampling frequency",
                        record.name);
        if (signal->samples.empty()) signal->signal = piece[i].signal;  // a layout's is a template
        signal->samples.resize(samples_at(frames_before, *signal), missing);
        // Samples of this segment in the steps of the first, if its calibration differs.
        const auto& to = signal->signal;
        const auto& from = piece[i].signal;
        const bool same = to.gain == from.gain && to.baseline == from.baseline;
        for (auto sample : piece[i].samples) {
            if (!same && sample != missing)
                sample = static_cast<std::int32_t>(
                    std::clamp(piece[i].physical(sample) * to.gain + to.baseline, -2147483647.0,
                               2147483647.0));
            signal->samples.push_back(sample);
        }
    }
    return {};
}

Result<Record> decode_segments(const Header& header, const FileSource& files) {
    Record record{header.name, header.frame_hz, {}, header.info};
    const bool variable = header.segments.front().frame_count == 0;
    std::uint64_t frames = 0;
    std::uint64_t frames_total = 0;
    for (const auto& segment : header.segments) frames_total += segment.frame_count;
    if (frames_total * std::max<std::uint64_t>(1, header.signal_count) > record_samples_max)
        return fail(Error::Kind::too_large, "WFDB record is too long", header.name);
    for (const auto& segment : header.segments) {
        if (segment.name != "~" && segment.frame_count != 0) {
            VIGIL_TRY(inner, open_header(files, segment.name));
            if (!inner.segments.empty())
                return fail(Error::Kind::unsupported, "WFDB segments of segments", segment.name);
            inner.frame_count = segment.frame_count;
            VIGIL_TRY(piece, decode_piece(inner, files));
            VIGIL_CHECK(append_segment(record, std::move(piece), frames, variable));
        }
        frames += segment.frame_count;
    }
    for (auto& signal : record.signals) signal.samples.resize(samples_at(frames, signal), missing);
    return record;
}

}  // namespace

Result<Record> decode_record(std::string_view name, const FileSource& files) {
    VIGIL_TRY(header, open_header(files, name));
    if (!header.segments.empty()) return decode_segments(header, files);
    VIGIL_TRY(signals, decode_piece(header, files));
    return Record{header.name, header.frame_hz, std::move(signals), header.info};
}

}  // namespace vigil::wfdb
