#pragma once
// Recordings of real people with reference annotations, where the checkout has them
// (../shared/data): tests skip without.

#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "codec/wfdb/annotations.hpp"
#include "codec/wfdb/record.hpp"
#include "signal/ecg/beat.hpp"

namespace vigil::recordings {

inline const std::filesystem::path folder = std::filesystem::path(VIGIL_SHARED_DIR) / "data";

inline std::string file_text(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline std::string gunzip(const std::filesystem::path& path) {
    std::string text, piece(1 << 16, '\0');
    gzFile file = gzopen(path.c_str(), "rb");
    if (file == nullptr) return {};
    while (true) {
        const int count = gzread(file, piece.data(), static_cast<unsigned>(piece.size()));
        if (count <= 0) break;
        text.append(piece, 0, static_cast<std::size_t>(count));
    }
    gzclose(file);
    return text;
}

// Names of the files of a folder of the data that end so, without that end, in order.
inline std::vector<std::string> names(const std::string& of, std::string_view end) {
    std::vector<std::string> found;
    if (!std::filesystem::is_directory(folder / of)) return found;
    for (const auto& entry : std::filesystem::directory_iterator(folder / of)) {
        const auto name = entry.path().filename().string();
        if (name.ends_with(end)) found.push_back(name.substr(0, name.size() - end.size()));
    }
    std::ranges::sort(found);
    return found;
}

struct Span {
    double from_s = 0, to_s = 0;
    double length() const { return to_s - from_s; }
    double shared_with(const Span& other) const {
        return std::max(0.0, std::min(to_s, other.to_s) - std::max(from_s, other.from_s));
    }
};

struct Rhythm {
    Span span;
    std::string name;  // "(AFIB"
};

struct Annotated {
    std::string name;
    double hz = 0;
    std::vector<ecg::Beat> beats;
    std::vector<Rhythm> rhythms;
    std::vector<Span> flutter;  // ventricular, [ to ]

    double end_s() const { return beats.empty() ? 0 : seconds(beats.back(), hz); }
    std::vector<Span> of(std::string_view rhythm) const {
        std::vector<Span> found;
        for (const auto& each : rhythms)
            if (each.name.starts_with(rhythm)) found.push_back(each.span);
        return found;
    }
};

// The classes of ANSI/AAMI EC57 as papers on the MIT-BIH databases read them (e and j are N).
inline ecg::BeatClass class_of(std::string_view symbol) {
    using enum ecg::BeatClass;
    const auto among = [&](std::string_view set) { return set.find(symbol) != set.npos; };
    if (among("NLRejB")) return normal;
    if (among("AaJSn")) return supraventricular;
    if (among("VEr")) return ventricular;
    return symbol == "F" ? fusion : unclassifiable;
}

inline void close_spans(Annotated& record) {
    for (std::size_t i = 0; i < record.rhythms.size(); ++i)
        record.rhythms[i].span.to_s =
            i + 1 < record.rhythms.size() ? record.rhythms[i + 1].span.from_s : record.end_s();
}

// A record of which `NAME.hea` and `NAME.atr` stand in the folder.
inline Annotated annotated(const std::string& of, const std::string& name) {
    Annotated record{.name = name, .hz = 0, .beats = {}, .rhythms = {}, .flutter = {}};
    record.hz = wfdb::decode_header(file_text(folder / of / (name + ".hea")))->frame_hz;
    const auto annotations = wfdb::decode_annotations(file_text(folder / of / (name + ".atr")));
    for (const auto& each : annotations->list) {
        const double at = static_cast<double>(each.sample) / record.hz;
        const auto symbol = wfdb::symbol(each.code);
        if (symbol == "+")
            record.rhythms.push_back({{at, at}, each.text});
        else if (symbol == "[")
            record.flutter.push_back({at, at});
        else if (symbol == "]" && !record.flutter.empty())
            record.flutter.back().to_s = at;
        else if (wfdb::is_beat(each.code) && symbol != "!")
            record.beats.push_back({.sample = each.sample, .beat_class = class_of(symbol)});
    }
    close_spans(record);
    return record;
}

// A record of the MIT-BIH Atrial Fibrillation Database: every beat as found by its own detector,
// which tells no classes.
inline Annotated atrial_fibrillation_record(const std::string& name) {
    Annotated record{.name = name, .hz = 250, .beats = {}, .rhythms = {}, .flutter = {}};
    std::istringstream beats(gunzip(folder / "ecg/afdb-rhythm" / (name + ".beats.txt.gz")));
    for (std::int64_t sample = 0; beats >> sample;)
        record.beats.push_back({.sample = sample, .beat_class = ecg::BeatClass::normal});
    std::istringstream lines(file_text(folder / "ecg/afdb-rhythm" / (name + ".rhythm.txt")));
    std::string line;
    std::getline(lines, line);  // of headings
    while (std::getline(lines, line)) {
        std::istringstream fields(line);
        std::string time, sample, last;
        fields >> time >> sample;
        for (std::string field; fields >> field;) last = field;
        const double at = std::stod(sample) / record.hz;
        record.rhythms.push_back({{at, at}, last});
    }
    close_spans(record);
    return record;
}

// The samples of a record's signals in their units; missing ones are NaN.
struct Signals {
    double hz = 0;
    std::vector<std::string> leads;
    std::vector<std::vector<float>> samples;
};
inline Signals signals(const std::string& of, const std::string& name) {
    const auto record =
        wfdb::decode_record(name, [&](std::string_view file) -> Result<std::string> {
            return file_text(folder / of / file);
        });
    Signals result;
    for (const auto& signal : record->signals) {
        result.hz = signal.hz;
        result.leads.push_back(signal.signal.description);
        auto& samples = result.samples.emplace_back();
        samples.reserve(signal.samples.size());
        for (const auto sample : signal.samples)
            samples.push_back(sample == wfdb::missing
                                  ? std::numeric_limits<float>::quiet_NaN()
                                  : static_cast<float>(signal.physical(sample)));
    }
    return result;
}

}  // namespace vigil::recordings
