#include "metric/batch.hpp"

#include <array>
#include <cassert>
#include <limits>

#include "base/bytes.hpp"

namespace vigil {
namespace {

constexpr std::uint8_t version = 1;

// Content types that every server meets are one byte. Stored: a number never changes meaning.
constexpr std::array<std::string_view, 12> content_types{
    "",
    "application/json",
    "application/senml+json",
    "application/senml+cbor",
    "application/fhir+json",
    "application/octet-stream",
    "application/vnd.vigil.waveform",
    "application/vnd.bluetooth.gatt",
    "x-application/hl7-v2+er7",
    "application/cbor",
    "text/plain",
    "application/x-protobuf",
};
constexpr std::uint8_t content_type_written_out = 0xFF;

// The batch's flags.
constexpr std::uint8_t has_offset = 1U << 0;

// A reading's shape: bits 0-2 its kind (the variant's index), then what follows.
constexpr std::uint8_t kind_mask = 0x07;
constexpr std::uint8_t has_channel = 1U << 3;
constexpr std::uint8_t has_status = 1U << 4;
constexpr std::uint8_t has_device_time = 1U << 5;
constexpr std::uint8_t same_device_time = 1U << 6;  // as the reading before
// Without this bit the filed time is the device time or, where there is none, the receive time.
constexpr std::uint8_t has_filed_time = 1U << 7;

// Times far apart: the difference may not fit 63 bits, but two's complement brings it back.
std::int64_t difference(Timestamp a, Timestamp b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(unix_ns(a)) -
                                     static_cast<std::uint64_t>(unix_ns(b)));
}
Timestamp plus(Timestamp a, std::int64_t difference_ns) {
    return from_unix_ns(static_cast<std::int64_t>(static_cast<std::uint64_t>(unix_ns(a)) +
                                                  static_cast<std::uint64_t>(difference_ns)));
}

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
    constexpr std::size_t fixed = 1 + 1 + 5 + 8 + 3 + 1;
    return fixed + sized_bytes_max(batch.source) + sized_bytes_max(batch.raw_content_type) +
           sized_bytes_max(batch.raw);
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
    const bool own_filed_time = filed_time != reading.device_time.value_or(receive_time);
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
    if ((shape & has_device_time) != 0)
        out.signed_varint(difference(*reading.device_time, receive_time));
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
    writer.u8(batch.offset_minutes ? has_offset : std::uint8_t{0});
    writer.varint(batch.device.value);
    writer.u64(static_cast<std::uint64_t>(unix_ns(batch.receive_time)));
    if (batch.offset_minutes) writer.signed_varint(*batch.offset_minutes);
    writer.sized(batch.source);
    write_content_type(writer, batch.raw_content_type);
    writer.sized(batch.raw);
    const auto readings_at = writer.position();
    write_readings(writer, readings, batch.receive_time);
    writer.finish();
    return readings_at;
}

// Reads with one flag for "something was missing", checked where it matters: before anything is
// sized by what was read, and at the end.
class Fields {
public:
    explicit Fields(std::string_view body) : reader_(body) {}

    bool ok() const { return ok_; }
    void refuse() { ok_ = false; }
    std::size_t position() const { return reader_.position(); }
    std::size_t remaining() const { return reader_.remaining(); }

    std::uint8_t u8() { return value(reader_.u8()); }
    std::int64_t i64() { return value(reader_.little_endian<std::int64_t>()); }
    std::int64_t signed_varint() { return value(reader_.signed_varint()); }
    std::string_view sized() { return value(reader_.sized()); }
    template <class T>
    T varint() {
        const auto read = value(reader_.varint());
        if (read > std::numeric_limits<T>::max()) refuse();
        return static_cast<T>(read);
    }
    Decimal decimal() {
        const auto exponent = static_cast<std::int8_t>(u8());
        return {signed_varint(), exponent};
    }

private:
    template <class T>
    T value(const std::optional<T>& read) {
        if (!read) refuse();
        return read.value_or(T{});
    }

    ByteReader reader_;
    bool ok_ = true;
};

void read(Fields& in, NumericValue& numeric) {
    const auto unit = in.varint<std::uint32_t>();
    if (unit >> 17 != 0) in.refuse();
    numeric.unit = UnitId{static_cast<std::uint16_t>(unit >> 1)};
    const auto special = (unit & 1) != 0 ? in.u8() : std::uint8_t{0};
    if (special > static_cast<std::uint8_t>(SpecialValue::not_available)) in.refuse();
    numeric.special = static_cast<SpecialValue>(special);
    numeric.value = in.decimal();
}

void read(Fields& in, CodedValue& coded) {
    coded.system = in.sized();
    coded.code = in.sized();
    coded.display = in.sized();
}

void read(Fields& in, TextValue& text) {
    text.text = in.sized();
}

void read(Fields& in, EventValue& event) {
    event.code = in.sized();
    event.text = in.sized();
}

