#include "codec/wfdb/header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace vigil::wfdb {
namespace {

constexpr std::string_view blanks = " \t\r";

tl::unexpected<Error> malformed(std::string_view what) {
    return fail(Error::Kind::malformed, std::string("WFDB header: ") + std::string(what));
}

// The number at the front of `text`, which is shortened by it.
template <class Number>
bool take(std::string_view& text, Number& number) {
    const auto digits = text.starts_with('+') ? text.substr(1) : text;
    const auto [end, failure] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (failure != std::errc()) return false;
    text = digits.substr(static_cast<std::size_t>(end - digits.data()));
    return true;
}

bool take(std::string_view& text, char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

// Of NaN neither comparison holds.
bool is_possible(double frame_hz) {
    return frame_hz > 0 && frame_hz <= 1e6;
}

template <class Number>
bool whole(std::string_view text, Number& number) {
    return take(text, number) && text.empty();
}

// The next word of the line; empty at its end.
std::string_view word(std::string_view& line) {
    const auto start = std::min(line.find_first_not_of(blanks), line.size());
    line.remove_prefix(start);
    const auto found = line.substr(0, line.find_first_of(blanks));
    line.remove_prefix(found.size());
    return found;
}

// "100/3 2 360/360(0) 650000 12:30:00 01/02/2003": what follows the signal count is optional.
Result<std::uint32_t> read_record_line(std::string_view line, Header& header) {
    auto name = word(line);
    std::uint32_t segment_count = 0;
    if (const auto slash = name.find('/'); slash != std::string_view::npos) {
        if (!whole(name.substr(slash + 1), segment_count) || segment_count == 0)
            return malformed("the number of segments is no number");
        name = name.substr(0, slash);
    }
    header.name = name;
    if (!whole(word(line), header.signal_count)) return malformed("no number of signals");
    if (header.signal_count > signals_max || segment_count > segments_max)
        return fail(Error::Kind::too_large, "WFDB header: too many signals or segments");
    auto rate = word(line);
    // The counter frequency after the slash serves paper recorders only.
    if (!rate.empty() && (!take(rate, header.frame_hz) || !is_possible(header.frame_hz)))
        return malformed("the sampling frequency is no positive number");
    const auto count = word(line);
    if (!count.empty() && !whole(count, header.frame_count))
        return malformed("the number of samples is no number");
    header.base_time = word(line);
    header.base_date = word(line);
    return segment_count;
}

// "212x4:2+24": format, samples a frame, skew, byte offset.
bool read_format(std::string_view text, Signal& signal) {
    if (!take(text, signal.format)) return false;
    if (take(text, 'x') && (!take(text, signal.samples_per_frame) || signal.samples_per_frame == 0))
        return false;
    if (take(text, ':') && !take(text, signal.skew)) return false;
    if (take(text, '+') && !take(text, signal.byte_offset)) return false;
    return text.empty();
}

// "200(1024)/mV": gain, baseline, units.
bool read_gain(std::string_view text, Signal& signal, bool& has_baseline) {
    if (!take(text, signal.gain) || !std::isfinite(signal.gain)) return false;
    if (signal.gain == 0) {
        signal.gain = 200;
        signal.calibrated = false;
    }
    if (take(text, '(')) {
        if (!take(text, signal.baseline) || !take(text, ')')) return false;
        has_baseline = true;
    }
    if (take(text, '/')) {
        signal.units = text;
        text = {};
    }
    return text.empty();
}

Result<Signal> read_signal_line(std::string_view line) {
    Signal signal;
    signal.file = word(line);
    if (!read_format(word(line), signal)) return malformed("a signal's format cannot be read");
    bool has_baseline = false;
    const auto gain = word(line);
    signal.calibrated = !gain.empty();
    if (!gain.empty() && !read_gain(gain, signal, has_baseline))
        return malformed("a signal's gain cannot be read");
    const auto number = [&](auto& into) {
        const auto text = word(line);
        return text.empty() || whole(text, into);
    };
    if (!number(signal.adc_resolution) || !number(signal.adc_zero))
        return malformed("a signal's resolution or zero cannot be read");
    if (!has_baseline) signal.baseline = signal.adc_zero;
    signal.initial_value = signal.adc_zero;
    if (!number(signal.initial_value)) return malformed("a signal's first value cannot be read");
    // Written signed by some and unsigned by others: the 16 bits count.
    if (const auto text = word(line); !text.empty()) {
        std::int64_t checksum = 0;
        if (!whole(text, checksum)) return malformed("a signal's checksum cannot be read");
        signal.checksum = static_cast<std::int16_t>(static_cast<std::uint64_t>(checksum));
        signal.has_checksum = true;
    }
    word(line);  // block size: of tape
    const auto start = std::min(line.find_first_not_of(blanks), line.size());
    signal.description = line.substr(start);
    while (!signal.description.empty() &&
           blanks.find(signal.description.back()) != std::string::npos)
        signal.description.pop_back();
    return signal;
}

Result<Segment> read_segment_line(std::string_view line) {
    Segment segment;
    segment.name = word(line);
    if (!whole(word(line), segment.frame_count))
        return malformed("a segment's number of samples is no number");
    return segment;
}

}  // namespace

Result<Header> decode_header(std::string_view text) {
    Header header;
    bool has_record_line = false;
    std::uint32_t segment_count = 0;
    for (std::size_t number = 1; !text.empty(); ++number) {
        auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        while (!line.empty() && blanks.find(line.back()) != std::string_view::npos)
            line.remove_suffix(1);
        if (line.empty()) continue;
        const auto at_line = [&](Error error) {
            error.place = fmt::format("line {}", number);
            return tl::unexpected(std::move(error));
        };
        if (line.starts_with('#')) {
            if (has_record_line) header.info.emplace_back(line.substr(1));
        } else if (!has_record_line) {
            auto read = read_record_line(line, header);
            if (!read) return at_line(std::move(read).error());
            segment_count = *read;
            has_record_line = true;
        } else if (header.segments.size() < segment_count) {
            auto segment = read_segment_line(line);
            if (!segment) return at_line(std::move(segment).error());
            header.segments.push_back(std::move(*segment));
        } else if (segment_count == 0 && header.signals.size() < header.signal_count) {
            auto signal = read_signal_line(line);
            if (!signal) return at_line(std::move(signal).error());
            header.signals.push_back(std::move(*signal));
        } else {
            return at_line(
                {Error::Kind::malformed, "WFDB header: more lines than it announces", {}});
        }
    }
    if (!has_record_line) return malformed("it is empty");
    if (header.segments.size() != segment_count ||
        (segment_count == 0 && header.signals.size() != header.signal_count))
        return malformed("it ends before its last signal or segment");
    return header;
}

std::string encode(const Header& header) {
    std::string out = header.name;
    if (!header.segments.empty()) out += fmt::format("/{}", header.segments.size());
    out += fmt::format(" {} {} {}", header.signal_count, header.frame_hz, header.frame_count);
    if (!header.base_time.empty()) out += ' ' + header.base_time;
    if (!header.base_date.empty()) out += ' ' + header.base_date;
    out += '\n';
    for (const auto& segment : header.segments)
        out += fmt::format("{} {}\n", segment.name, segment.frame_count);
    for (const auto& signal : header.signals) {
        out += fmt::format("{} {}", signal.file, signal.format);
        if (signal.samples_per_frame != 1) out += fmt::format("x{}", signal.samples_per_frame);
        if (signal.skew != 0) out += fmt::format(":{}", signal.skew);
        if (signal.byte_offset != 0) out += fmt::format("+{}", signal.byte_offset);
        out += fmt::format(" {}({})/{} {} {} {} {} 0", signal.calibrated ? signal.gain : 0.0,
                           signal.baseline, signal.units, signal.adc_resolution, signal.adc_zero,
                           signal.initial_value, signal.checksum);
        if (!signal.description.empty()) out += ' ' + signal.description;
        out += '\n';
    }
    for (const auto& line : header.info) out += '#' + line + '\n';
    return out;
}

}  // namespace vigil::wfdb
