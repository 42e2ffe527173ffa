#include "store/head_run.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <optional>

#include "base/bytes.hpp"

namespace vigil::store {

namespace {

// Which parts differ from the sample before and therefore follow.
enum Part : std::uint8_t {
    filed_step = 1 << 0,
    device_time = 1 << 1,
    delay = 1 << 2,
    marks = 1 << 3,  // status, exponent, unit, special
    sequence = 1 << 4,
    other_kind = 1 << 5,  // no number: the value follows whole
    mantissa = 1 << 6
};

// Sums modulo 2^64: any two times or mantissas have a difference that leads back.
std::int64_t plus(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
std::int64_t minus(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

struct Putter {
    ByteWriter& out;
    void operator()(const NumericValue&) const { assert(false); }
    void operator()(const CodedValue& value) const {
        out.sized(value.system);
        out.sized(value.code);
        out.sized(value.display);
    }
    void operator()(const TextValue& value) const { out.sized(value.text); }
    void operator()(const EventValue& value) const {
        out.sized(value.code);
        out.sized(value.text);
    }
    void operator()(const WaveformBlock& value) const {
        out.signed_varint(value.period.count());
        for (const auto& number : {value.scale, value.offset}) {
            out.signed_varint(number.mantissa);
            out.signed_varint(number.exponent);
        }
        out.varint(value.unit.value);
        out.varint(value.samples.size());
        std::int64_t last = 0;
        for (const auto sample : value.samples) {
            out.signed_varint(sample - last);
            last = sample;
        }
    }
};

// A string doubles its room when it is full; a minute of waveforms would hold twice what it needs.
constexpr std::size_t doubles_up_to = 4096;

void make_room(std::string& bytes, const Sample& sample) {
    const auto* block = std::get_if<WaveformBlock>(&sample.value);
    if (block == nullptr || bytes.size() < doubles_up_to) return;
    const auto needed = bytes.size() + 2 * block->samples.size();
    if (needed <= bytes.capacity()) return;
    std::string larger;
    larger.reserve(needed + bytes.size() / 4);
    larger.append(bytes);
    bytes.swap(larger);
}

}  // namespace

void HeadRun::add(const Sample& sample) {
    const auto filed = unix_ns(sample.filed_time);
    const bool follows = count_ == 0 || std::pair(before_.filed, before_.sequence) <
                                            std::pair(filed, sample.sequence);
    settled_ = settled_ && follows && (sample.status & status::clock) == 0;
    const auto step = minus(filed, before_.filed);
    const auto delay_ms = minus(unix_ns(sample.receive_time), filed) / 1'000'000;
    const bool device_known = sample.device_time.has_value();
    const auto lead = device_known ? minus(unix_ns(*sample.device_time), filed) : 0;
    const auto* number = std::get_if<NumericValue>(&sample.value);

    std::uint8_t parts = 0;
    if (step != before_.filed_step) parts |= filed_step;
    if (device_known != before_.device_known || lead != before_.device_lead) parts |= device_time;
    if (delay_ms != before_.delay_ms) parts |= delay;
    if (sample.sequence != before_.sequence) parts |= sequence;
    if (sample.status != before_.status || (number != nullptr && !before_.same_marks(*number)))
        parts |= marks;
    if (number == nullptr)
        parts |= other_kind;
    else if (number->value.mantissa != before_.mantissa)
        parts |= mantissa;

    make_room(bytes_, sample);
    ByteWriter out(bytes_);
    out.u8(parts);
    if ((parts & filed_step) != 0) out.signed_varint(minus(step, before_.filed_step));
    if ((parts & device_time) != 0) {
        out.u8(device_known ? 1 : 0);
        out.signed_varint(lead);
    }
    if ((parts & delay) != 0) out.signed_varint(minus(delay_ms, before_.delay_ms));
    if ((parts & sequence) != 0) out.varint(sample.sequence);
    before_ = {.filed = filed,
               .filed_step = step,
               .device_lead = lead,
               .delay_ms = delay_ms,
               .mantissa = before_.mantissa,
               .status = sample.status,
               .sequence = sample.sequence,
               .unit = number != nullptr ? number->unit.value : before_.unit,
               .exponent = number != nullptr ? number->value.exponent : before_.exponent,
               .special = number != nullptr ? number->special : before_.special,
               .device_known = device_known};
    if ((parts & marks) != 0) {
        out.varint(before_.status);
        out.u8(static_cast<std::uint8_t>(before_.exponent));
        out.varint(before_.unit);
        out.u8(static_cast<std::uint8_t>(before_.special));
    }
    if ((parts & mantissa) != 0) {
        out.signed_varint(minus(number->value.mantissa, before_.mantissa));
        before_.mantissa = number->value.mantissa;
    }
    if ((parts & other_kind) != 0) {
        out.u8(static_cast<std::uint8_t>(sample.value.index()));
        std::visit(Putter{out}, sample.value);
    }
    first_ = count_ == 0 ? sample.filed_time : std::min(first_, sample.filed_time);
    last_ = count_ == 0 ? sample.filed_time : std::max(last_, sample.filed_time);
    ++count_;
}

// Reads our own memory: what is not as written is a bug, not an input.
class HeadReader {
public:
    explicit HeadReader(const HeadRun& run) : in_(run.bytes_) {}
    bool empty() const { return in_.empty(); }

    Sample next() {
        const auto parts = step();
        Sample sample{
            .filed_time = from_unix_ns(before_.filed),
            .device_time = {},
            .receive_time = from_unix_ns(plus(before_.filed, before_.delay_ms * 1'000'000)),
            .sequence = before_.sequence,
            .status = before_.status,
            .value = {}};
        if (before_.device_known)
            sample.device_time = from_unix_ns(plus(before_.filed, before_.device_lead));
        if ((parts & other_kind) != 0)
            sample.value = other();
        else
            sample.value = value();
        return sample;
    }
    // What `next` would return, where that is a number; what it is not is passed over.
    std::optional<Number> next_number() {
        if ((step() & other_kind) != 0) {
            other();
            return std::nullopt;
        }
        return Number{from_unix_ns(before_.filed), value(), before_.status};
    }

private:
    // All but a value of another kind than a number.
    std::uint8_t step() {
        const auto parts = written(in_.u8());
        if ((parts & filed_step) != 0)
            before_.filed_step = plus(before_.filed_step, written(in_.signed_varint()));
        before_.filed = plus(before_.filed, before_.filed_step);
        if ((parts & device_time) != 0) {
            before_.device_known = written(in_.u8()) != 0;
            before_.device_lead = written(in_.signed_varint());
        }
        if ((parts & delay) != 0)
            before_.delay_ms = plus(before_.delay_ms, written(in_.signed_varint()));
        if ((parts & sequence) != 0)
            before_.sequence = static_cast<std::uint32_t>(written(in_.varint()));
        if ((parts & marks) != 0) {
            before_.status = static_cast<std::uint32_t>(written(in_.varint()));
            before_.exponent = static_cast<std::int8_t>(written(in_.u8()));
            before_.unit = static_cast<std::uint16_t>(written(in_.varint()));
            before_.special = static_cast<SpecialValue>(written(in_.u8()));
        }
        if ((parts & mantissa) != 0)
            before_.mantissa = plus(before_.mantissa, written(in_.signed_varint()));
        return parts;
    }
    NumericValue value() const {
        return {.value = {before_.mantissa, before_.exponent},
                .unit = UnitId{before_.unit},
                .special = before_.special};
    }
    template <class T>
    static T written(std::optional<T> value) {
        assert(value);
        return *value;
    }
    std::string word() { return std::string(written(in_.sized())); }

    // Braced initialisers are evaluated left to right.
    decltype(Sample::value) other() {
        switch (written(in_.u8())) {
            case 1:
                return CodedValue{word(), word(), word()};
            case 2:
                return TextValue{word()};
            case 3:
                return EventValue{word(), word()};
            default:
                return waveform();
        }
    }

    Decimal decimal() {
        return {written(in_.signed_varint()),
                static_cast<std::int8_t>(written(in_.signed_varint()))};
    }

    WaveformBlock waveform() {
        WaveformBlock block{.period = Nanoseconds(written(in_.signed_varint())),
                            .scale = decimal(),
                            .offset = decimal(),
                            .unit = UnitId{static_cast<std::uint16_t>(written(in_.varint()))},
                            .samples = {}};
        block.samples.resize(written(in_.varint()));
        std::int64_t last = 0;
        for (auto& sample : block.samples) {
            last += written(in_.signed_varint());
            sample = static_cast<std::int32_t>(last);
        }
        return block;
    }

    ByteReader in_;
    HeadRun::Before before_;
};

void HeadRun::read(std::vector<Sample>& out, const std::optional<Span>& within) const {
    HeadReader reader(*this);
    while (!reader.empty()) {
        auto sample = reader.next();
        const bool wanted =
            !within || (within->from <= sample.filed_time && sample.filed_time < within->to);
        if (wanted) out.push_back(std::move(sample));
    }
}

bool HeadRun::numbers(const std::function<bool(std::span<const Number>)>& visit) const {
    std::array<Number, 256> numbers;
    std::size_t count = 0;
    HeadReader reader(*this);
    while (!reader.empty()) {
        const auto number = reader.next_number();
        if (!number) continue;
        numbers[count++] = *number;
        if (count < numbers.size()) continue;
        if (!visit(numbers)) return false;
        count = 0;
    }
    return count == 0 || visit({numbers.data(), count});
}

}  // namespace vigil::store
