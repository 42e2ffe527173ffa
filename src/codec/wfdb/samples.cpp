#include "codec/wfdb/samples.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <string>

namespace vigil::wfdb {
namespace {

// How `samples` samples lie in `bytes` bytes, and what an invalid one is written as.
struct Layout {
    std::uint16_t format;
    std::uint8_t samples, bytes;
    std::int32_t invalid;  // `missing`: the format has none
    std::int32_t low, high;
};

constexpr std::array<Layout, 10> layouts{{
    {8, 1, 1, missing, -128, 127},
    {16, 1, 2, -32768, -32768, 32767},
    {24, 1, 3, -(1 << 23), -(1 << 23), (1 << 23) - 1},
    {32, 1, 4, INT32_MIN, INT32_MIN, INT32_MAX},
    {61, 1, 2, -32768, -32768, 32767},
    {80, 1, 1, -128, -128, 127},
    {160, 1, 2, -32768, -32768, 32767},
    {212, 2, 3, -2048, -2048, 2047},
    {310, 3, 4, -512, -512, 511},
    {311, 3, 4, -512, -512, 511},
}};

const Layout* layout_of(std::uint16_t format) {
    const auto found =
        std::ranges::find_if(layouts, [&](const Layout& l) { return l.format == format; });
    return found == layouts.end() ? nullptr : &*found;
}

std::int32_t sign_extended(std::uint32_t value, int bits) {
    return static_cast<std::int32_t>(value << (32 - bits)) >> (32 - bits);
}

// The n-th sample of a file; the caller has checked that its group is there.
std::int32_t raw_sample(std::string_view file, const Layout& layout, std::uint64_t n) {
    const auto* group = file.data() + n / layout.samples * layout.bytes;
    const auto byte = [&](int i) { return std::uint32_t{static_cast<std::uint8_t>(group[i])}; };
    const auto word = [&](int i) { return byte(i) | byte(i + 1) << 8; };
    switch (layout.format) {
        case 8:
            return sign_extended(byte(0), 8);
        case 16:
            return sign_extended(word(0), 16);
        case 24:
            return sign_extended(word(0) | byte(2) << 16, 24);
        case 32:
            return static_cast<std::int32_t>(word(0) | word(2) << 16);
        case 61:
            return sign_extended(byte(0) << 8 | byte(1), 16);
        case 80:
            return static_cast<std::int32_t>(byte(0)) - 128;
        case 160:
            return static_cast<std::int32_t>(word(0)) - 32768;
        case 212:
            return n % 2 == 0 ? sign_extended(word(0), 12)
                              : sign_extended(byte(2) | (byte(1) & 0xF0) << 4, 12);
        case 310:
            if (n % 3 == 0) return sign_extended(word(0) >> 1, 10);
            if (n % 3 == 1) return sign_extended(word(2) >> 1, 10);
            return sign_extended(word(0) >> 11 | (word(2) >> 11) << 5, 10);
        default:  // 311
            return sign_extended((word(0) | word(2) << 16) >> (10 * (n % 3)), 10);
    }
}

// The last group of a packed format may be cut off after the bytes its last sample needs.
std::uint64_t samples_in(std::string_view file, const Layout& layout) {
    const auto groups = file.size() / layout.bytes;
    const auto rest = file.size() % layout.bytes;
    std::uint64_t samples = groups * layout.samples;
    if (layout.samples > 1 && rest >= 2) ++samples;
    return samples;
}

std::uint64_t frame_size(std::span<const Signal> signals) {
    std::uint64_t size = 0;
    for (const auto& signal : signals) size += signal.samples_per_frame;
    return size;
}

// Written `skew` frames late: read that much further on, and let the end be missing.
void take_out_skew(std::vector<std::int32_t>& samples, const Signal& signal) {
    const auto late = std::min<std::uint64_t>(std::uint64_t{signal.skew} * signal.samples_per_frame,
                                              samples.size());
    std::ranges::rotate(samples, samples.begin() + static_cast<std::ptrdiff_t>(late));
    std::fill(samples.end() - static_cast<std::ptrdiff_t>(late), samples.end(), missing);
}

// Format 8 holds differences; sums that wander out of 32 bits are damage.
bool sum_up(std::vector<std::int32_t>& samples, std::int32_t initial_value) {
    std::int64_t sum = initial_value;
    for (auto& sample : samples) {
        sum += sample;
        if (sum <= INT32_MIN || sum > INT32_MAX) return false;
        sample = static_cast<std::int32_t>(sum);
    }
    return true;
}

}  // namespace

bool knows_format(std::uint16_t format) {
    return layout_of(format) != nullptr;
}

Result<std::vector<std::vector<std::int32_t>>> decode_samples(std::string_view file,
                                                              std::span<const Signal> signals,
                                                              std::uint64_t frame_count) {
    assert(!signals.empty());
    const auto& first = signals.front();
    const auto* layout = layout_of(first.format);
    if (layout == nullptr)
        return fail(Error::Kind::unsupported,
                    "WFDB signal format " + std::to_string(first.format) + " is not known",
                    first.file);
    if (std::ranges::any_of(signals, [&](const Signal& s) { return s.format != first.format; }))
        return fail(Error::Kind::malformed, "WFDB signals in one file differ in format",
                    first.file);
    if (first.byte_offset > file.size())
        return fail(Error::Kind::malformed, "WFDB signals begin after their file's end",
                    first.file);
    file.remove_prefix(first.byte_offset);
    const auto frame = frame_size(signals);
    const auto held = samples_in(file, *layout);
    if (frame > samples_max || held > samples_max)
        return fail(Error::Kind::too_large, "WFDB signal file is too large", first.file);
    if (frame_count == 0) frame_count = held / frame;
    if (frame_count > held / frame)
        return fail(Error::Kind::malformed, "WFDB signal file is shorter than its header says",
                    first.file);
    std::vector<std::vector<std::int32_t>> out(signals.size());
    for (std::size_t i = 0; i < signals.size(); ++i)
        out[i].resize(frame_count * signals[i].samples_per_frame);
    std::uint64_t n = 0;
    for (std::uint64_t at = 0; at < frame_count; ++at)
        for (std::size_t i = 0; i < signals.size(); ++i)
            for (std::uint32_t k = 0; k < signals[i].samples_per_frame; ++k, ++n) {
                const auto sample = raw_sample(file, *layout, n);
                const bool invalid = layout->invalid != missing && sample == layout->invalid;
                out[i][at * signals[i].samples_per_frame + k] = invalid ? missing : sample;
            }
    for (std::size_t i = 0; i < signals.size(); ++i) {
        if (first.format == 8 && !sum_up(out[i], signals[i].initial_value))
            return fail(Error::Kind::malformed, "WFDB differences leave the range of samples",
                        first.file);
        take_out_skew(out[i], signals[i]);
    }
    return out;
}

std::string encode_samples(std::span<const std::int32_t> samples, std::uint16_t format) {
    const auto* layout = layout_of(format);
    assert(layout != nullptr && format != 8);
    std::string out;
    for (std::size_t at = 0; at < samples.size(); at += layout->samples) {
        std::array<std::uint32_t, 3> s{};
        for (std::size_t i = 0; i < layout->samples && at + i < samples.size(); ++i) {
            const auto sample = samples[at + i];
            s[i] = static_cast<std::uint32_t>(sample == missing
                                                  ? layout->invalid
                                                  : std::clamp(sample, layout->low, layout->high));
        }
        std::uint64_t word = 0;
        switch (format) {
            case 61:
                word = (s[0] >> 8 & 0xFF) | (s[0] & 0xFF) << 8;
                break;
            case 80:
                word = s[0] + 128;
                break;
            case 160:
                word = s[0] + 32768;
                break;
            case 212:
                word = (s[0] & 0xFFF) | (s[1] & 0xF00) << 4 | (s[1] & 0xFF) << 16;
                break;
            case 310:
                word = (s[0] & 0x3FF) << 1 | (s[2] & 0x1F) << 11 | (s[1] & 0x3FF) << 17 |
                       std::uint64_t{s[2] & 0x3E0} << 22;
                break;
            case 311:
                word = (s[0] & 0x3FF) | (s[1] & 0x3FF) << 10 | (s[2] & 0x3FF) << 20;
                break;
            default:
                word = s[0];
        }
        for (int i = 0; i < layout->bytes; ++i) out += static_cast<char>(word >> (8 * i) & 0xFF);
    }
    return out;
}

std::int16_t checksum(std::span<const std::int32_t> samples, std::uint16_t format) {
    const auto* layout = layout_of(format);
    std::uint32_t sum = 0;
    for (const auto sample : samples)
        sum += static_cast<std::uint32_t>(sample == missing && layout != nullptr ? layout->invalid
                                                                                 : sample);
    return static_cast<std::int16_t>(sum);
}

}  // namespace vigil::wfdb
