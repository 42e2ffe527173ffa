#pragma once
// Reads JSON (RFC 8259) into a flat tree that keeps a number's own text: 1.00, -0 and 1E400 stay
// what was sent. Strict: UTF-8 only, duplicate keys refused, every size bounded.
//
//     JsonDocument json;                        // reuse it: steady state allocates nothing
//     VIGIL_TRY(root, json.parse(text));        // `text` outlives what is read from it
//     if (const auto unit = root["valueQuantity"]["unit"]) use(unit.text());

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.hpp"
#include "base/result.hpp"

namespace vigil {

enum class JsonKind : std::uint8_t { absent, null, boolean, number, string, array, object };

struct JsonLimits {
    std::size_t bytes_max = std::size_t{16} << 20;
    std::size_t values_max = 2'000'000;  // keys count too
    std::uint16_t depth_max = 64;
};

class JsonDocument;

// A place in a document, or nowhere: what is looked up and not there is `absent`, and looking
// further from there stays absent. Valid until its document parses again.
class JsonValue {
public:
    JsonValue() = default;

    JsonKind kind() const;
    explicit operator bool() const { return document_ != nullptr; }
    bool is(JsonKind wanted) const { return kind() == wanted; }

    // A string decoded; a number, true, false or null as written; empty for the rest.
    std::string_view text() const;
    // The text of a string, nothing of any other kind.
    std::string_view string() const { return is(JsonKind::string) ? text() : std::string_view(); }
    bool is_true() const { return is(JsonKind::boolean) && text() == "true"; }
    Result<Decimal> decimal() const;              // of a number
    std::optional<std::int64_t> integer() const;  // of a number written as a whole one

    std::size_t size() const;                          // members of an object, elements of an array
    JsonValue operator[](std::string_view key) const;  // of an object
    JsonValue operator[](std::size_t element) const;   // of an array

    // Where it stands, as an RFC 6901 pointer. Walks the document: for messages only.
    std::string pointer() const;

    class Iterator;
    // Elements of an array, or members of an object (`key()` of the iterator tells the name).
    Iterator begin() const;
    Iterator end() const;

private:
    friend class JsonDocument;
    JsonValue(const JsonDocument* document, std::uint32_t node)
        : document_(document), node_(node) {}

    const JsonDocument* document_ = nullptr;
    std::uint32_t node_ = 0;
};

class JsonDocument {
public:
    Result<JsonValue> parse(std::string_view text, const JsonLimits& limits = {});

private:
    friend class JsonValue;
    friend class JsonValue::Iterator;
    friend class JsonReader;

    // In the order they stand in the text. In an object each key is a node, its value follows.
    struct Node {
        const char* text = nullptr;
        std::uint32_t length = 0;
        std::uint32_t end = 0;    // the node after this one and all it holds
        std::uint32_t count = 0;  // members or elements
        JsonKind kind = JsonKind::absent;
    };

    std::vector<Node> nodes_;
    std::string unescaped_;               // strings that held escapes
    std::vector<std::uint32_t> sorting_;  // keys of a large object, while looking for duplicates
};

class JsonValue::Iterator {
public:
    JsonValue operator*() const { return {document_, node_ + (is_object_ ? 1 : 0)}; }
    std::string_view key() const {
        return is_object_ ? JsonValue(document_, node_).text() : std::string_view();
    }
    Iterator& operator++();
    bool operator==(const Iterator& other) const { return node_ == other.node_; }

private:
    friend class JsonValue;
    Iterator(const JsonDocument* document, std::uint32_t node, bool is_object)
        : document_(document), node_(node), is_object_(is_object) {}

    const JsonDocument* document_ = nullptr;
    std::uint32_t node_ = 0;
    bool is_object_ = false;
};

inline JsonKind JsonValue::kind() const {
    return document_ == nullptr ? JsonKind::absent : document_->nodes_[node_].kind;
}

inline std::string_view JsonValue::text() const {
    if (document_ == nullptr) return {};
    const auto& node = document_->nodes_[node_];
    return {node.text, node.length};
}

inline std::size_t JsonValue::size() const {
    return document_ == nullptr ? 0 : document_->nodes_[node_].count;
}

inline JsonValue::Iterator JsonValue::begin() const {
    const bool has_parts = is(JsonKind::object) || is(JsonKind::array);
    return {document_, has_parts ? node_ + 1 : 0, is(JsonKind::object)};
}

inline JsonValue::Iterator JsonValue::end() const {
    const bool has_parts = is(JsonKind::object) || is(JsonKind::array);
    return {document_, has_parts ? document_->nodes_[node_].end : 0, is(JsonKind::object)};
}

inline JsonValue::Iterator& JsonValue::Iterator::operator++() {
    node_ = document_->nodes_[node_ + (is_object_ ? 1 : 0)].end;
    return *this;
}

}  // namespace vigil
