#include "codec/cbor/cbor.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>

namespace vigil::codec::cbor {
namespace {

constexpr std::uint8_t indefinite = 31;

// RFC 8949 appendix D.
double from_half(std::uint64_t bits) {
    const auto exponent = static_cast<int>(bits >> 10 & 0x1F);
    const auto fraction = static_cast<double>(bits & 0x3FF);
    double value = 0;
    if (exponent == 0)
        value = std::ldexp(fraction, -24);
    else if (exponent != 31)
        value = std::ldexp(fraction + 1024, exponent - 25);
    else
        value = fraction == 0 ? INFINITY : NAN;
    return (bits & 0x8000) != 0 ? -value : value;
}

// The shortest decimal that reads back as the same binary number: what the sensor meant by it.
template <class Binary>
Result<Decimal> shortest(Binary value) {
    std::array<char, 32> text{};
    const auto [end, failure] = std::to_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || !std::isfinite(value))
        return fail(Error::Kind::malformed, "a number that is not finite");
    return parse_decimal({text.data(), static_cast<std::size_t>(end - text.data())});
}

}  // namespace

tl::unexpected<Error> CborReader::problem(std::string_view what) const {
    return fail(Error::Kind::malformed, fmt::format("not readable as CBOR: {}", what),
                fmt::format("byte {}", bytes_.position()));
}

Result<CborReader::Head> CborReader::head() {
    const auto first = bytes_.u8();
    if (!first) return problem("it ends where an item should stand");
    Head head{static_cast<std::uint8_t>(*first >> 5), static_cast<std::uint8_t>(*first & 0x1F), 0};
    std::optional<std::uint64_t> argument;
    switch (head.info) {
        case 24:
            argument = bytes_.u8();
            break;
        case 25:
            argument = bytes_.big_endian<std::uint16_t>();
            break;
        case 26:
            argument = bytes_.big_endian<std::uint32_t>();
            break;
        case 27:
            argument = bytes_.big_endian<std::uint64_t>();
            break;
        default:
            if (head.info > 27 && head.info != indefinite) return problem("a reserved length");
            argument = head.info;
    }
    if (!argument) return problem("it ends within an item");
    head.argument = *argument;
    return head;
}

Result<CborItem> CborReader::next() {
    constexpr std::uint64_t tag_decimal_fraction = 4;
    VIGIL_TRY(head, this->head());
    for (int tags = 0; head.major == 6; ++tags) {
        if (tags == depth_max || head.info == indefinite) return problem("too many tags");
        if (head.argument == tag_decimal_fraction) return decimal_fraction();
        if (head.argument == 2 || head.argument == 3) return problem("a bignum is not read");
        VIGIL_TRY(tagged, this->head());
        head = tagged;
    }
    CborItem item;
    switch (head.major) {
        case 0:
        case 1:
            return integer(head);
        case 2:
        case 3:
            return string(head);
        case 4:
        case 5:
            item.kind = head.major == 4 ? CborItem::Kind::array : CborItem::Kind::map;
            if (head.info != indefinite) item.count = head.argument;
            return item;
        default:
            return simple(head);
    }
}

Result<CborItem> CborReader::integer(const Head& head) {
    constexpr std::uint64_t largest = 999'999'999'999'999'999;  // 18 digits, as Decimal holds
    if (head.info == indefinite || head.argument > largest)
        return problem("an integer is too large");
    CborItem item;
    item.kind = CborItem::Kind::integer;
    item.number.mantissa = static_cast<std::int64_t>(head.argument);
    if (head.major == 1) item.number.mantissa = -1 - item.number.mantissa;
    return item;
}

// RFC 8949 section 3.4.4: [exponent, mantissa]. Never by next(): a tower of these tags would be as
// many calls within each other as the message has bytes.
Result<CborItem> CborReader::decimal_fraction() {
    constexpr std::uint8_t array = 4;
    VIGIL_TRY(pair, this->head());
    if (pair.major != array || pair.info == indefinite || pair.argument != 2)
        return problem("a decimal fraction is no pair");
    VIGIL_TRY(exponent_head, this->head());
    if (exponent_head.major > 1) return problem("a decimal fraction's exponent is no integer");
    VIGIL_TRY(exponent, integer(exponent_head));
    VIGIL_TRY(mantissa_head, this->head());
    if (mantissa_head.major > 1) return problem("a decimal fraction's mantissa is no integer");
    VIGIL_TRY(item, integer(mantissa_head));
    if (exponent.number.mantissa < INT8_MIN || exponent.number.mantissa > INT8_MAX)
        return problem("a decimal fraction's exponent is too large");
    item.kind = CborItem::Kind::number;
    item.number.exponent = static_cast<std::int8_t>(exponent.number.mantissa);
    return item;
}

Result<CborItem> CborReader::string(const Head& head) {
    if (head.info == indefinite) return problem("a string in chunks is not read");
    const auto text =
        head.argument <= bytes_.remaining() ? bytes_.take(head.argument) : std::nullopt;
    if (!text) return problem("it ends within a string");
    CborItem item;
    item.kind = head.major == 2 ? CborItem::Kind::bytes : CborItem::Kind::text;
    item.text = *text;
    return item;
}

Result<CborItem> CborReader::simple(const Head& head) {
    CborItem item;
    switch (head.info) {
        case 20:
        case 21:
            item.kind = CborItem::Kind::boolean;
            item.boolean = head.info == 21;
            return item;
        case 22:
        case 23:
            return item;
        case 25: {
            VIGIL_TRY(half, shortest(static_cast<float>(from_half(head.argument))));
            item.number = half;
            break;
        }
        case 26: {
            const auto bits = static_cast<std::uint32_t>(head.argument);
            VIGIL_TRY(single, shortest(std::bit_cast<float>(bits)));
            item.number = single;
            break;
        }
        case 27: {
            VIGIL_TRY(full, shortest(std::bit_cast<double>(head.argument)));
            item.number = full;
            break;
        }
        case indefinite:
            item.kind = CborItem::Kind::end;
            return item;
        default:
            return problem("a simple value that is not read");
    }
    item.kind = CborItem::Kind::number;
    return item;
}

Result<void> CborReader::skip_content(const CborItem& item, int depth) {
    const bool is_map = item.kind == CborItem::Kind::map;
    if (!is_map && item.kind != CborItem::Kind::array) return {};
    if (depth >= depth_max) return problem("it is nested too deeply");
    for (std::uint64_t i = 0; !item.count || i < *item.count; ++i)
        for (int part = 0; part < (is_map ? 2 : 1); ++part) {
            VIGIL_TRY(inner, next());
            if (inner.kind == CborItem::Kind::end) {
                if (item.count || part == 1) return problem("an end where nothing is open");
                return {};
            }
            VIGIL_CHECK(skip_content(inner, depth + 1));
        }
    return {};
}

}  // namespace vigil::codec::cbor
