#include <limits>

#include "base/bytes.hpp"
#include "metric/batch.hpp"
#include "metric/batch_format.hpp"

namespace vigil {
namespace {

using namespace batch_format;  // NOLINT(google-build-using-namespace): the other half of this file

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
    if ((flags & ~(has_offset | has_digest | has_sequence)) != 0) return malformed(in);
    batch.device = DeviceId{in.varint<std::uint32_t>()};
    batch.receive_time = from_unix_ns(in.i64());
    batch.offset_minutes.reset();
    if ((flags & has_offset) != 0) {
        const auto offset = in.signed_varint();
        if (offset < INT16_MIN || offset > INT16_MAX) return malformed(in);
        batch.offset_minutes = static_cast<std::int16_t>(offset);
    }
    batch.first_sequence = (flags & has_sequence) != 0 ? in.varint<std::uint32_t>() : 0;
    if ((flags & has_sequence) != 0 && batch.first_sequence == 0) return malformed(in);
    batch.source = in.sized();
    const auto type = in.u8();
    if (type != content_type_written_out && type >= content_types.size()) return malformed(in);
    batch.raw_content_type = type == content_type_written_out ? in.sized() : content_types[type];
    const bool digested = (flags & has_digest) != 0;
    batch.raw_size = digested ? in.varint<std::uint64_t>() : 0;
    batch.raw_digest = digested ? in.sized() : std::string_view();
    batch.raw = digested ? std::string_view() : in.sized();
    if (digested && batch.raw_digest.empty()) return malformed(in);
    if (!read_readings(in, batch.receive_time, batch.readings) || in.remaining() != 0)
        return malformed(in);
    return {};
}

}  // namespace vigil
