#pragma once
// The part of CBOR (RFC 8949) that SenML and Web Authentication use, pulled off the front of a
// buffer item by item. Nothing is allocated by what a length claims.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/decimal.hpp"
#include "base/result.hpp"

namespace vigil::codec::cbor {

struct CborItem {
    enum class Kind : std::uint8_t { integer, number, boolean, null, text, bytes, array, map, end };
    Kind kind = Kind::null;
    Decimal number;                      // of integer and number
    bool boolean = false;                // of boolean
    std::string_view text;               // of text and bytes
    std::optional<std::uint64_t> count;  // of array and map; none: until an `end`
};

class CborReader {
public:
    explicit CborReader(std::string_view bytes) : bytes_(bytes) {}

    // Tag 4 (decimal fraction) and tag 1 (epoch time) are read as their number; other tags are
    // passed over. A text or byte string in chunks is refused, as is a bignum.
    Result<CborItem> next();
    // Passes over what `item` holds: its elements or members.
    Result<void> skip_content(const CborItem& item, int depth = 0);

    std::size_t position() const { return bytes_.position(); }
    bool empty() const { return bytes_.empty(); }

private:
    struct Head {
        std::uint8_t major = 0, info = 0;
        std::uint64_t argument = 0;
    };
    Result<Head> head();
    Result<CborItem> integer(const Head& head);
    Result<CborItem> decimal_fraction();
    Result<CborItem> simple(const Head& head);
    Result<CborItem> string(const Head& head);
    tl::unexpected<Error> problem(std::string_view what) const;

    static constexpr int depth_max = 16;
    ByteReader bytes_;
};

}  // namespace vigil::codec::cbor
