#include "codec/telemetry/telemetry.hpp"

#include <fmt/format.h>

#include <charconv>

#include "base/hash.hpp"

namespace vigil::codec::telemetry {
namespace {

// The members of a telemetry object that are not metrics.
struct Frame {
    JsonValue ts, seq, device, values, units, stored;

    JsonValue* slot(std::string_view key) {
        switch (key.size()) {
            case 2:
                return key == "ts" ? &ts : nullptr;
            case 3:
                return key == "seq" ? &seq : nullptr;
            case 5:
                return key == "units" ? &units : nullptr;
            case 6:
                if (key == "device") return &device;
                if (key == "values") return &values;
                return key == "stored" ? &stored : nullptr;
            default:
                return nullptr;
        }
    }
};

tl::unexpected<Error> malformed(std::string message) {
    return fail(Error::Kind::malformed, std::move(message));
}

class TelemetryReader {
public:
    TelemetryReader(const DecodeContext& context, DecodedMessage& out)
        : context_(context), out_(out) {}

    Result<void> read(JsonValue root, std::string_view payload) {
        if (root.is(JsonKind::object)) {
            read_object(root);
        } else if (root.is(JsonKind::array)) {
            for (const auto object : root) read_object(object);
        } else {
            return malformed("telemetry is a JSON object, or an array of them");
        }
        identify(payload);
        return {};
    }

private:
    void unread(JsonValue place, Error problem) {
        problem.place = place.pointer();
        note_unread(out_, std::move(problem));
    }

    void read_object(JsonValue object) {
        ++objects_;
        if (!object.is(JsonKind::object))
            return unread(object, {Error::Kind::malformed, "telemetry is a JSON object", {}});
        Frame frame;
        for (auto member = object.begin(); member != object.end(); ++member)
            if (auto* slot = frame.slot(member.key())) *slot = *member;
        // Without its time or its device a value would be filed wrongly: then nothing of it is.
        if (const auto problem = read_frame(frame); !problem)
            return unread(object, problem.error());
        if (!frame.values) return read_values(object, frame);
        for (auto member = object.begin(); member != object.end(); ++member)
            if (frame.slot(member.key()) == nullptr)
                unread(*member, {Error::Kind::unsupported, "stands beside \"values\"", {}});
        if (frame.values.is(JsonKind::object))
            read_values(frame.values, frame);
        else
            unread(frame.values, {Error::Kind::malformed, "\"values\" is no object", {}});
    }

    Result<void> read_frame(const Frame& frame) {
        device_time_.reset();
        status_ = frame.stored.is_true() ? status::stored_data : 0;
        if (frame.ts && !frame.ts.is(JsonKind::null)) {
            VIGIL_TRY(time, time_of(frame.ts));
            device_time_ = time;
        }
        if (frame.device && frame.device.string().empty())
            return malformed("\"device\" is no text");
        // The sender itself, unnamed, is a device too.
        if (objects_ == 1) out_.sub_device = frame.device.string();
        if (out_.sub_device != frame.device.string())
            return fail(Error::Kind::unsupported,
                        "is of another device: one message carries one device");
        if (frame.seq) note_sequence(frame);
        return {};
    }

    Result<Timestamp> time_of(JsonValue value) {
        if (value.is(JsonKind::number)) return read_unix_time(value.text());
        if (!value.is(JsonKind::string)) return malformed("a time is a number or a text");
        VIGIL_TRY(time, read_time(value.text(), context_));
        if (time.offset_minutes != 0) out_.offset_minutes = time.offset_minutes;
        return time.instant;
    }

    // A sequence number alone may start again when the device does; with the time beside it, it
    // cannot be another message's.
    void note_sequence(const Frame& frame) {
        ++sequences_;
        timed_sequences_ += frame.ts ? 1 : 0;
        identity_ = fingerprint(frame.seq.text(), identity_.low ^ identity_.high);
        identity_ = fingerprint(frame.ts.text(), identity_.low ^ identity_.high);
    }

    void identify(std::string_view payload) {
        if (sequences_ == 0 || sequences_ != objects_) return;
        out_.payload_identity = timed_sequences_ == objects_ ? identity_ : fingerprint(payload);
    }

    void read_values(JsonValue object, Frame& frame) {
        const bool within_frame = !frame.values;
        for (auto member = object.begin(); member != object.end(); ++member) {
            if (within_frame && frame.slot(member.key()) != nullptr) continue;
            const auto* metric = find_metric(context_.catalogue, member.key());
            if (metric == nullptr) {
                unread(*member, known_metric(context_.catalogue, member.key()).error());
            } else if (const auto done = read_value(*metric, *member, frame.units[member.key()]);
                       !done) {
                unread(*member, done.error());
            }
        }
    }

    Reading& add(const Metric& metric) {
        auto& reading = out_.readings.emplace_back();
        reading.metric = metric.id;
        reading.status = status_;
        reading.device_time = device_time_;
        return reading;
    }

    Result<void> read_value(const Metric& metric, JsonValue value, JsonValue unit) {
        // What nearly every message holds, on the shortest way: a number of a numeric metric.
        if (value.is(JsonKind::number) && metric.kind == MetricKind::numeric)
            return read_number(metric, value, unit);
        if (metric.kind == MetricKind::waveform)
            return fail(Error::Kind::unsupported,
                        fmt::format("{} is a waveform: send it as a waveform block", metric.key));
        if (value.is(JsonKind::object)) return read_detailed(metric, value, unit);
        VIGIL_TRY(content, content_of(metric, value, unit));
        add(metric).value = std::move(content);
        return {};
    }

