#include "codec/waveform/waveform_block.hpp"

#include <fmt/format.h>

#include <array>
#include <cassert>

#include "base/bytes.hpp"
#include "base/hash.hpp"
#include "metric/unit.hpp"

namespace vigil::codec::waveform {
namespace {

// What a source may say of itself; the rest of the status bits are the server's own to set.
constexpr std::uint32_t status_settable =
    status::invalid | status::questionable | status::calibration_ongoing | status::test_data |
    status::demo_data | status::validated | status::estimated | status::stored_data |
    status::signal_poor | status::alarm_at_source;

struct Header {
    std::string_view metric;
    std::uint64_t channel = 0, status = 0, period_ns = 0, count = 0;
    std::int64_t start_ns = 0;
    Decimal scale, offset;
    std::string_view unit;
    std::uint8_t coding = 0;
    std::string_view samples;
};

std::optional<Decimal> read_decimal(ByteReader& bytes) {
    const auto exponent = bytes.little_endian<std::int8_t>();
    const auto mantissa = bytes.signed_varint();
    if (!exponent || !mantissa) return std::nullopt;
    return Decimal{*mantissa, *exponent};
}

template <class T>
bool assign(T& to, const std::optional<T>& from) {
    if (from) to = *from;
    return from.has_value();
}

// False where the message ends within the block: what follows cannot be found either.
bool read_header(ByteReader& bytes, Header& out) {
    return assign(out.metric, bytes.sized()) && assign(out.channel, bytes.varint()) &&
           assign(out.status, bytes.varint()) &&
           assign(out.start_ns, bytes.little_endian<std::int64_t>()) &&
           assign(out.period_ns, bytes.varint()) && assign(out.scale, read_decimal(bytes)) &&
           assign(out.offset, read_decimal(bytes)) && assign(out.unit, bytes.sized()) &&
           assign(out.coding, bytes.u8()) && assign(out.count, bytes.varint()) &&
           assign(out.samples, bytes.sized());
}

class BlockReader {
public:
    BlockReader(const DecodeContext& context, DecodedMessage& out) : context_(context), out_(out) {}

    Result<void> read(const Header& header) {
        VIGIL_TRY(metric, known_metric(context_.catalogue, header.metric));
        if (metric->kind != MetricKind::waveform)
            return fail(Error::Kind::unsupported, metric->key + " is no waveform");
        VIGIL_TRY(unit, header.unit.empty() ? undeclared_unit(*metric)
                                            : declared_unit(*metric, header.unit));
        VIGIL_CHECK(check(header));
        Reading reading;
        reading.metric = metric->id;
        reading.channel = static_cast<std::uint16_t>(header.channel);
        reading.status = static_cast<std::uint32_t>(header.status) & status_settable;
        if (header.start_ns != 0) reading.device_time = from_unix_ns(header.start_ns);
        auto& block = reading.value.emplace<WaveformBlock>();
        block.period = Nanoseconds(static_cast<std::int64_t>(header.period_ns));
        block.scale = header.scale;
        block.offset = header.offset;
        block.unit = unit;
        block.samples.resize(header.count);
        VIGIL_CHECK(decode_samples(static_cast<SampleCoding>(header.coding), header.samples,
                                   block.samples));
        samples_ += header.count;
        out_.readings.push_back(std::move(reading));
        return {};
    }

private:
    Result<void> check(const Header& header) const {
        constexpr std::uint64_t period_ns_max = 3'600'000'000'000;  // an hour
        if (header.channel > UINT16_MAX)
            return fail(Error::Kind::malformed, "a channel above 65535");
        if (header.period_ns == 0 || header.period_ns > period_ns_max)
            return fail(Error::Kind::malformed, "a period of nothing, or of more than an hour");
        if (header.count == 0) return fail(Error::Kind::malformed, "a block without samples");
        if (header.count > samples_max - samples_)
            return fail(Error::Kind::too_large, "a message with more samples than are read");
        // Before memory is taken for them: each sample has bytes, packed ones at least 1/128.
        const auto coding = static_cast<SampleCoding>(header.coding);
        const auto per_byte = coding == SampleCoding::delta_packed ? packed_group : 1;
        if (header.count > header.samples.size() * per_byte)
            return fail(Error::Kind::malformed, "fewer samples than the block announces");
        return {};
    }

