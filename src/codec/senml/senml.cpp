#include "codec/senml/senml.hpp"

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "codec/cbor/cbor.hpp"
#include "codec/senml/pack.hpp"

namespace vigil::codec::senml {
namespace {

// What both representations say of one field.
struct Field {
    std::optional<Decimal> number;
    std::optional<std::string_view> text, bytes;
    std::optional<bool> boolean;
};

void wrong(Record& record, std::string_view label, std::string_view expected) {
    record.problem = Error{
        .kind = Error::Kind::malformed,
        .message = fmt::format("SenML label \"{}\" should hold {}", label.substr(0, 16), expected),
        .place = {}};
}

template <class T>
void assign(std::optional<T>& to, const std::optional<T>& from, Record& record,
            std::string_view label, std::string_view expected) {
    if (from)
        to = from;
    else
        wrong(record, label, expected);
}

// The labels of RFC 8428 section 4.3; unknown ones are ignored unless they forbid it.
void set(Record& record, std::string_view label, const Field& field) {
    const auto text = [&](auto& to) { assign(to, field.text, record, label, "a text"); };
    const auto number = [&](auto& to) { assign(to, field.number, record, label, "a number"); };
    if (label == "bn") return text(record.bn);
    if (label == "bt") return number(record.bt);
    if (label == "bu") return text(record.bu);
    if (label == "bv") return number(record.bv);
    if (label == "bver") return number(record.bver);
    if (label == "n") return text(record.n);
    if (label == "u") return text(record.u);
    if (label == "v") return number(record.v);
    if (label == "vs") return text(record.vs);
    if (label == "vb") return assign(record.vb, field.boolean, record, label, "true or false");
    if (label == "vd")
        return assign(record.vd, field.bytes ? field.bytes : field.text, record, label, "data");
    if (label == "s") return number(record.s);
    if (label == "t") return number(record.t);
    if (must_be_understood(label))
        record.problem = Error{.kind = Error::Kind::unsupported,
                               .message = "a SenML label that must be understood and is not",
                               .place = {}};
}

Field field_of(JsonValue value) {
    Field field;
    if (value.is(JsonKind::number)) {
        if (const auto number = value.decimal()) field.number = *number;
    } else if (value.is(JsonKind::string)) {
        field.text = value.text();
    } else if (value.is(JsonKind::boolean)) {
        field.boolean = value.is_true();
    }
    return field;
}

Result<void> decode_json(std::string_view payload, JsonDocument& json, Pack& pack) {
    VIGIL_TRY(root, json.parse(payload, {.bytes_max = payload_bytes_max,
                                         .values_max = records_max * 16,
                                         .depth_max = 8}));
    if (!root.is(JsonKind::array))
        return fail(Error::Kind::malformed, "a SenML pack is an array of records");
    std::size_t count = 0;
    for (const auto object : root) {
        Record record;
        if (!object.is(JsonKind::object))
            record.problem = Error{Error::Kind::malformed, "a SenML record is an object", {}};
        else
            for (auto member = object.begin(); member != object.end(); ++member)
                set(record, member.key(), field_of(*member));
        if (!pack.add(record, fmt::format("/{}", count++))) break;
    }
    return {};
}

// RFC 8428 section 6, table 4.
std::string_view label_of(const cbor::CborItem& key) {
    if (key.kind == cbor::CborItem::Kind::text) return key.text;
    switch (key.number.mantissa) {
        case -1:
            return "bver";
        case -2:
            return "bn";
        case -3:
            return "bt";
        case -4:
            return "bu";
        case -5:
            return "bv";
        case 0:
            return "n";
        case 1:
            return "u";
        case 2:
            return "v";
        case 3:
            return "vs";
        case 4:
            return "vb";
        case 5:
            return "s";
        case 6:
            return "t";
        case 8:
            return "vd";
        default:  // bs, ut, and what is not assigned
            return "";
    }
}

class CborPack {
public:
    CborPack(std::string_view payload, Pack& pack) : reader_(payload), pack_(pack) {}

    Result<void> read() {
        VIGIL_TRY(array, reader_.next());
        if (array.kind != cbor::CborItem::Kind::array)
            return fail(Error::Kind::malformed, "a SenML pack is an array of records", "byte 0");
        for (std::uint64_t i = 0; !array.count || i < *array.count; ++i) {
            if (i == records_max)
                return fail(Error::Kind::too_large, "a SenML pack has more records than are read");
            auto place = fmt::format("byte {}", reader_.position());
            VIGIL_TRY(map, reader_.next());
            if (map.kind == cbor::CborItem::Kind::end && !array.count) break;
            if (map.kind != cbor::CborItem::Kind::map)
                return fail(Error::Kind::malformed, "a SenML record is a map", place);
            VIGIL_TRY(record, read_record(map));
            if (!pack_.add(record, std::move(place))) return {};
        }
        if (reader_.empty()) return {};
        return fail(Error::Kind::malformed, "more bytes follow the SenML pack",
                    fmt::format("byte {}", reader_.position()));
    }

private:
    Result<Record> read_record(const cbor::CborItem& map) {
        Record record;
        for (std::uint64_t i = 0; !map.count || i < *map.count; ++i) {
            VIGIL_TRY(key, reader_.next());
            if (key.kind == cbor::CborItem::Kind::end && !map.count) break;
            if (key.kind != cbor::CborItem::Kind::text && key.kind != cbor::CborItem::Kind::integer)
                return fail(Error::Kind::malformed, "a SenML label is a number or a text",
                            fmt::format("byte {}", reader_.position()));
            VIGIL_TRY(value, reader_.next());
            if (value.kind == cbor::CborItem::Kind::end)
                return fail(Error::Kind::malformed, "a SenML label without a value",
                            fmt::format("byte {}", reader_.position()));
            VIGIL_CHECK(reader_.skip_content(value));
            set(record, label_of(key), field_of(value));
        }
        return record;
    }

    static Field field_of(const cbor::CborItem& item) {
        Field field;
        if (item.kind == cbor::CborItem::Kind::integer || item.kind == cbor::CborItem::Kind::number)
            field.number = item.number;
        if (item.kind == cbor::CborItem::Kind::text && is_utf8(item.text)) field.text = item.text;
        if (item.kind == cbor::CborItem::Kind::bytes) field.bytes = item.text;
        if (item.kind == cbor::CborItem::Kind::boolean) field.boolean = item.boolean;
        return field;
    }

    cbor::CborReader reader_;
    Pack& pack_;
};

bool is_cbor(std::string_view payload) {
    return !payload.empty() && static_cast<unsigned char>(payload.front()) >= 0x80;
}

}  // namespace

Result<void> decode(std::string_view payload, const DecodeContext& context, JsonDocument& json,
                    DecodedMessage& out) {
    clear(out);
    Pack pack(context, out);
    if (!is_cbor(payload)) return decode_json(payload, json, pack);
    if (payload.size() > payload_bytes_max)
        return fail(Error::Kind::too_large, "a SenML pack is longer than is read");
    auto done = CborPack(payload, pack).read();
    // The records before a broken one were whole: they stay.
    if (done || out.readings.empty()) return done;
    note_unread(out, done.error());
    return {};
}

}  // namespace vigil::codec::senml
