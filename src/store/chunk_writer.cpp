#include <algorithm>
#include <cassert>
#include <map>

#include "store/chunk.hpp"
#include "store/chunk_layout.hpp"

namespace vigil::store {

namespace {

std::int64_t whole_seconds(Nanoseconds delay) {
    return std::chrono::round<std::chrono::seconds>(delay).count();
}

std::int64_t power_of_ten(int exponent) {
    std::int64_t power = 1;
    for (int i = 0; i < exponent; ++i) power *= 10;
    return power;
}

const NumericValue& number(const Sample& sample) {
    return std::get<NumericValue>(sample.value);
}
const WaveformBlock& block(const Sample& sample) {
    return std::get<WaveformBlock>(sample.value);
}

// Senders drop trailing zeros (36.5, 37, 36.55): at one exponent the mantissas stay close, and the
// exponents as sent, kept beside, bring each back. Nothing where a mantissa would not fit.
std::optional<int> common_exponent(std::span<const Sample> samples) {
    int least = INT8_MAX;
    for (const auto& sample : samples) least = std::min<int>(least, number(sample).value.exponent);
    for (const auto& sample : samples) {
        const auto& value = number(sample).value;
        const int shift = value.exponent - least;
        std::int64_t scaled = 0;
        if (shift > layout::alignment_max ||
            __builtin_mul_overflow(value.mantissa, power_of_ten(shift), &scaled))
            return std::nullopt;
    }
    return least;
}

void put_words(const Sample& sample, std::string& out) {
    ByteWriter writer(out);
    if (const auto* coded = std::get_if<CodedValue>(&sample.value)) {
        writer.sized(coded->system);
        writer.sized(coded->code);
        writer.sized(coded->display);
    } else if (const auto* text = std::get_if<TextValue>(&sample.value)) {
        writer.sized(text->text);
    } else if (const auto* event = std::get_if<EventValue>(&sample.value)) {
        writer.sized(event->code);
        writer.sized(event->text);
    }
}

// Runs of missing samples, as (samples since the last run's end, length) pairs, the pairs counted
// first. What stands in their place in the column repeats its neighbour, which costs nothing.
std::string take_missing(std::vector<std::int64_t>& samples) {
    std::string runs;
    ByteWriter writer(runs);
    std::size_t count = 0, last_end = 0;
    for (std::size_t i = 0; i < samples.size();) {
        if (samples[i] != WaveformBlock::missing) {
            ++i;
            continue;
        }
        const auto start = i;
        const auto filler = start == 0 ? 0 : samples[start - 1];
        for (; i < samples.size() && samples[i] == WaveformBlock::missing; ++i) samples[i] = filler;
        writer.varint(start - last_end);
        writer.varint(i - start);
        last_end = i;
        ++count;
    }
    std::string out;
    ByteWriter head(out);
    head.varint(count);
    head.bytes(runs);
    return out;
}

}  // namespace

ValueKind kind_of(const Sample& sample) {
    return static_cast<ValueKind>(sample.value.index() + 1);
}

void ChunkWriter::column(std::string& out, std::span<const Sample> samples, auto&& number_of) {
    numbers_.clear();
    for (const auto& sample : samples)
        numbers_.push_back(static_cast<std::int64_t>(number_of(sample)));
    encoder_.encode(numbers_, effort_, out);
}

void ChunkWriter::add(MetricId metric, std::uint16_t channel, std::span<const Sample> samples) {
    assert(!samples.empty());
    Run run{.run = {.metric = metric,
                    .channel = channel,
                    .kind = kind_of(samples.front()),
                    .count = samples.size(),
                    .first = samples.front().filed_time,
                    .last = samples.back().filed_time},
            .times = times_of(samples),
            .values = {}};
    column(run.values, samples, [](const Sample& s) { return s.status; });
    column(run.values, samples, [](const Sample& s) { return s.sequence; });
    switch (run.run.kind) {
        case ValueKind::numeric:
            numeric(run.values, samples);
            break;
        case ValueKind::waveform:
            waveform(run.values, samples);
            break;
        default:
            words(run.values, samples);
    }
    runs_.push_back(std::move(run));
}

void ChunkWriter::numeric(std::string& out, std::span<const Sample> samples) {
    const auto least = common_exponent(samples);
    ByteWriter(out).u8(least ? 1 : 0);
    column(out, samples, [](const Sample& s) { return number(s).value.exponent; });
    column(out, samples, [&](const Sample& s) {
        const auto& value = number(s).value;
        return least ? value.mantissa * power_of_ten(value.exponent - *least) : value.mantissa;
    });
    column(out, samples, [](const Sample& s) { return number(s).unit.value; });
    column(out, samples, [](const Sample& s) { return static_cast<int>(number(s).special); });
}

void ChunkWriter::words(std::string& out, std::span<const Sample> samples) {
    std::map<std::string, std::int64_t> places;
    std::string dictionary, one;
    std::vector<std::int64_t> indices;
    for (const auto& sample : samples) {
        one.clear();
        put_words(sample, one);
        const auto [place, fresh] = places.try_emplace(one, places.size());
        if (fresh) dictionary += one;
        indices.push_back(place->second);
    }
    ByteWriter writer(out);
    writer.varint(places.size());
    writer.sized(dictionary);
    encoder_.encode(indices, effort_, out);
}

void ChunkWriter::waveform(std::string& out, std::span<const Sample> samples) {
    column(out, samples, [](const Sample& s) { return block(s).period.count(); });
    column(out, samples, [](const Sample& s) { return block(s).scale.mantissa; });
    column(out, samples, [](const Sample& s) { return block(s).scale.exponent; });
    column(out, samples, [](const Sample& s) { return block(s).offset.mantissa; });
    column(out, samples, [](const Sample& s) { return block(s).offset.exponent; });
    column(out, samples, [](const Sample& s) { return block(s).unit.value; });
    column(out, samples, [](const Sample& s) { return block(s).samples.size(); });
    // One column over all blocks: prediction goes on across their bounds.
    numbers_.clear();
    for (const auto& sample : samples)
        numbers_.insert(numbers_.end(), block(sample).samples.begin(), block(sample).samples.end());
    out += take_missing(numbers_);
    encoder_.encode(numbers_, effort_, out);
}

std::size_t ChunkWriter::times_of(std::span<const Sample> samples) {
    Times times;
    times.filed.reserve(samples.size());
    for (const auto& sample : samples) {
        times.filed.push_back(unix_ns(sample.filed_time));
        times.device.push_back(sample.device_time ? unix_ns(*sample.device_time)
                                                  : layout::no_device_time);
        times.delay_s.push_back(whole_seconds(sample.receive_time - sample.filed_time));
    }
    const auto known = std::ranges::find(times_, times);
    if (known != times_.end()) return static_cast<std::size_t>(known - times_.begin());
    times_.push_back(std::move(times));
    return times_.size() - 1;
}

std::string ChunkWriter::encoded(const Times& times) {
    std::string out;
    encoder_.encode(times.filed, effort_, out);
    encoder_.encode(times.delay_s, effort_, out);
    const bool none =
        std::ranges::all_of(times.device, [](auto time) { return time == layout::no_device_time; });
    const bool same = times.device == times.filed;
    ByteWriter writer(out);
    writer.u8(static_cast<std::uint8_t>(none   ? layout::DeviceTimes::none
                                        : same ? layout::DeviceTimes::as_filed
                                               : layout::DeviceTimes::own));
    if (none || same) return out;
    std::vector<std::int64_t> known, difference;
    for (std::size_t i = 0; i < times.filed.size(); ++i) {
        known.push_back(times.device[i] != layout::no_device_time);
        difference.push_back(known.back() != 0 ? static_cast<std::int64_t>(
                                                     static_cast<std::uint64_t>(times.device[i]) -
                                                     static_cast<std::uint64_t>(times.filed[i]))
                                               : 0);
    }
    encoder_.encode(known, effort_, out);
    encoder_.encode(difference, effort_, out);
    return out;
}

std::string ChunkWriter::finish() {
    std::string out;
    ByteWriter writer(out);
    writer.u8(layout::version);
    writer.varint(times_.size());
    writer.varint(runs_.size());
    std::vector<std::string> times;
    times.reserve(times_.size());
    for (const auto& each : times_) times.push_back(encoded(each));
    for (std::size_t i = 0; i < times_.size(); ++i) {
        writer.varint(times_[i].filed.size());
        writer.signed_varint(times_[i].filed.front());
        writer.varint(static_cast<std::uint64_t>(times_[i].filed.back()) -
                      static_cast<std::uint64_t>(times_[i].filed.front()));
        writer.varint(times[i].size());
    }
    for (const auto& run : runs_) {
        writer.varint(run.run.metric.value);
        writer.varint(run.run.channel);
        writer.u8(static_cast<std::uint8_t>(run.run.kind));
        writer.varint(run.times);
        writer.varint(run.values.size());
    }
    for (const auto& each : times) writer.bytes(each);
    for (const auto& run : runs_) writer.bytes(run.values);
    return out;
}

}  // namespace vigil::store
