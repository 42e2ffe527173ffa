#pragma once
// Reading and writing bytes with every length checked.

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace vigil {

// Reads off the front of a buffer. A read past the end returns nothing and consumes nothing;
// the caller turns that into its own error with `position()` as the place.
class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) : start_(bytes.data()), bytes_(bytes) {}

    std::size_t position() const { return static_cast<std::size_t>(bytes_.data() - start_); }
    std::size_t remaining() const { return bytes_.size(); }
    bool empty() const { return bytes_.empty(); }

    template <std::integral T>
    std::optional<T> little_endian() {
        return integer<T, std::endian::little>();
    }
    template <std::integral T>
    std::optional<T> big_endian() {
        return integer<T, std::endian::big>();
    }
    std::optional<std::uint8_t> u8() { return little_endian<std::uint8_t>(); }

    std::optional<std::string_view> take(std::size_t count) {
        if (count > bytes_.size()) return std::nullopt;
        const auto taken = bytes_.substr(0, count);
        bytes_.remove_prefix(count);
        return taken;
    }
    std::string_view rest() { return std::exchange(bytes_, bytes_.substr(bytes_.size())); }

    // LEB128, at most 10 bytes; a longer or overflowing one reads as nothing.
    std::optional<std::uint64_t> varint() {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < bytes_.size() && i < 10; ++i) {
            const auto byte = static_cast<std::uint8_t>(bytes_[i]);
            if (i == 9 && byte > 1) return std::nullopt;
            value |= static_cast<std::uint64_t>(byte & 0x7F) << (7 * i);
            if ((byte & 0x80) == 0) {
                bytes_.remove_prefix(i + 1);
                return value;
            }
        }
        return std::nullopt;
    }
    std::optional<std::int64_t> signed_varint() {
        const auto raw = varint();
        if (!raw) return std::nullopt;
        return static_cast<std::int64_t>(*raw >> 1) ^ -static_cast<std::int64_t>(*raw & 1);
    }
    // A varint length, then that many bytes.
    std::optional<std::string_view> sized() {
        const auto before = bytes_;
        const auto length = varint();
        if (length && *length <= bytes_.size()) return take(*length);
        bytes_ = before;
        return std::nullopt;
    }

private:
    template <class T, std::endian order>
    std::optional<T> integer() {
        if (bytes_.size() < sizeof(T)) return std::nullopt;
        std::make_unsigned_t<T> value = 0;
        for (std::size_t i = 0; i < sizeof(T); ++i) {
            const std::size_t at = order == std::endian::big ? i : sizeof(T) - 1 - i;
            value = static_cast<std::make_unsigned_t<T>>((static_cast<std::uint64_t>(value) << 8) |
                                                         static_cast<std::uint8_t>(bytes_[at]));
        }
        bytes_.remove_prefix(sizeof(T));
        return static_cast<T>(value);
    }

    const char* start_;
    std::string_view bytes_;
};

// Appends to a string that the caller owns and may reuse.
class ByteWriter {
public:
    explicit ByteWriter(std::string& out) : out_(out) {}

    template <std::integral T>
    void little_endian(T value) {
        for (std::size_t i = 0; i < sizeof(T); ++i)
            put(static_cast<std::uint64_t>(value) >> (8 * i));
    }
    template <std::integral T>
    void big_endian(T value) {
        for (std::size_t i = sizeof(T); i-- > 0;) put(static_cast<std::uint64_t>(value) >> (8 * i));
    }
    void u8(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
    void bytes(std::string_view bytes) { out_.append(bytes); }

    void varint(std::uint64_t value) {
        while (value >= 0x80) {
            put(value | 0x80);
            value >>= 7;
        }
        put(value);
    }
    void signed_varint(std::int64_t value) {
        varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
    }
    void sized(std::string_view bytes) {
        varint(bytes.size());
        out_.append(bytes);
    }

private:
    void put(std::uint64_t byte) { out_.push_back(static_cast<char>(byte & 0xFF)); }
    std::string& out_;
};

}  // namespace vigil