    const DecodeContext& context_;
    DecodedMessage& out_;
    std::uint64_t samples_ = 0;
};

void write_decimal(ByteWriter& bytes, const Decimal& value) {
    bytes.little_endian(value.exponent);
    bytes.signed_varint(value.mantissa);
}

SampleCoding smallest(std::span<const std::int32_t> samples) {
    auto best = SampleCoding::int32;
    auto best_bytes = samples.size() * 4;
    std::string coded;
    for (const auto coding :
         {SampleCoding::delta_packed, SampleCoding::delta_varint, SampleCoding::int16}) {
        if (!can_hold(coding, samples)) continue;
        coded.clear();
        encode_samples(coding, samples, coded);
        if (coded.size() < best_bytes) {
            best = coding;
            best_bytes = coded.size();
        }
    }
    return best;
}

void write_block(ByteWriter& bytes, const Reading& reading, const Catalogue& catalogue,
                 std::optional<SampleCoding> wanted) {
    const auto& block = std::get<WaveformBlock>(reading.value);
    bytes.sized(catalogue.at(reading.metric).key);
    bytes.varint(reading.channel);
    bytes.varint(reading.status & status_settable);
    bytes.little_endian(reading.device_time ? unix_ns(*reading.device_time) : std::int64_t{0});
    bytes.varint(static_cast<std::uint64_t>(block.period.count()));
    write_decimal(bytes, block.scale);
    write_decimal(bytes, block.offset);
    bytes.sized(units::at(block.unit).ucum);
    const auto coding =
        wanted && can_hold(*wanted, block.samples) ? *wanted : smallest(block.samples);
    std::string coded;
    encode_samples(coding, block.samples, coded);
    bytes.u8(static_cast<std::uint8_t>(coding));
    bytes.varint(block.samples.size());
    bytes.sized(coded);
}

}  // namespace

Result<void> decode(std::string_view payload, const DecodeContext& context, DecodedMessage& out) {
    clear(out);
    ByteReader bytes(payload);
    const auto place = [&] { return fmt::format("byte {}", bytes.position()); };
    if (bytes.take(magic.size()) != magic)
        return fail(Error::Kind::malformed, "not a waveform message: it begins with VWB1",
                    "byte 0");
    const auto sequence = bytes.varint();
    const auto count = bytes.varint();
    if (!sequence || !count) return fail(Error::Kind::malformed, "the message is cut", place());
    if (*count == 0 || *count > blocks_max)
        return fail(Error::Kind::malformed, "a message has 1 to 64 waveform blocks", place());
    BlockReader reader(context, out);
    for (std::uint64_t block = 0; block < *count; ++block) {
        auto begins = place();
        Header header;
        if (!read_header(bytes, header)) {
            if (out.readings.empty())
                return fail(Error::Kind::malformed, "the message is cut", begins);
            note_unread(out, {Error::Kind::malformed, "the message is cut", begins});
            break;
        }
        if (const auto done = reader.read(header); !done)
            note_unread(out, {done.error().kind, done.error().message, begins});
    }
    // With its bytes, a number that starts again when the device does is no other message's.
    if (*sequence != 0) out.payload_identity = fingerprint(payload);
    return {};
}

void encode(std::span<const Reading> readings, const Catalogue& catalogue, std::uint64_t sequence,
            std::string& out, std::optional<SampleCoding> coding) {
    std::uint64_t count = 0;
    for (const auto& reading : readings)
        count += std::holds_alternative<WaveformBlock>(reading.value) ? 1 : 0;
    assert(count > 0 && count <= blocks_max);
    ByteWriter bytes(out);
    bytes.bytes(magic);
    bytes.varint(sequence);
    bytes.varint(count);
    for (const auto& reading : readings)
        if (std::holds_alternative<WaveformBlock>(reading.value))
            write_block(bytes, reading, catalogue, coding);
}

}  // namespace vigil::codec::waveform
