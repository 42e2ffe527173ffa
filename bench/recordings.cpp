#include "recordings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <random>

#include "simulate/virtual_patient.hpp"

namespace vigil::bench {
namespace {

constexpr Nanoseconds second = std::chrono::seconds(1);
constexpr DeviceId device{1};

using Values = std::vector<std::optional<std::int64_t>>;  // nothing: no value at that second

store::Sample sample_at(Timestamp time) {
    return {.filed_time = time,
            .device_time = time,
            .receive_time = time + std::chrono::milliseconds(80),
            .sequence = 0,
            .status = 0,
            .value = {}};
}

store::Sample number(Timestamp time, std::optional<std::int64_t> value, UnitId unit) {
    auto sample = sample_at(time);
    sample.value = NumericValue{.value = {value.value_or(0), 0},
                                .unit = unit,
                                .special = value ? SpecialValue::none : SpecialValue::not_a_number};
    return sample;
}

std::vector<std::string> files(const std::string& folder, std::string_view ending) {
    std::vector<std::string> found;
    std::error_code ignored;
    for (const auto& file : std::filesystem::directory_iterator(folder, ignored))
        if (file.path().string().ends_with(ending)) found.push_back(file.path().string());
    std::ranges::sort(found);
    return found;
}

// BIDMC: "Time [s], HR, PULSE, RESP, SpO2", once a second.
std::array<Values, 4> bidmc() {
    std::array<Values, 4> columns;
    for (const auto& path : files(VIGIL_SHARED_DIR "/data/vitals/bidmc", "_Numerics.csv")) {
        std::ifstream file(path);
        std::string line;
        std::getline(file, line);
        while (std::getline(file, line)) {
            std::size_t at = line.find(',');
            for (auto& column : columns) {
                if (at == std::string::npos) break;
                while (++at < line.size() && line[at] == ' ') {
                }
                std::int64_t value = 0;
                const char* const end = line.data() + line.size();
                const bool read = std::from_chars(line.data() + at, end, value).ec == std::errc{};
                column.push_back(read ? std::optional(value) : std::nullopt);
                at = line.find(',', at);
            }
        }
    }
    return columns;
}

Recording simulated_vital_signs(const Catalogue& catalogue) {
    Recording recording{.source = "simulated patient", .channels = {}};
    simulate::VirtualPatient patient(catalogue, {}, {.arterial_line = true}, 1, midnight);
    std::vector<simulate::Emission> emissions;
    for (int hour = 0; hour < 4; ++hour) {
        emissions.clear();
        patient.advance(std::chrono::hours(1), emissions);
        for (const auto& emission : emissions)
            for (const auto& reading : emission.readings) {
                if (!std::holds_alternative<NumericValue>(reading.value)) continue;
                const store::SeriesKey key{device, reading.metric, reading.channel};
                auto channel = std::ranges::find(recording.channels, key, &Recording::Channel::key);
                if (channel == recording.channels.end())
                    channel = recording.channels.insert(channel, {key, {}});
                auto sample = sample_at(*reading.device_time);
                sample.status = reading.status;
                sample.value = reading.value;
                channel->samples.push_back(std::move(sample));
            }
    }
    // The row is about what is sent once a second.
    std::erase_if(recording.channels, [](const auto& c) { return c.samples.size() < 4 * 3'600; });
    return recording;
}

// The first lead of a WFDB record in format 212: pairs of 12-bit numbers in three bytes.
std::vector<std::int32_t> first_lead(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const std::vector<unsigned char> bytes((std::istreambuf_iterator<char>(file)), {});
    std::vector<std::int32_t> samples;
    for (std::size_t i = 0; i + 2 < bytes.size(); i += 3) {
        const int value = bytes[i] | (bytes[i + 1] & 0x0F) << 8;
        samples.push_back(value > 2047 ? value - 4096 : value);
    }
    return samples;
}

WaveformBlock block_of(std::vector<std::int32_t> samples, Nanoseconds period, UnitId unit) {
    return {.period = period,
            .scale = {5, -3},
            .offset = {0, 0},
            .unit = unit,
            .samples = std::move(samples)};
}

Recording simulated_electrocardiogram(const Catalogue& catalogue) {
    Recording recording{.source = "simulated patient, 250 Hz", .channels = {}};
    simulate::VirtualPatient patient(catalogue, {}, {}, 1, midnight);
    std::vector<simulate::Emission> emissions;
    patient.advance(std::chrono::minutes(60), emissions);
    const auto lead = catalogue.find("ecg_ii")->id;
    recording.channels.push_back({{device, lead, 0}, {}});
    for (auto& emission : emissions)
        for (auto& reading : emission.readings) {
            if (reading.metric != lead) continue;
            auto sample = sample_at(*reading.device_time);
            recording.samples += std::get<WaveformBlock>(reading.value).samples.size();
            sample.value = std::move(reading.value);
            recording.channels.front().samples.push_back(std::move(sample));
        }
    return recording;
}

}  // namespace

Recording vital_signs(const Catalogue& catalogue, bool jitter) {
    const auto columns = bidmc();
    Recording recording;
    if (columns.front().empty()) {
        recording = simulated_vital_signs(catalogue);
    } else {
        recording.source = "27 ICU patients (BIDMC), 4 vital signs a message";
        constexpr std::array keys{"heart_rate", "pulse_rate", "resp_rate", "spo2"};
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const auto* metric = catalogue.find(keys[i]);
            Recording::Channel channel{{device, metric->id, 0}, {}};
            for (std::size_t at = 0; at < columns[i].size(); ++at)
                channel.samples.push_back(number(midnight + second * static_cast<std::int64_t>(at),
                                                 columns[i][at], metric->unit));
            recording.channels.push_back(std::move(channel));
        }
    }
    for (auto& channel : recording.channels) {
        std::mt19937 random(1);  // the same for all series of a message
        for (auto& sample : channel.samples) {
            if (jitter)
                sample.filed_time +=
                    std::chrono::milliseconds(static_cast<int>(random() % 101) - 50);
            sample.device_time = sample.filed_time;
        }
        recording.samples += channel.samples.size();
    }
    return recording;
}

Recording electrocardiogram(const Catalogue& catalogue) {
    constexpr std::size_t records_max = 12, sample_hz = 360;
    constexpr Nanoseconds period{1'000'000'000 / sample_hz};
    const auto* metric = catalogue.find("ecg_ii");
    auto paths = files(VIGIL_SHARED_DIR "/data/ecg/mitdb", ".dat");
    if (paths.empty()) return simulated_electrocardiogram(catalogue);
    paths.resize(std::min(paths.size(), records_max));
    Recording recording{.source = "", .channels = {}};
    for (std::size_t i = 0; i < paths.size(); ++i) {
        Recording::Channel channel{{device, metric->id, static_cast<std::uint16_t>(i)}, {}};
        const auto lead = first_lead(paths[i]);
        recording.samples += lead.size();
        for (std::size_t at = 0; at < lead.size(); at += sample_hz) {
            const auto end = std::min(at + sample_hz, lead.size());
            auto sample = sample_at(midnight + period * static_cast<std::int64_t>(at));
            sample.value = block_of({lead.begin() + static_cast<std::ptrdiff_t>(at),
                                     lead.begin() + static_cast<std::ptrdiff_t>(end)},
                                    period, metric->unit);
            channel.samples.push_back(std::move(sample));
        }
        recording.channels.push_back(std::move(channel));
    }
    recording.source = "MIT-BIH Arrhythmia Database, first lead of " +
                       std::to_string(paths.size()) + " records of 30 minutes";
    return recording;
}

std::vector<store::Sample> day_of_heart_rate(const Catalogue& catalogue, Timestamp from) {
    const auto unit = catalogue.find("heart_rate")->unit;
    const auto values = bidmc().front();
    std::mt19937 random(1);
    std::normal_distribution<double> step(0, 0.7);
    double level = 72;
    std::vector<store::Sample> samples;
    for (std::size_t i = 0; i < 86'400; ++i) {
        level += step(random) - (level - 72) * 0.02;
        const auto value = values.empty() ? std::optional(std::int64_t{std::lround(level)})
                                          : values[i % values.size()];
        samples.push_back(number(from + second * static_cast<std::int64_t>(i), value, unit));
    }
    return samples;
}

}  // namespace vigil::bench