    Result<void> read_number(const Metric& metric, JsonValue value, JsonValue unit) {
        VIGIL_TRY(number, number_of(metric, value, unit));
        add(metric).value = number;
        return {};
    }

    using Content = decltype(Reading::value);

    Result<Content> content_of(const Metric& metric, JsonValue value, JsonValue unit) {
        switch (value.kind()) {
            case JsonKind::number:
                if (metric.kind == MetricKind::event)
                    return Content(EventValue{std::string(value.text()), {}});
                return number_content(metric, value, unit);
            case JsonKind::null:
                return special_content(metric, SpecialValue::not_available, unit);
            case JsonKind::string:
                return word_of(metric, value.text(), unit);
            case JsonKind::boolean:
                if (metric.kind == MetricKind::event)
                    return Content(EventValue{std::string(value.text()), {}});
                break;
            default:
                break;
        }
        return malformed("not a value of this metric");
    }

    static Result<NumericValue> number_of(const Metric& metric, JsonValue value, JsonValue unit) {
        VIGIL_TRY(decimal, value.decimal());
        VIGIL_TRY(unit_id, unit ? declared_unit(metric, unit.string()) : undeclared_unit(metric));
        return NumericValue{decimal, unit_id, SpecialValue::none};
    }

    static Result<Content> number_content(const Metric& metric, JsonValue value, JsonValue unit) {
        VIGIL_TRY(number, number_of(metric, value, unit));
        return Content(number);
    }

    // Over range in mg/dL is not over range in mmol/L: a unit that is declared stays.
    static Result<Content> special_content(const Metric& metric, SpecialValue special,
                                           JsonValue unit) {
        NumericValue value{{}, {}, special};
        if (unit) {
            VIGIL_TRY(declared, declared_unit(metric, unit.string()));
            value.unit = declared;
        }
        return Content(value);
    }

    static Result<Content> word_of(const Metric& metric, std::string_view word, JsonValue unit) {
        if (metric.kind == MetricKind::event) return Content(EventValue{std::string(word), {}});
        if (const auto special = special_value(word))
            return special_content(metric, *special, unit);
        if (metric.kind == MetricKind::setting)
            return Content(CodedValue{.system = {}, .code = std::string(word), .display = {}});
        return malformed(fmt::format("{} is a number, not a text", metric.key));
    }

    Result<void> read_detailed(const Metric& metric, JsonValue value, JsonValue outer_unit) {
        const auto unit = value["unit"];
        VIGIL_TRY(content, detailed_content(metric, value, unit ? unit : outer_unit));
        VIGIL_TRY(status, status_of(value["status"]));
        VIGIL_TRY(channel, channel_of(value["channel"]));
        auto device_time = device_time_;
        if (const auto ts = value["ts"]; ts && !ts.is(JsonKind::null)) {
            VIGIL_TRY(time, time_of(ts));
            device_time = time;
        }
        auto& reading = add(metric);
        reading.channel = channel;
        reading.status |= status;
        reading.device_time = device_time;
        reading.value = std::move(content);
        return {};
    }

    Result<Content> detailed_content(const Metric& metric, JsonValue value, JsonValue unit) {
        if (const auto plain = value["value"]) return content_of(metric, plain, unit);
        const auto code = value["code"].string();
        const auto text = value["text"].string();
        if (metric.kind == MetricKind::event && (!code.empty() || !text.empty()))
            return Content(EventValue{std::string(code), std::string(text)});
        if (!code.empty())
            return Content(CodedValue{.system = std::string(value["system"].string()),
                                      .code = std::string(code),
                                      .display = std::string(value["display"].string())});
        if (!text.empty()) return Content(TextValue{std::string(text)});
        return malformed(R"(has neither "value" nor "code" nor "text")");
    }

    static Result<std::uint32_t> status_of(JsonValue value) {
        std::uint32_t bits = 0;
        const auto read_word = [&](JsonValue word) {
            const auto bit = status_bit(word.string());
            bits |= bit;
            return bit != 0;
        };
        bool understood = true;
        if (value.is(JsonKind::array))
            for (const auto word : value) understood = read_word(word) && understood;
        else if (value)
            understood = read_word(value);
        if (!understood) return malformed("has a \"status\" that is no known word");
        return bits;
    }

    static Result<std::uint16_t> channel_of(JsonValue value) {
        if (!value) return std::uint16_t{0};
        const auto number = value.integer();
        if (!number || *number < 0 || *number > UINT16_MAX)
            return malformed("has a \"channel\" that is no number from 0 to 65535");
        return static_cast<std::uint16_t>(*number);
    }

    const DecodeContext& context_;
    DecodedMessage& out_;
    std::optional<Timestamp> device_time_;  // of the object being read
    std::uint32_t status_ = 0;
    std::size_t objects_ = 0, sequences_ = 0, timed_sequences_ = 0;
    Fingerprint identity_;
};

}  // namespace

Result<void> decode(std::string_view payload, const DecodeContext& context, JsonDocument& json,
                    DecodedMessage& out) {
    clear(out);
    VIGIL_TRY(root, json.parse(payload, {.bytes_max = payload_bytes_max,
                                         .values_max = values_max,
                                         .depth_max = 8}));
    return TelemetryReader(context, out).read(root, payload);
}

Result<DecodedMessage> decode(std::string_view payload, const DecodeContext& context) {
    JsonDocument json;
    DecodedMessage out;
    VIGIL_CHECK(decode(payload, context, json, out));
    return out;
}

}  // namespace vigil::codec::telemetry
