#include "codec/waveform/samples.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>
#include <utility>

#include "metric/reading.hpp"

namespace vigil::codec::waveform {
namespace {

constexpr std::int32_t missing = WaveformBlock::missing;
constexpr std::int16_t missing_int16 = INT16_MIN;

tl::unexpected<Error> wrong_length() {
    return fail(Error::Kind::malformed, "the samples are not as long as their count says");
}

// Differences wrap around at 32 bits, so that every pair of samples has one.
constexpr std::uint32_t zigzag(std::uint32_t difference) {
    return difference << 1 ^
           static_cast<std::uint32_t>(static_cast<std::int32_t>(difference) >> 31);
}
constexpr std::uint32_t unzigzag(std::uint32_t code) {
    return code >> 1 ^ (0U - (code & 1));
}

template <class Sample>
Sample little_endian(const char* bytes) {
    Sample value;
    std::memcpy(&value, bytes, sizeof value);
    if constexpr (std::endian::native == std::endian::big) {
        if constexpr (sizeof(Sample) == 2)
            value = static_cast<Sample>(__builtin_bswap16(static_cast<std::uint16_t>(value)));
        else if constexpr (sizeof(Sample) == 4)
            value = static_cast<Sample>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
        else
            value = static_cast<Sample>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
    }
    return value;
}

template <class Sample>
Result<void> decode_fixed(std::string_view bytes, std::span<std::int32_t> out) {
    if (bytes.size() != out.size() * sizeof(Sample)) return wrong_length();
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto sample = little_endian<Sample>(bytes.data() + i * sizeof(Sample));
        if constexpr (sizeof(Sample) == 2)
            out[i] = sample == missing_int16 ? missing : sample;
        else
            out[i] = sample;
    }
    return {};
}

// Codes: 0 a missing sample, else 1 + the zigzag difference from the last sample there was.
class VarintDecoder {
public:
    explicit VarintDecoder(std::span<std::int32_t> out) : out_(out) {}

    Result<void> decode(std::string_view bytes) {
        const char* at = bytes.data();
        const char* const end = at + bytes.size();
        while (filled_ < out_.size()) {
            if (end - at >= 8 && out_.size() - filled_ >= 8 && are_single(at)) {
                for (int i = 0; i < 8; ++i) put(static_cast<unsigned char>(at[i]));
                at += 8;
                continue;
            }
            std::uint64_t code = 0;
            for (int shift = 0;; shift += 7) {
                if (at == end || shift > 28) return wrong_length();
                const auto byte = static_cast<unsigned char>(*at++);
                code |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
                if (byte < 0x80) break;
            }
            if (code > std::uint64_t{UINT32_MAX} + 1) return wrong_length();
            put(code);
        }
        return at == end ? Result<void>() : wrong_length();
    }

private:
    static bool are_single(const char* at) {
        return (little_endian<std::uint64_t>(at) & 0x8080808080808080) == 0;
    }
    void put(std::uint64_t code) {
        const auto next = last_ + unzigzag(static_cast<std::uint32_t>(code - 1));
        last_ = code == 0 ? last_ : next;
        out_[filled_++] = code == 0 ? missing : static_cast<std::int32_t>(next);
    }

    std::span<std::int32_t> out_;
    std::size_t filled_ = 0;
    std::uint32_t last_ = 0;
};

void encode_varint(std::span<const std::int32_t> samples, std::string& out) {
    std::uint32_t last = 0;
    for (const auto sample : samples) {
        std::uint64_t code = 0;
        if (sample != missing) {
            code = std::uint64_t{1} + zigzag(static_cast<std::uint32_t>(sample) - last);
            last = static_cast<std::uint32_t>(sample);
        }
        for (; code >= 0x80; code >>= 7) out += static_cast<char>(code | 0x80);
        out += static_cast<char>(code);
    }
}

// One group: a byte that says how many bits each code has, then the codes, the first in the lowest
// bits. Codes never begin beyond bit 7 of a byte, so that eight bytes hold any of up to 32 bits.
template <int width>
std::uint32_t unpack(const char* bits, std::size_t count, std::uint32_t last, std::int32_t* out) {
    constexpr std::uint64_t mask = (std::uint64_t{1} << width) - 1;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t bit = i * width;
        const auto word = little_endian<std::uint64_t>(bits + bit / 8);
        last += unzigzag(static_cast<std::uint32_t>(word >> (bit % 8) & mask));
        out[i] = static_cast<std::int32_t>(last);
    }
    return last;
}

using Unpack = std::uint32_t (*)(const char*, std::size_t, std::uint32_t, std::int32_t*);

