#include "share/waveform_frame.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <span>

#include "base/bytes.hpp"

namespace vigil::share {
namespace {

constexpr std::uint8_t version = 1;
constexpr std::uint8_t kind_waveform = 1;
constexpr std::size_t header_bytes = 8;
constexpr std::uint8_t flag_after_gap = 1;
constexpr std::uint8_t flag_replayed = 2;

void float64(ByteWriter& out, double value) {
    out.little_endian(std::bit_cast<std::uint64_t>(value));
}

bool fits_int16(std::span<const std::int32_t> samples) {
    return std::ranges::all_of(samples, [](std::int32_t sample) {
        return sample == WaveformBlock::missing ||
               (sample > std::numeric_limits<std::int16_t>::min() &&
                sample <= std::numeric_limits<std::int16_t>::max());
    });
}

}  // namespace

void WaveformFrame::add(std::uint32_t series_index, const WaveformBlock& block,
                        Timestamp filed_time, bool after_gap, bool replayed) {
    ByteWriter out(bytes_);
    if (bytes_.empty()) bytes_.append(header_bytes, '\0');
    const std::span all(block.samples);
    for (std::size_t from = 0; from < all.size() && count_ < blocks_max; from += samples_max) {
        const auto samples = all.subspan(from, std::min(samples_max, all.size() - from));
        const bool narrow = fits_int16(samples);
        const auto start = filed_time + block.period * static_cast<std::int64_t>(from);
        out.little_endian(series_index);
        out.u8(narrow ? 2 : 4);
        out.u8(static_cast<std::uint8_t>((after_gap && from == 0 ? flag_after_gap : 0) |
                                         (replayed ? flag_replayed : 0)));
        out.little_endian(std::uint16_t{0});
        out.little_endian(static_cast<std::uint32_t>(samples.size()));
        out.little_endian(std::uint32_t{0});
        float64(out, static_cast<double>(unix_ns(start)) / 1e6);
        float64(out, static_cast<double>(block.period.count()) / 1e6);
        float64(out, block.scale.to_double());
        float64(out, block.offset.to_double());
        for (const auto sample : samples) {
            if (!narrow)
                out.little_endian(sample);
            else if (sample == WaveformBlock::missing)
                out.little_endian(std::numeric_limits<std::int16_t>::min());
            else
                out.little_endian(static_cast<std::int16_t>(sample));
        }
        bytes_.append((8 - bytes_.size() % 8) % 8, '\0');
        ++count_;
    }
}

std::string WaveformFrame::take() {
    std::string header;
    ByteWriter out(header);
    out.u8(version);
    out.u8(kind_waveform);
    out.little_endian(static_cast<std::uint16_t>(count_));
    out.little_endian(std::uint32_t{0});
    bytes_.replace(0, header_bytes, header);
    count_ = 0;
    return std::exchange(bytes_, {});
}

}  // namespace vigil::share
