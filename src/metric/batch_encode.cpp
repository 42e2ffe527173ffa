#include <cassert>

#include "metric/batch.hpp"
#include "metric/batch_format.hpp"

namespace vigil {
namespace {

using namespace batch_format;  // NOLINT(google-build-using-namespace): the other half of this file

// Writes into room made beforehand: `bytes_max` below says how much a batch can take.
class RoomWriter {
public:
    RoomWriter(std::string& out, std::size_t bytes_max) : out_(out), start_(out.size()) {
        out_.resize(start_ + bytes_max);
        at_ = out_.data() + start_;
    }
    void finish() {
        const auto used = static_cast<std::size_t>(at_ - out_.data());
        assert(used <= out_.size());
        out_.resize(used);
    }

    std::size_t position() const { return static_cast<std::size_t>(at_ - out_.data()); }

    void u8(std::uint8_t value) { *at_++ = static_cast<char>(value); }
    void u64(std::uint64_t value) {
        for (int i = 0; i < 8; ++i) *at_++ = static_cast<char>(value >> (8 * i));
    }
    void varint(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) *at_++ = static_cast<char>(value | 0x80);
        *at_++ = static_cast<char>(value);
    }
    void signed_varint(std::int64_t value) {
        varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
    }
    void sized(std::string_view text) {
        varint(text.size());
        at_ += text.copy(at_, text.size());
    }
    void decimal(const Decimal& value) {
        u8(static_cast<std::uint8_t>(value.exponent));
        signed_varint(value.mantissa);
    }

private:
    std::string& out_;
    std::size_t start_;
    char* at_;
};

// Upper bounds of what `write` writes: a varint of n bits takes at most ceil(n / 7) bytes.
constexpr std::size_t sized_bytes_max(std::string_view text) {
    return 10 + text.size();
}
constexpr std::size_t decimal_bytes_max = 11;

std::size_t bytes_max(const NumericValue& /*value*/) {
    return 3 + 1 + decimal_bytes_max;
}
std::size_t bytes_max(const CodedValue& coded) {
    return sized_bytes_max(coded.system) + sized_bytes_max(coded.code) +
           sized_bytes_max(coded.display);
}
std::size_t bytes_max(const TextValue& text) {
    return sized_bytes_max(text.text);
}
std::size_t bytes_max(const EventValue& event) {
    return sized_bytes_max(event.code) + sized_bytes_max(event.text);
}
std::size_t bytes_max(const WaveformBlock& block) {
    // The difference of two samples has 33 bits: five bytes.
    return 10 + 2 * decimal_bytes_max + 3 + 10 + 5 * block.samples.size();
}
std::size_t bytes_max(const Reading& reading) {
    constexpr std::size_t before_value = 3 + 1 + 3 + 5 + 10 + 10;
    return before_value +
           std::visit([](const auto& value) { return bytes_max(value); }, reading.value);
}
std::size_t head_bytes_max(const Batch& batch) {
    constexpr std::size_t fixed = 1 + 1 + 5 + 8 + 3 + 5 + 1 + 10;
    return fixed + sized_bytes_max(batch.source) + sized_bytes_max(batch.raw_content_type) +
           sized_bytes_max(batch.raw) + sized_bytes_max(batch.raw_digest);
}

// Readings with the times they are filed at, however the caller keeps the two.
struct Together {
    std::span<const FiledReading> filed;
    std::size_t size() const { return filed.size(); }
    const Reading& reading(std::size_t i) const { return filed[i].reading; }
    Timestamp filed_time(std::size_t i) const { return filed[i].filed_time; }
};
struct SideBySide {
    std::span<const Reading> readings;
    std::span<const Timestamp> filed_times;
    std::size_t size() const { return readings.size(); }
    const Reading& reading(std::size_t i) const { return readings[i]; }
    Timestamp filed_time(std::size_t i) const { return filed_times[i]; }
};

template <class Readings>
std::size_t readings_bytes_max(const Readings& readings) {
    std::size_t bytes = 10;
    for (std::size_t i = 0; i < readings.size(); ++i) bytes += bytes_max(readings.reading(i));
    return bytes;
}

void write(RoomWriter& out, const NumericValue& numeric) {
    const bool special = numeric.special != SpecialValue::none;
    out.varint(std::uint64_t{numeric.unit.value} << 1 | static_cast<std::uint64_t>(special));
    if (special) out.u8(static_cast<std::uint8_t>(numeric.special));
    out.decimal(numeric.value);
}

void write(RoomWriter& out, const CodedValue& coded) {
    out.sized(coded.system);
    out.sized(coded.code);
    out.sized(coded.display);
}

void write(RoomWriter& out, const TextValue& text) {
    out.sized(text.text);
}

void write(RoomWriter& out, const EventValue& event) {
    out.sized(event.code);
    out.sized(event.text);
}

// Samples as differences: most of an ECG's fit one byte.
void write(RoomWriter& out, const WaveformBlock& block) {
    assert(block.samples.size() <= batch_samples_max);
    out.signed_varint(block.period.count());
    out.decimal(block.scale);
    out.decimal(block.offset);
    out.varint(block.unit.value);
    out.varint(block.samples.size());
    std::int64_t previous = 0;
    for (const auto sample : block.samples) {
        out.signed_varint(sample - previous);
        previous = sample;
    }
}

void write_content_type(RoomWriter& out, std::string_view type) {
    for (std::size_t i = 0; i < content_types.size(); ++i)
        if (content_types[i] == type) return out.u8(static_cast<std::uint8_t>(i));
    out.u8(content_type_written_out);
    out.sized(type);
}

void write(RoomWriter& out, const Reading& reading, Timestamp filed_time, Timestamp receive_time,
           const std::optional<Timestamp>& previous_device_time) {
    const bool repeats = reading.device_time && reading.device_time == previous_device_time;
    const auto device_time = reading.device_time.value_or(receive_time);
    const bool own_filed_time = filed_time != device_time;
    auto shape = static_cast<std::uint8_t>(reading.value.index());
    if (reading.channel != 0) shape |= has_channel;
    if (reading.status != 0) shape |= has_status;
    if (repeats) shape |= same_device_time;
    if (reading.device_time && !repeats) shape |= has_device_time;
    if (own_filed_time) shape |= has_filed_time;
    out.varint(reading.metric.value);
    out.u8(shape);
    if ((shape & has_channel) != 0) out.varint(reading.channel);
    if ((shape & has_status) != 0) out.varint(reading.status);
    if ((shape & has_device_time) != 0) out.signed_varint(difference(device_time, receive_time));
    if (own_filed_time) out.signed_varint(difference(filed_time, receive_time));
    std::visit([&](const auto& value) { write(out, value); }, reading.value);
}

template <class Readings>
void write_readings(RoomWriter& out, const Readings& readings, Timestamp receive_time) {
    assert(readings.size() <= batch_readings_max);
    out.varint(readings.size());
    std::optional<Timestamp> previous_device_time;
    for (std::size_t i = 0; i < readings.size(); ++i) {
        const auto& reading = readings.reading(i);
        write(out, reading, readings.filed_time(i), receive_time, previous_device_time);
        previous_device_time = reading.device_time;
    }
}

template <class Readings>
std::size_t encode_batch(const Batch& batch, const Readings& readings, std::string& out) {
    RoomWriter writer(out, head_bytes_max(batch) + readings_bytes_max(readings));
    writer.u8(version);
    const bool digested = !batch.raw_digest.empty();
    writer.u8(static_cast<std::uint8_t>((batch.offset_minutes ? has_offset : 0) |
                                        (digested ? has_digest : 0) |
                                        (batch.first_sequence != 0 ? has_sequence : 0)));
    writer.varint(batch.device.value);
    writer.u64(static_cast<std::uint64_t>(unix_ns(batch.receive_time)));
    if (batch.offset_minutes) writer.signed_varint(*batch.offset_minutes);
    if (batch.first_sequence != 0) writer.varint(batch.first_sequence);
    writer.sized(batch.source);
    write_content_type(writer, batch.raw_content_type);
    if (digested) {
        writer.varint(batch.raw_size);
        writer.sized(batch.raw_digest);
    } else {
        writer.sized(batch.raw);
    }
    const auto readings_at = writer.position();
    write_readings(writer, readings, batch.receive_time);
    writer.finish();
    return readings_at;
}

}  // namespace

std::size_t encode(const Batch& batch, std::string& out) {
    return encode_batch(batch, Together{batch.readings}, out);
}

std::size_t encode(const Batch& batch, std::span<const Reading> readings,
                   std::span<const Timestamp> filed_times, std::string& out) {
    assert(readings.size() == filed_times.size());
    return encode_batch(batch, SideBySide{readings, filed_times}, out);
}

void encode_readings(std::span<const FiledReading> readings, Timestamp receive_time,
                     std::string& out) {
    const Together together{readings};
    RoomWriter writer(out, readings_bytes_max(together));
    write_readings(writer, together, receive_time);
    writer.finish();
}

}  // namespace vigil
