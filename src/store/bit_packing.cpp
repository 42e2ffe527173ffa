#include "store/bit_packing.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace vigil::store {

namespace {

// A full block is 8 lanes of 32 values side by side: value i stands in lane i % 8, so that one
// vector instruction moves eight. What does not fill a block is packed in one row.
constexpr std::size_t lanes = 8;
constexpr std::size_t block = block_size;
static_assert(block == lanes * 32);
constexpr int wide = 33;  // a width above 32 bits: the block is 64-bit words as they are

using Vector = std::uint32_t __attribute__((vector_size(lanes * sizeof(std::uint32_t))));

struct Choice {
    int width = 0;
    std::size_t exceptions = 0;
};

int bits(std::uint64_t value) {
    return static_cast<int>(std::bit_width(value));
}

// The width with the fewest bytes, exceptions counted: two bytes and what is over the width.
Choice choose(std::span<const std::uint64_t> values) {
    std::array<std::size_t, 65> with_bits{};
    for (const auto value : values) ++with_bits[static_cast<std::size_t>(bits(value))];
    Choice best{.width = 64, .exceptions = 0};
    std::size_t best_bytes = SIZE_MAX;
    std::size_t above = 0, above_bytes = 0;
    for (int width = 64; width >= 0; --width) {
        const bool packable = width <= 32 && above < 256;
        const std::size_t size =
            width > 32 ? values.size() * 8
                       : (values.size() * static_cast<std::size_t>(width) + 7) / 8 + above_bytes;
        if ((packable || (width == 64)) && size <= best_bytes) {
            best_bytes = size;
            best = {.width = width > 32 ? wide : width, .exceptions = above};
        }
        const auto count = with_bits[static_cast<std::size_t>(width)];
        above += count;
        above_bytes += count * (1 + static_cast<std::size_t>(width + 6) / 7);
    }
    return best;
}

void put_words(std::string& out, const void* words, std::size_t bytes) {
    out.append(static_cast<const char*>(words), bytes);
}

void pack_lanes(std::span<const std::uint64_t> values, int width, std::string& out) {
    std::array<std::uint32_t, block> words{};
    const std::uint64_t mask = (std::uint64_t{1} << width) - 1;
    for (std::size_t i = 0; i < block; ++i) {
        const auto row = i / lanes, lane = i % lanes;
        const auto bit = row * static_cast<std::size_t>(width);
        const auto value = static_cast<std::uint32_t>(values[i] & mask);
        words[bit / 32 * lanes + lane] |= value << bit % 32;
        if (bit % 32 + static_cast<std::size_t>(width) > 32)
            words[(bit / 32 + 1) * lanes + lane] |= value >> (32 - bit % 32);
    }
    put_words(out, words.data(), static_cast<std::size_t>(width) * lanes * 4);
}

// Returns all of them, or-ed.
std::uint32_t unpack_lanes(std::string_view in, int width, std::uint32_t* out) {
    const Vector mask = Vector{} + static_cast<std::uint32_t>((std::uint64_t{1} << width) - 1);
    Vector all{};
    std::size_t bit = 0;
    for (std::size_t row = 0; row < block / lanes; ++row, bit += static_cast<std::size_t>(width)) {
        Vector word;
        std::memcpy(&word, in.data() + bit / 32 * sizeof word, sizeof word);
        Vector value = word >> static_cast<std::uint32_t>(bit % 32);
        if (bit % 32 + static_cast<std::size_t>(width) > 32) {
            std::memcpy(&word, in.data() + (bit / 32 + 1) * sizeof word, sizeof word);
            value |= word << static_cast<std::uint32_t>(32 - bit % 32);
        }
        value &= mask;
        all |= value;
        std::memcpy(out + row * lanes, &value, sizeof value);
    }
    std::uint32_t bits = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) bits |= all[lane];
    return bits;
}

void pack_row(std::span<const std::uint64_t> values, int width, std::string& out) {
    std::uint64_t held = 0;
    int held_bits = 0;
    for (const auto value : values) {
        held |= (value & ((std::uint64_t{1} << width) - 1)) << held_bits;
        for (held_bits += width; held_bits >= 8; held_bits -= 8, held >>= 8)
            out.push_back(static_cast<char>(held & 0xFF));
    }
    if (held_bits > 0) out.push_back(static_cast<char>(held & 0xFF));
}

std::uint32_t unpack_row(std::string_view in, int width, std::span<std::uint32_t> out) {
    std::uint64_t held = 0;
    int held_bits = 0;
    std::size_t at = 0;
    std::uint32_t bits = 0;
    for (auto& value : out) {
        for (; held_bits < width; held_bits += 8)
            held |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(in[at++])) << held_bits;
        value = static_cast<std::uint32_t>(held & ((std::uint64_t{1} << width) - 1));
        bits |= value;
        held >>= width;
        held_bits -= width;
    }
    return bits;
}

void pack_block(std::span<const std::uint64_t> values, std::string& out) {
    const auto choice = choose(values);
    ByteWriter writer(out);
    writer.u8(static_cast<std::uint8_t>(choice.width));
    if (choice.width == wide) return put_words(out, values.data(), values.size() * 8);
    writer.u8(static_cast<std::uint8_t>(choice.exceptions));
    if (choice.width > 0) {
        if (values.size() == block)
            pack_lanes(values, choice.width, out);
        else
            pack_row(values, choice.width, out);
    }
    for (std::size_t i = 0; i < values.size() && choice.exceptions > 0; ++i) {
        if (bits(values[i]) <= choice.width) continue;
        writer.u8(static_cast<std::uint8_t>(i));
        writer.varint(values[i] >> choice.width);
    }
}

// Puts back what stood above the width.
bool patch(ByteReader& in, unsigned exceptions, unsigned width, Residuals& out) {
    for (unsigned i = 0; i < exceptions; ++i) {
        const auto at = in.u8();
        const auto high = in.varint();
        if (!at || !high || *at >= out.count) return false;
        const std::uint64_t above = *high << width;
        if (*high >= std::uint64_t{1} << (32 - width)) out.widen();
        if (out.is_wide) {
            out.wide[*at] |= above;
        } else {
            out.narrow[*at] |= static_cast<std::uint32_t>(above);
            out.bits |= static_cast<std::uint32_t>(above);
        }
    }
    return true;
}

}  // namespace

void pack(std::span<const std::uint64_t> values, std::string& out) {
    for (std::size_t at = 0; at < values.size(); at += block)
        pack_block(values.subspan(at, std::min(block, values.size() - at)), out);
}

bool unpack_block(ByteReader& in, Residuals& out) {
    const auto width = in.u8();
    if (!width || *width > wide) return false;
    out.is_wide = *width == wide;
    if (out.is_wide) {
        const auto words = in.take(out.count * 8);
        if (words) std::memcpy(out.wide.data(), words->data(), words->size());
        return words.has_value();
    }
    const auto exceptions = in.u8();
    const auto packed = in.take((out.count * *width + 7) / 8);
    if (!exceptions || !packed) return false;
    if (*width == 0) {
        out.bits = 0;
        std::fill_n(out.narrow.begin(), out.count, 0);
    } else if (out.count == block) {
        out.bits = unpack_lanes(*packed, *width, out.narrow.data());
    } else {
        out.bits = unpack_row(*packed, *width, std::span(out.narrow).first(out.count));
    }
    return patch(in, *exceptions, *width, out);
}

}  // namespace vigil::store
