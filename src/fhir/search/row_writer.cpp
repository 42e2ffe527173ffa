#include "fhir/search/row_writer.hpp"

#include <algorithm>
#include <limits>

#include "fhir/resource/date.hpp"
#include "fhir/resource/reference.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/search/folding.hpp"
#include "fhir/search/number.hpp"

namespace vigil::fhir {
namespace {

constexpr std::size_t string_bytes_max = 512;  // of a row: what is longer is cut, not found whole
constexpr auto infinity = std::numeric_limits<double>::infinity();

// At most `limit` bytes, not through the middle of a character.
std::string_view cut(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return text;
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
    return text.substr(0, limit);
}

std::string_view type_name(const path::Item& item) {
    return item.type() != nullptr ? item.type()->name : std::string_view();
}

}  // namespace

std::string primitive_text(const path::Item& item) {
    if (item.is_element()) {
        const auto json = item.json();
        const bool has_text =
            json.is(JsonKind::string) || json.is(JsonKind::number) || json.is(JsonKind::boolean);
        return has_text ? std::string(json.text()) : std::string();
    }
    struct Text {
        std::string operator()(bool value) const { return value ? "true" : "false"; }
        std::string operator()(std::int64_t value) const { return std::to_string(value); }
        std::string operator()(const Decimal& value) const { return to_string(value); }
        std::string operator()(const std::string& value) const { return value; }
        std::string operator()(const path::DateText& value) const { return value.text; }
        std::string operator()(const path::DateTimeText& value) const { return value.text; }
        std::string operator()(const path::TimeText& value) const { return value.text; }
        std::string operator()(const path::Quantity&) const { return {}; }
        std::string operator()(const path::TypeInfo&) const { return {}; }
    };
    return std::visit(Text{}, *item.system_value());
}

void RowWriter::put(store::IndexValue value, std::string_view suffix) {
    rows_.push_back({.parameter = std::string(parameter_) + std::string(suffix),
                     .value = std::move(value),
                     .group = group_});
}

void RowWriter::put_string(std::string_view text, std::string_view suffix) {
    if (text.empty()) return;
    put(store::StringValue{.folded = std::string(cut(folded(text), string_bytes_max)),
                           .exact = std::string(cut(text, string_bytes_max))},
        suffix);
}

void RowWriter::put_token(std::string_view system, std::string_view code, std::string_view suffix) {
    if (system.empty() && code.empty()) return;
    put(store::TokenValue{std::string(cut(system, string_bytes_max)),
                          std::string(cut(code, string_bytes_max))},
        suffix);
}

void RowWriter::add(SearchType type, const path::Item& item) {
    switch (type) {
        case SearchType::token:
            return token(item);
        case SearchType::date:
            return date(item);
        case SearchType::number:
            return number(item);
        case SearchType::quantity:
            return quantity(item);
        case SearchType::string:
            return string(item);
        case SearchType::uri:
            return uri(item);
        case SearchType::reference:
            return reference(item);
        case SearchType::composite:
        case SearchType::special:
            return;
    }
}

void RowWriter::token(const path::Item& item) {
    const auto type = type_name(item);
    const auto json = item.json();
    if (type == "Coding") return token_coding(json);
    if (type == "CodeableConcept") return token_concept(json);
    if (type == "Identifier") return token_identifier(json);
    if (type == "ContactPoint") return put_token(json["system"].string(), json["value"].string());
    const auto text = primitive_text(item);
    if (codes_ == nullptr) return put_token({}, text);
    const auto code = std::ranges::find(codes_->codes, text, &Coding::code);
    put_token(code != codes_->codes.end() ? code->system : std::string_view(), text);
}

void RowWriter::token_coding(JsonValue coding) {
    put_token(coding["system"].string(), coding["code"].string());
    put_string(coding["display"].string(), ":text");
}

void RowWriter::token_concept(JsonValue concept_value) {
    for (const auto coding : concept_value["coding"]) token_coding(coding);
    put_string(concept_value["text"].string(), ":text");
}

std::string of_type_code(std::string_view code, std::string_view value) {
    return std::string(code) + "|" + std::string(value);
}

void RowWriter::token_identifier(JsonValue identifier) {
    const auto value = identifier["value"].string();
    put_token(identifier["system"].string(), value);
    put_string(identifier["type"]["text"].string(), ":text");
    if (value.empty()) return;
    for (const auto coding : identifier["type"]["coding"])
        put_token(coding["system"].string(), of_type_code(coding["code"].string(), value),
                  ":of-type");
}

void RowWriter::date(const path::Item& item) {
    const auto type = type_name(item);
    if (type == "Timing") return date_timing(item.json());
    if (type == "Period") {
        const auto start = read_date(item.json()["start"].string());
        const auto end = read_date(item.json()["end"].string());
        if (!start && !end) return;
        return put(store::DateValue{start ? start->start : Timestamp::min(),
                                    end ? end->end : Timestamp::max()});
    }
    if (const auto span = read_date(primitive_text(item)))
        put(store::DateValue{span->start, span->end});
}

// From the first to the last of its times: the specification asks for no more (3.1.1.4.6).
void RowWriter::date_timing(JsonValue timing) {
    std::optional<store::DateValue> whole;
    const auto widen = [&](Timestamp start, Timestamp end) {
        if (!whole) whole = {start, end};
        whole->start = std::min(whole->start, start);
        whole->end = std::max(whole->end, end);
    };
    for (const auto event : timing["event"])
        if (const auto span = read_date(event.string())) widen(span->start, span->end);
    const auto bounds = timing["repeat"]["boundsPeriod"];
    const auto start = read_date(bounds["start"].string()), end = read_date(bounds["end"].string());
    if (start || end)
        widen(start ? start->start : Timestamp::min(), end ? end->end : Timestamp::max());
    if (whole) put(*whole);
}

void RowWriter::range(JsonValue low, JsonValue high) {
    const auto named = high["value"] ? high : low;
    const auto canonical = canonical_quantity(named["system"].string(), named["code"].string());
    const auto end = [&](JsonValue side, double open) {
        return side["value"] ? canonical(number_of(side["value"].text())) : open;
    };
    if (!low["value"] && !high["value"]) return;
    const auto plain = [](JsonValue side, double open) {
        return side["value"] ? number_of(side["value"].text()) : open;
    };
    put(store::NumberValue{{}, plain(low, -infinity), plain(high, infinity)});
    if (canonical.unit.empty()) return;
    put(store::NumberValue{canonical.unit, end(low, -infinity), end(high, infinity)});
}

void RowWriter::number(const path::Item& item) {
    if (type_name(item) == "Range") return range(item.json()["low"], item.json()["high"]);
    const auto text = primitive_text(item);
    if (text.empty()) return;
    const auto value = number_of(text);
    put(store::NumberValue{{}, value, value});
}

void RowWriter::quantity(const path::Item& item) {
    const auto type = type_name(item);
    const auto json = item.json();
    if (type == "Range") return range(json["low"], json["high"]);
    if (type == "SampledData") return;  // its samples are series, searched as readings
    if (!json["value"]) return;
    const auto value = number_of(json["value"].text());
    // As it stands there too: what a search without a unit compares.
    put(store::NumberValue{{}, value, value});
    if (type == "Money") {
        if (const auto currency = json["currency"].string(); !currency.empty())
            put(store::NumberValue{std::string(currency), value, value});
        return;
    }
    const auto code = json["code"].string();
    const auto canonical =
        canonical_quantity(json["system"].string(), code.empty() ? json["unit"].string() : code);
    if (canonical.unit.empty()) return;
    put(store::NumberValue{canonical.unit, canonical(value), canonical(value)});
}

void RowWriter::string(const path::Item& item) {
    const auto type = type_name(item);
    const auto json = item.json();
    if (type == "HumanName") {
        put_string(json["text"].string());
        put_string(json["family"].string());
        for (const auto* part : {"given", "prefix", "suffix"})
            for (const auto name : json[part]) put_string(name.string());
        return;
    }
    if (type == "Address") {
        for (const auto* part : {"text", "city", "district", "state", "postalCode", "country"})
            put_string(json[part].string());
        for (const auto line : json["line"]) put_string(line.string());
        return;
    }
    if (type == "CodeableConcept") {
        put_string(json["text"].string());
        for (const auto coding : json["coding"]) put_string(coding["display"].string());
        return;
    }
    put_string(primitive_text(item));
}

void RowWriter::uri(const path::Item& item) {
    const auto text = primitive_text(item);
    if (!text.empty()) put(store::UriValue{std::string(cut(text, 2 * string_bytes_max))});
}

void RowWriter::reference(const path::Item& item) {
    const auto json = item.json();
    std::string text;
    if (type_name(item) == "Reference") {
        if (const auto identifier = json["identifier"])
            put_token(identifier["system"].string(), identifier["value"].string(), ":identifier");
        text = json["reference"].string();
    } else if (item.type() != nullptr && item.type()->kind == TypeKind::resource) {
        // Composition of a document, MessageHeader of a message: the resource itself stands there.
        return put(store::ReferenceValue{
            std::string(type_name(item)), std::string(json["id"].string()), {}});
    } else {
        text = primitive_text(item);  // uri and canonical
    }
    const auto read = read_reference(text, context_.base, context_.parameters.definitions());
    if (!read.id.empty())
        put(store::ReferenceValue{std::string(read.type), std::string(read.id), {}});
    else if (!read.elsewhere.empty())
        put(store::ReferenceValue{{}, {}, std::string(cut(read.elsewhere, 2 * string_bytes_max))});
}

}  // namespace vigil::fhir
