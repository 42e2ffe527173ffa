#pragma once
// The parts of a snapshot of scores that several of its pieces hold.

#include <optional>

#include "base/bytes.hpp"
#include "monitor/scores/score_result.hpp"

namespace vigil::monitor {

constexpr std::size_t chosen_settings_max = 64;

constexpr std::size_t score_text_bytes_max = 256;

// 1900 and 2200: spans of two times between them do not overflow.
constexpr Timestamp time_min = from_unix_ns(-2'208'988'800'000'000'000);
constexpr Timestamp time_max = from_unix_ns(7'258'118'400'000'000'000);
std::optional<Timestamp> read_time(ByteReader& in);

void write(ByteWriter& out, const std::optional<std::int64_t>& value);
bool read(ByteReader& in, std::optional<std::int64_t>& value);
void write(ByteWriter& out, const std::optional<std::uint8_t>& value);
bool read(ByteReader& in, std::optional<std::uint8_t>& value);

void write(ByteWriter& out, const Decimal& value);
std::optional<Decimal> read_decimal(ByteReader& in);

void write(ByteWriter& out, const ChosenSetting& setting);
std::optional<ChosenSetting> read_chosen_setting(ByteReader& in);

void write(ByteWriter& out, const Measurement& measurement);
std::optional<Measurement> read_measurement(ByteReader& in);

// A result is written without its tally, which follows from the rest.
void write(ByteWriter& out, const ScoreResult& result);
std::optional<ScoreResult> read_result(ByteReader& in, const ScoreTable& table);

}  // namespace vigil::monitor