template <int... widths>
constexpr std::array<Unpack, sizeof...(widths)> unpackers(std::integer_sequence<int, widths...>) {
    return {unpack<widths>...};
}
constexpr auto unpack_width = unpackers(std::make_integer_sequence<int, 33>());

constexpr std::size_t group_bytes(std::size_t count, int width) {
    return (count * static_cast<std::size_t>(width) + 7) / 8;
}

Result<void> decode_packed(std::string_view bytes, std::span<std::int32_t> out) {
    std::uint32_t last = 0;
    std::array<char, packed_group * 4 + 8> tail{};  // reads of eight bytes stay within it
    for (std::size_t filled = 0; filled < out.size();) {
        const auto count = std::min(packed_group, out.size() - filled);
        if (bytes.empty()) return wrong_length();
        const auto width = static_cast<unsigned char>(bytes.front());
        if (width > 32) return fail(Error::Kind::malformed, "samples of more than 32 bits");
        bytes.remove_prefix(1);
        const auto length = group_bytes(count, width);
        if (bytes.size() < length) return wrong_length();
        const char* bits = bytes.data();
        if (bytes.size() < length + 8) {
            std::memcpy(tail.data(), bytes.data(), length);
            bits = tail.data();
        }
        last = unpack_width[width](bits, count, last, out.data() + filled);
        bytes.remove_prefix(length);
        filled += count;
    }
    return bytes.empty() ? Result<void>() : wrong_length();
}

void encode_packed(std::span<const std::int32_t> samples, std::string& out) {
    std::uint32_t last = 0;
    std::array<std::uint32_t, packed_group> codes{};
    while (!samples.empty()) {
        const auto group = samples.first(std::min(packed_group, samples.size()));
        std::uint32_t widest = 0;
        for (std::size_t i = 0; i < group.size(); ++i) {
            codes[i] = zigzag(static_cast<std::uint32_t>(group[i]) - last);
            last = static_cast<std::uint32_t>(group[i]);
            widest |= codes[i];
        }
        const int width = static_cast<int>(std::bit_width(widest));
        out += static_cast<char>(width);
        std::uint64_t bits = 0;
        int held = 0;
        for (std::size_t i = 0; i < group.size(); ++i) {
            bits |= static_cast<std::uint64_t>(codes[i]) << held;
            for (held += width; held >= 8; held -= 8, bits >>= 8) out += static_cast<char>(bits);
        }
        if (held > 0) out += static_cast<char>(bits);
        samples = samples.subspan(group.size());
    }
}

template <class Sample>
void encode_fixed(std::span<const std::int32_t> samples, std::string& out) {
    for (const auto sample : samples) {
        auto bits = static_cast<std::uint32_t>(sample);
        if (sizeof(Sample) == 2 && sample == missing)
            bits = static_cast<std::uint16_t>(missing_int16);
        for (std::size_t i = 0; i < sizeof(Sample); ++i, bits >>= 8) out += static_cast<char>(bits);
    }
}

}  // namespace

Result<void> decode_samples(SampleCoding coding, std::string_view bytes,
                            std::span<std::int32_t> out) {
    switch (coding) {
        case SampleCoding::int16:
            return decode_fixed<std::int16_t>(bytes, out);
        case SampleCoding::int32:
            return decode_fixed<std::int32_t>(bytes, out);
        case SampleCoding::delta_varint:
            return VarintDecoder(out).decode(bytes);
        case SampleCoding::delta_packed:
            return decode_packed(bytes, out);
    }
    return fail(Error::Kind::unsupported, "a coding of samples that is not known");
}

bool can_hold(SampleCoding coding, std::span<const std::int32_t> samples) {
    const auto fits_int16 = [](std::int32_t sample) {
        return sample == missing || (sample > missing_int16 && sample <= INT16_MAX);
    };
    if (coding == SampleCoding::int16) return std::ranges::all_of(samples, fits_int16);
    if (coding == SampleCoding::delta_packed)
        return std::ranges::find(samples, missing) == samples.end();
    return true;
}

void encode_samples(SampleCoding coding, std::span<const std::int32_t> samples, std::string& out) {
    assert(can_hold(coding, samples));
    switch (coding) {
        case SampleCoding::int16:
            return encode_fixed<std::int16_t>(samples, out);
        case SampleCoding::int32:
            return encode_fixed<std::int32_t>(samples, out);
        case SampleCoding::delta_varint:
            return encode_varint(samples, out);
        case SampleCoding::delta_packed:
            return encode_packed(samples, out);
    }
}

}  // namespace vigil::codec::waveform
