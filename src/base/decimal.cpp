#include "base/decimal.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace vigil {
namespace {

constexpr int significant_digits_max = 18;  // every such mantissa fits 63 bits

constexpr auto powers_of_ten = [] {
    std::array<std::int64_t, significant_digits_max + 1> powers{1};
    for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
    return powers;
}();

std::strong_ordering compare_positive(Decimal a, Decimal b) {
    // Both mantissas > 0. Scale the one with the larger exponent up in 128 bits; a gap of more than
    // 19 digits decides by itself.
    const int gap = a.exponent - b.exponent;
    if (gap < 0) {
        const auto reversed = compare_positive(b, a);
        return 0 <=> reversed;
    }
    if (gap > 19) return std::strong_ordering::greater;
    auto scaled = static_cast<unsigned __int128>(a.mantissa);
    for (int i = 0; i < gap; ++i) scaled *= 10;
    const auto other = static_cast<unsigned __int128>(b.mantissa);
    if (scaled == other) return std::strong_ordering::equal;
    return scaled < other ? std::strong_ordering::less : std::strong_ordering::greater;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

tl::unexpected<Error> not_a_number() {
    return fail(Error::Kind::malformed, "not a decimal number");
}

tl::unexpected<Error> exponent_out_of_range() {
    return fail(Error::Kind::too_large, "a number's exponent is out of range");
}

struct Digits {
    std::int64_t mantissa = 0;
    int after_point = 0;
};

// Takes the digits and their point off the front of `text`.
Result<Digits> take_digits(std::string_view& text) {
    Digits out;
    int significant = 0;
    bool point = false;
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '.' && !point && at > 0) {
            point = true;
            continue;
        }
        if (!is_digit(c)) break;
        if (point) ++out.after_point;
        if (significant > 0 || c != '0') ++significant;
        if (significant > significant_digits_max)
            return fail(Error::Kind::too_large, "a number has more than 18 significant digits");
        out.mantissa = out.mantissa * 10 + (c - '0');
    }
    if (at == 0 || (point && out.after_point == 0)) return not_a_number();
    text.remove_prefix(at);
    return out;
}

// Takes an exponent off the front of `text`; 0 if there is none.
Result<int> take_exponent(std::string_view& text) {
    if (!text.starts_with('e') && !text.starts_with('E')) return 0;
    text.remove_prefix(1);
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.starts_with('-')) return not_a_number();
    }
    int exponent = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), exponent);
    if (failure == std::errc::result_out_of_range || exponent > 1000 || exponent < -1000)
        return exponent_out_of_range();
    if (failure != std::errc()) return not_a_number();
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return exponent;
}

}  // namespace

double Decimal::to_double() const {
    const auto m = static_cast<double>(mantissa);
    if (exponent == 0) return m;
    if (exponent < 0 && exponent >= -significant_digits_max)
        return m / static_cast<double>(powers_of_ten[static_cast<std::size_t>(-exponent)]);
    return m * std::pow(10.0, exponent);
}

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
    if (a.exponent == b.exponent) return a.mantissa <=> b.mantissa;
    const int sign_a = (a.mantissa > 0) - (a.mantissa < 0);
    const int sign_b = (b.mantissa > 0) - (b.mantissa < 0);
    if (sign_a != sign_b || sign_a == 0) return sign_a <=> sign_b;
    if (sign_a > 0) return compare_positive(a, b);
    return compare_positive({-b.mantissa, b.exponent}, {-a.mantissa, a.exponent});
}

Result<Decimal> parse_decimal(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    VIGIL_TRY(digits, take_digits(text));
    VIGIL_TRY(power, take_exponent(text));
    if (!text.empty()) return not_a_number();
    const int exponent = power - digits.after_point;
    if (exponent < -128 || exponent > 127) return exponent_out_of_range();
    return Decimal{negative ? -digits.mantissa : digits.mantissa,
                   static_cast<std::int8_t>(exponent)};
}

void append(std::string& out, const Decimal& value) {
    std::array<char, 24> buffer{};
    const bool negative = value.mantissa < 0;
    const auto magnitude = negative ? 0 - static_cast<std::uint64_t>(value.mantissa)
                                    : static_cast<std::uint64_t>(value.mantissa);
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), magnitude).ptr;
    const std::string_view digits(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    if (negative) out += '-';
    if (value.exponent > 0 || value.exponent < -significant_digits_max) {
        out += digits;
        out += 'E';
        out += std::to_string(value.exponent);
        return;
    }
    const auto places = static_cast<std::size_t>(-value.exponent);
    if (digits.size() <= places) {
        out += "0.";
        out.append(places - digits.size(), '0');
        out += digits;
        return;
    }
    out += digits.substr(0, digits.size() - places);
    if (places > 0) {
        out += '.';
        out += digits.substr(digits.size() - places);
    }
}

std::string to_string(const Decimal& value) {
    std::string out;
    append(out, value);
    return out;
}

Result<Decimal> rescaled(const Decimal& value, std::int8_t exponent) {
    Decimal out{value.mantissa, exponent};
    int gap = value.exponent - exponent;
    if (value.mantissa == 0) return out;
    for (; gap > 0; --gap)
        if (__builtin_mul_overflow(out.mantissa, 10, &out.mantissa))
            return fail(Error::Kind::too_large, "a number does not fit at this precision");
    for (; gap < 0; ++gap) {
        if (out.mantissa % 10 != 0)
            return fail(Error::Kind::unsupported, "a number has more digits than this precision");
        out.mantissa /= 10;
    }
    return out;
}

Result<Decimal> decimal_from_double(double value, std::int8_t exponent) {
    const double scaled = std::round(value * std::pow(10.0, -exponent));
    if (!(std::fabs(scaled) < 1e18))
        return fail(Error::Kind::too_large, "a number does not fit at this precision");
    return Decimal{static_cast<std::int64_t>(scaled), exponent};
}

}  // namespace vigil
