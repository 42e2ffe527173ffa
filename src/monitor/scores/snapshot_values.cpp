#include "monitor/scores/snapshot_values.hpp"

#include "metric/unit.hpp"

namespace vigil::monitor {
namespace {

std::optional<std::string> read_text(ByteReader& in) {
    const auto text = in.sized();
    if (!text || text->size() > score_text_bytes_max) return std::nullopt;
    return std::string(*text);
}

std::optional<Nanoseconds> read_span(ByteReader& in) {
    constexpr Nanoseconds most = std::chrono::hours(24 * 36525);
    const auto ns = in.signed_varint();
    if (!ns || *ns > most.count() || *ns < -most.count()) return std::nullopt;
    return Nanoseconds(*ns);
}

void write_input(ByteWriter& out, const InputResult& input) {
    out.u8(static_cast<std::uint8_t>(input.state));
    out.u8(input.measurement ? 1 : 0);
    if (input.measurement) write(out, *input.measurement);
    write(out, input.value);
    out.signed_varint(input.age.count());
    out.signed_varint(input.age_max.count());
}

std::optional<InputResult> read_input(ByteReader& in, const ScoreInput& of) {
    InputResult input;
    const auto state = in.u8();
    const auto has_measurement = in.u8();
    if (!state || *state > static_cast<std::uint8_t>(InputState::apart) || !has_measurement)
        return std::nullopt;
    input.state = static_cast<InputState>(*state);
    if (*has_measurement != 0) {
        input.measurement = read_measurement(in);
        if (!input.measurement) return std::nullopt;
    }
    if (!read(in, input.value)) return std::nullopt;
    if (is_used(input.state) && (!input.measurement || !input.value)) return std::nullopt;
    constexpr std::int64_t steps_max = 1'000'000'000;
    const auto least = of.is_level ? 0 : -steps_max;
    const auto most = of.is_level ? static_cast<std::int64_t>(of.levels.size()) - 1 : steps_max;
    if (input.value && (*input.value < least || *input.value > most)) return std::nullopt;
    const auto age = read_span(in);
    const auto age_max = read_span(in);
    if (!age || !age_max) return std::nullopt;
    input.age = *age;
    input.age_max = *age_max;
    return input;
}

}  // namespace

std::optional<Timestamp> read_time(ByteReader& in) {
    const auto ns = in.signed_varint();
    if (!ns || *ns < unix_ns(time_min) || *ns > unix_ns(time_max)) return std::nullopt;
    return from_unix_ns(*ns);
}

void write(ByteWriter& out, const std::optional<std::int64_t>& value) {
    out.u8(value ? 1 : 0);
    if (value) out.signed_varint(*value);
}

bool read(ByteReader& in, std::optional<std::int64_t>& value) {
    const auto has = in.u8();
    if (!has || *has > 1) return false;
    if (*has == 0) return true;
    value = in.signed_varint();
    return value.has_value();
}

void write(ByteWriter& out, const std::optional<std::uint8_t>& value) {
    out.u8(value ? 1 : 0);
    if (value) out.u8(*value);
}

bool read(ByteReader& in, std::optional<std::uint8_t>& value) {
    const auto has = in.u8();
    if (!has || *has > 1) return false;
    if (*has == 0) return true;
    value = in.u8();
    return value.has_value();
}

void write(ByteWriter& out, const Decimal& value) {
    out.signed_varint(value.mantissa);
    out.u8(static_cast<std::uint8_t>(value.exponent));
}

std::optional<Decimal> read_decimal(ByteReader& in) {
    const auto mantissa = in.signed_varint();
    const auto exponent = in.u8();
    // As parse_decimal: 18 digits, so that arithmetic on them fits.
    constexpr std::int64_t mantissa_max = 1'000'000'000'000'000'000;
    if (!mantissa || !exponent || *mantissa > mantissa_max || *mantissa < -mantissa_max)
        return std::nullopt;
    return Decimal{*mantissa, static_cast<std::int8_t>(*exponent)};
}

void write(ByteWriter& out, const ChosenSetting& setting) {
    out.sized(setting.key);
    out.sized(setting.value);
    out.sized(setting.by);
    out.signed_varint(unix_ns(setting.at));
}

std::optional<ChosenSetting> read_chosen_setting(ByteReader& in) {
    auto key = read_text(in);
    auto value = read_text(in);
    auto by = read_text(in);
    const auto at = read_time(in);
    if (!key || !value || !by || !at) return std::nullopt;
    return ChosenSetting{std::move(*key), std::move(*value), std::move(*by), *at};
}

void write(ByteWriter& out, const Measurement& measurement) {
    out.varint(measurement.metric.value);
    if (const auto* number = std::get_if<Measurement::Number>(&measurement.value)) {
        out.u8(0);
        write(out, number->value);
        out.varint(number->unit.value);
    } else {
        out.u8(1);
        out.sized(std::get<std::string>(measurement.value));
    }
    out.signed_varint(unix_ns(measurement.time));
    out.varint(measurement.device.value);
    out.u8(measurement.by_person ? 1 : 0);
    out.varint(measurement.readings);
    out.signed_varint(measurement.repeats.count());
}

std::optional<Measurement> read_measurement(ByteReader& in) {
    Measurement made;
    const auto metric = in.varint();
    const auto kind = in.u8();
    if (!metric || *metric > UINT16_MAX || !kind || *kind > 1) return std::nullopt;
    made.metric = MetricId{static_cast<std::uint16_t>(*metric)};
    if (*kind == 0) {
        const auto value = read_decimal(in);
        const auto unit = in.varint();
        if (!value || !unit || *unit >= units::count()) return std::nullopt;
        made.value = Measurement::Number{*value, UnitId{static_cast<std::uint16_t>(*unit)}};
    } else {
        auto word = read_text(in);
        if (!word) return std::nullopt;
        made.value = std::move(*word);
    }
    const auto time = read_time(in);
    const auto device = in.varint();
    const auto by_person = in.u8();
    const auto readings = in.varint();
    const auto repeats = read_span(in);
    if (!time || !device || *device > UINT32_MAX || !by_person || *by_person > 1 || !readings ||
        *readings > UINT16_MAX || !repeats)
        return std::nullopt;
    made.time = *time;
    made.device = DeviceId{static_cast<std::uint32_t>(*device)};
    made.by_person = *by_person == 1;
    made.readings = static_cast<std::uint16_t>(*readings);
    made.repeats = *repeats;
    return made;
}

void write(ByteWriter& out, const ScoreResult& result) {
    out.signed_varint(unix_ns(result.time));
    out.u8(static_cast<std::uint8_t>(result.occasion));
    out.u8(static_cast<std::uint8_t>(result.applicability));
    out.u8(result.facts.ratio_possible ? 1 : 0);
    out.u8(result.facts.birth ? 1 : 0);
    if (result.facts.birth) {
        out.signed_varint(result.facts.birth->year);
        out.u8(result.facts.birth->month);
        out.u8(result.facts.birth->day);
    }
    for (const auto& setting : result.settings) {
        out.u8(setting.value);
        out.u8(setting.chosen ? 1 : 0);
        if (setting.chosen) write(out, *setting.chosen);
    }
    for (const auto& input : result.inputs) write_input(out, input);
}

namespace {

bool read_facts(ByteReader& in, ScoreResult& result) {
    const auto ratio = in.u8();
    const auto has_birth = in.u8();
    if (!ratio || *ratio > 1 || !has_birth || *has_birth > 1) return false;
    result.facts.ratio_possible = *ratio == 1;
    result.facts.at = result.time;
    result.facts.assume_adult = result.applicability == Applicability::assumed_adult;
    if (*has_birth == 0) return true;
    const auto year = in.signed_varint();
    const auto month = in.u8();
    const auto day = in.u8();
    if (!year || *year < INT16_MIN || *year > INT16_MAX || !month || !day) return false;
    result.facts.birth = BirthDate{static_cast<std::int16_t>(*year), *month, *day};
    return true;
}

bool read_settings(ByteReader& in, const ScoreTable& table, ScoreResult& result) {
    for (const auto& setting : table.settings) {
        SettingResult made;
        const auto value = in.u8();
        const auto has = in.u8();
        if (!value || *value >= setting.values.size() || !has || *has > 1) return false;
        made.value = *value;
        if (*has == 1) {
            made.chosen = read_chosen_setting(in);
            if (!made.chosen) return false;
        }
        result.facts.settings.push_back(made.value);
        result.settings.push_back(std::move(made));
    }
    return true;
}

}  // namespace

std::optional<ScoreResult> read_result(ByteReader& in, const ScoreTable& table) {
    ScoreResult result;
    const auto time = read_time(in);
    const auto occasion = in.u8();
    const auto applicability = in.u8();
    if (!time || !occasion || *occasion > 1 || !applicability ||
        *applicability > static_cast<std::uint8_t>(Applicability::assumed_adult))
        return std::nullopt;
    result.time = *time;
    result.occasion = static_cast<Occasion>(*occasion);
    result.applicability = static_cast<Applicability>(*applicability);
    if (!read_facts(in, result) || !read_settings(in, table, result)) return std::nullopt;
    for (const auto& of : table.inputs) {
        auto input = read_input(in, of);
        if (!input) return std::nullopt;
        result.facts.values.push_back(input->value);
        result.facts.open.push_back(is_open(input->state));
        result.inputs.push_back(std::move(*input));
    }
    result.tally = tally(table, result.facts);
    if (!result.tally.complete) return std::nullopt;
    return result;
}

}  // namespace vigil::monitor
