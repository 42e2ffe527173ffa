#include "codec/fhirjson/sampled_data.hpp"

#include <algorithm>
#include <optional>

namespace vigil::codec::fhirjson {
namespace {

tl::unexpected<Error> malformed(std::string message) {
    return fail(Error::Kind::malformed, std::move(message));
}

// Words of `data`, one by one.
class Words {
public:
    explicit Words(std::string_view text) : text_(text) {}
    std::string_view next() {
        const auto begin = std::min(text_.find_first_not_of(" \t\r\n"), text_.size());
        text_.remove_prefix(begin);
        const auto word = text_.substr(0, text_.find_first_of(" \t\r\n"));
        text_.remove_prefix(word.size());
        return word;
    }

private:
    std::string_view text_;
};

struct Limits {
    std::optional<Decimal> lower, upper;
};

struct Datum {
    std::optional<Decimal> value;  // none: missing
    bool at_limit = false;
};

Result<Datum> read_datum(std::string_view word, const Limits& limits) {
    if (word == "E") return Datum{};
    if (word == "U") return Datum{limits.upper, true};
    if (word == "L") return Datum{limits.lower, true};
    VIGIL_TRY(value, parse_decimal(word));
    return Datum{value, false};
}

// The finest exponent of all data: with it every datum is a whole number.
Result<std::int8_t> finest_exponent(std::string_view data, const Limits& limits) {
    std::int8_t finest = 0;
    Words words(data);
    for (auto word = words.next(); !word.empty(); word = words.next()) {
        VIGIL_TRY(datum, read_datum(word, limits));
        if (datum.value) finest = std::min(finest, datum.value->exponent);
    }
    return finest;
}

Result<std::optional<Decimal>> optional_decimal(JsonValue value) {
    if (!value) return std::optional<Decimal>();
    VIGIL_TRY(number, value.decimal());
    return std::optional(number);
}

// A period in milliseconds, exactly.
Result<Nanoseconds> read_period(JsonValue value) {
    VIGIL_TRY(milliseconds, value.decimal());
    Decimal ns = milliseconds;
    ns.exponent = static_cast<std::int8_t>(std::min(ns.exponent + 6, 127));
    if (ns.exponent < 0) {
        while (ns.exponent < 0) {
            ns.mantissa /= 10;
            ++ns.exponent;
        }
    }
    VIGIL_TRY(whole, rescaled(ns, 0));
    if (whole.mantissa <= 0) return malformed("SampledData has no period");
    return Nanoseconds(whole.mantissa);
}

Result<void> read_samples(std::string_view data, const Limits& limits, std::int8_t exponent,
                          SampledData& out) {
    Words words(data);
    std::size_t count = 0;
    const auto dimensions = out.dimensions.size();
    for (auto word = words.next(); !word.empty(); word = words.next(), ++count) {
        if (count == samples_max) return fail(Error::Kind::too_large, "too many samples");
        VIGIL_TRY(datum, read_datum(word, limits));
        out.has_limits = out.has_limits || datum.at_limit;
        std::int32_t sample = WaveformBlock::missing;
        if (datum.value) {
            VIGIL_TRY(whole, rescaled(*datum.value, exponent));
            if (whole.mantissa <= INT32_MIN || whole.mantissa > INT32_MAX)
                return fail(Error::Kind::too_large, "a sample is wider than 32 bits");
            sample = static_cast<std::int32_t>(whole.mantissa);
        }
        out.dimensions[count % dimensions].samples.push_back(sample);
    }
    if (count == 0 || count % dimensions != 0)
        return malformed("SampledData.data does not fill its dimensions");
    return {};
}

}  // namespace

Result<SampledData> read_sampled_data(JsonValue value) {
    constexpr std::int64_t dimensions_max = 64;
    VIGIL_TRY(origin, value["origin"]["value"].decimal());
    VIGIL_TRY(period, read_period(value["period"]));
    VIGIL_TRY(factor, optional_decimal(value["factor"]));
    const auto dimensions = value["dimensions"].integer().value_or(0);
    if (dimensions < 1 || dimensions > dimensions_max)
        return malformed("SampledData.dimensions is no number from 1 to 64");
    Limits limits;
    VIGIL_TRY(lower, optional_decimal(value["lowerLimit"]));
    VIGIL_TRY(upper, optional_decimal(value["upperLimit"]));
    limits.lower = lower;
    limits.upper = upper;
    const auto data = value["data"].string();
    VIGIL_TRY(exponent, finest_exponent(data, limits));
    auto scale = factor.value_or(Decimal{1, 0});
    if (scale.exponent + exponent < INT8_MIN) return malformed("a sample is too fine");
    scale.exponent = static_cast<std::int8_t>(scale.exponent + exponent);
    SampledData out;
    WaveformBlock block;
    block.period = period;
    block.scale = scale;
    block.offset = origin;
    out.dimensions.assign(static_cast<std::size_t>(dimensions), block);
    VIGIL_CHECK(read_samples(data, limits, exponent, out));
    return out;
}

std::string sampled_data_text(const WaveformBlock& block) {
    std::string text;
    for (const auto sample : block.samples) {
        if (!text.empty()) text += ' ';
        text += sample == WaveformBlock::missing ? "E" : std::to_string(sample);
    }
    return text;
}

}  // namespace vigil::codec::fhirjson
