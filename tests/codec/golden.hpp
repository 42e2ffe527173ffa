#pragma once
// Golden pairs: what the wire says, and what we understood. UPDATE_GOLDEN=1 rewrites the second;
// the difference is then read as carefully as code.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/json_writer.hpp"
#include "metric/catalogue.hpp"
#include "metric/reading.hpp"
#include "metric/unit.hpp"

namespace vigil::golden {

inline std::string read_file(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

inline void expect_matches(const std::filesystem::path& path, const std::string& understood) {
    if (std::getenv("UPDATE_GOLDEN") != nullptr)
        std::ofstream(path, std::ios::binary) << understood;
    EXPECT_EQ(read_file(path), understood)
        << path << ": if this is better, run again with UPDATE_GOLDEN=1 and read the difference";
}

inline void write_value(JsonWriter& json, const Reading& reading) {
    if (const auto* numeric = std::get_if<NumericValue>(&reading.value)) {
        if (numeric->special == SpecialValue::none)
            json.member("value", numeric->value);
        else
            json.member("special", static_cast<int>(numeric->special));
        json.member("unit", units::at(numeric->unit).ucum);
    } else if (const auto* coded = std::get_if<CodedValue>(&reading.value)) {
        json.member("system", coded->system).member("code", coded->code);
        json.member("display", coded->display);
    } else if (const auto* text = std::get_if<TextValue>(&reading.value)) {
        json.member("text", text->text);
    } else if (const auto* event = std::get_if<EventValue>(&reading.value)) {
        json.member("event", event->code).member("text", event->text);
    } else if (const auto* block = std::get_if<WaveformBlock>(&reading.value)) {
        json.member("period_ns", block->period.count()).member("scale", block->scale);
        json.member("offset", block->offset).member("unit", units::at(block->unit).ucum);
        json.key("samples").begin_array();
        for (const auto sample : block->samples)
            sample == WaveformBlock::missing ? json.null() : json.number(sample);
        json.end_array();
    }
}

// One reading a line, so that a difference can be read.
inline std::string readings_json(const Catalogue& catalogue, const DecodedMessage& message) {
    std::string out = "{\"sub_device\": \"" + message.sub_device +
                      "\", \"identified\": " + (message.payload_identity ? "true" : "false");
    if (message.offset_minutes)
        out += ", \"offset_minutes\": " + std::to_string(*message.offset_minutes);
    out += ", \"readings\": [\n";
    for (const auto& reading : message.readings) {
        JsonWriter json(out);
        json.begin_object().member("metric", catalogue.at(reading.metric).key);
        write_value(json, reading);
        if (reading.channel != 0) json.member("channel", reading.channel);
        if (reading.status != 0) json.member("status", reading.status);
        if (reading.device_time) json.member("device_time", *reading.device_time);
        json.end_object();
        out += &reading == &message.readings.back() ? "\n" : ",\n";
    }
    out += "], \"unread\": [\n";
    for (const auto& line : message.unread) {
        JsonWriter json(out);
        json.begin_object().member("place", line.place).member("message", line.message);
        json.end_object();
        out += &line == &message.unread.back() ? "\n" : ",\n";
    }
    return out + "]}\n";
}

inline std::string result_json(const Catalogue& catalogue, const Result<void>& result,
                               const DecodedMessage& message) {
    if (result) return readings_json(catalogue, message);
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("error", result.error().message);
    json.member("place", result.error().place).end_object();
    return out + "\n";
}

}  // namespace vigil::golden