void read(Fields& in, WaveformBlock& block) {
    block.period = Nanoseconds(in.signed_varint());
    block.scale = in.decimal();
    block.offset = in.decimal();
    block.unit = UnitId{in.varint<std::uint16_t>()};
    const auto count = in.varint<std::uint32_t>();
    // Each sample takes at least a byte.
    if (!in.ok() || count > batch_samples_max || count > in.remaining()) return in.refuse();
    block.samples.resize(count);
    std::int64_t sample = 0;
    for (auto& out : block.samples) {
        const auto step = in.signed_varint();
        constexpr std::int64_t step_max = std::int64_t{1} << 32;
        if (step > step_max || step < -step_max) return in.refuse();
        sample += step;
        if (sample < INT32_MIN || sample > INT32_MAX) return in.refuse();
        out = static_cast<std::int32_t>(sample);
    }
}

// The value as this kind, kept if it is of it already so that its storage is used again.
template <class T>
void read_as(Fields& in, decltype(Reading::value)& value) {
    if (!std::holds_alternative<T>(value)) value.emplace<T>();
    read(in, std::get<T>(value));
}

void read_value(Fields& in, std::uint8_t kind, decltype(Reading::value)& value) {
    switch (kind) {
        case 0:
            return read_as<NumericValue>(in, value);
        case 1:
            return read_as<CodedValue>(in, value);
        case 2:
            return read_as<TextValue>(in, value);
        case 3:
            return read_as<EventValue>(in, value);
        case 4:
            return read_as<WaveformBlock>(in, value);
        default:
            return in.refuse();
    }
}

void read(Fields& in, FiledReading& filed, Timestamp receive_time,
          const std::optional<Timestamp>& previous_device_time) {
    auto& reading = filed.reading;
    reading.metric = MetricId{in.varint<std::uint16_t>()};
    if (!reading.metric) in.refuse();
    const auto shape = in.u8();
    reading.channel = (shape & has_channel) != 0 ? in.varint<std::uint16_t>() : std::uint16_t{0};
    reading.status = (shape & has_status) != 0 ? in.varint<std::uint32_t>() : 0U;
    reading.device_time.reset();
    if ((shape & same_device_time) != 0) {
        if (!previous_device_time || (shape & has_device_time) != 0) in.refuse();
        reading.device_time = previous_device_time;
    } else if ((shape & has_device_time) != 0) {
        reading.device_time = plus(receive_time, in.signed_varint());
    }
    filed.filed_time = (shape & has_filed_time) != 0 ? plus(receive_time, in.signed_varint())
                                                     : reading.device_time.value_or(receive_time);
    read_value(in, shape & kind_mask, reading.value);
}

bool read_readings(Fields& in, Timestamp receive_time, std::vector<FiledReading>& readings) {
    const auto count = in.varint<std::uint32_t>();
    constexpr std::size_t reading_bytes_min = 3;
    if (!in.ok() || count > batch_readings_max || count > in.remaining() / reading_bytes_min)
        return false;
    readings.resize(count);
    std::optional<Timestamp> previous_device_time;
    for (auto& filed : readings) {
        read(in, filed, receive_time, previous_device_time);
        if (!in.ok()) return false;
        previous_device_time = filed.reading.device_time;
    }
    return true;
}

tl::unexpected<Error> malformed(const Fields& in) {
    return fail(Error::Kind::malformed, "a batch body is damaged",
                "byte " + std::to_string(in.position()));
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

Result<void> decode_readings(std::string_view bytes, Timestamp receive_time,
                             std::vector<FiledReading>& readings) {
    Fields in(bytes);
    if (!read_readings(in, receive_time, readings) || in.remaining() != 0) return malformed(in);
    return {};
}

Result<void> decode(std::string_view body, Batch& batch) {
    Fields in(body);
    if (in.u8() != version)
        return fail(Error::Kind::unsupported, "a batch body of an unknown version", "byte 0");
    const auto flags = in.u8();
    if ((flags & ~has_offset) != 0) return malformed(in);
    batch.device = DeviceId{in.varint<std::uint32_t>()};
    batch.receive_time = from_unix_ns(in.i64());
    batch.offset_minutes.reset();
    if ((flags & has_offset) != 0) {
        const auto offset = in.signed_varint();
        if (offset < INT16_MIN || offset > INT16_MAX) return malformed(in);
        batch.offset_minutes = static_cast<std::int16_t>(offset);
    }
    batch.source = in.sized();
    const auto type = in.u8();
    if (type != content_type_written_out && type >= content_types.size()) return malformed(in);
    batch.raw_content_type = type == content_type_written_out ? in.sized() : content_types[type];
    batch.raw = in.sized();
    if (!read_readings(in, batch.receive_time, batch.readings) || in.remaining() != 0)
        return malformed(in);
    return {};
}

}  // namespace vigil
