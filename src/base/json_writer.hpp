#pragma once
// Writes JSON into a string the caller owns. Numbers are written as their own text, so that 1.00
// stays 1.00. Commas are the writer's business, balance the caller's.

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/decimal.hpp"
#include "base/time.hpp"

namespace vigil {

class JsonWriter {
public:
    explicit JsonWriter(std::string& out) : out_(out) {}

    JsonWriter& begin_object() { return open('{'); }
    JsonWriter& end_object() { return close('}'); }
    JsonWriter& begin_array() { return open('['); }
    JsonWriter& end_array() { return close(']'); }
    JsonWriter& key(std::string_view name) {
        separate();
        quoted(name);
        out_ += ':';
        fresh_ = true;
        return *this;
    }

    JsonWriter& text(std::string_view value) {
        separate();
        quoted(value);
        return *this;
    }
    JsonWriter& number(const Decimal& value) {
        separate();
        append(out_, value);
        return *this;
    }
    template <std::integral T>
        requires(!std::same_as<T, bool>)
    JsonWriter& number(T value) {
        return verbatim(std::to_string(value));
    }
    JsonWriter& number(double value);  // shortest text that reads back equal; not finite: null
    JsonWriter& boolean(bool value) { return verbatim(value ? "true" : "false"); }
    JsonWriter& null() { return verbatim("null"); }
    JsonWriter& verbatim(std::string_view json) {
        separate();
        out_ += json;
        return *this;
    }

    // A member of the object that is open.
    JsonWriter& member(std::string_view name, std::string_view value) {
        return key(name).text(value);
    }
    JsonWriter& member(std::string_view name, const char* value) { return key(name).text(value); }
    // Null where there is no text: the API tells "none" from "empty" by it.
    JsonWriter& member_or_null(std::string_view name, std::string_view value) {
        return value.empty() ? key(name).null() : key(name).text(value);
    }
    JsonWriter& member_or_null(std::string_view name, const std::optional<Timestamp>& value) {
        return value ? key(name).text(format_rfc3339(*value)) : key(name).null();
    }
    JsonWriter& member(std::string_view name, bool value) { return key(name).boolean(value); }
    template <std::integral T>
        requires(!std::same_as<T, bool>)
    JsonWriter& member(std::string_view name, T value) {
        return key(name).number(value);
    }
    JsonWriter& member(std::string_view name, double value) { return key(name).number(value); }
    JsonWriter& member(std::string_view name, const Decimal& value) {
        return key(name).number(value);
    }
    JsonWriter& member(std::string_view name, Timestamp value) {
        return key(name).text(format_rfc3339(value));
    }

private:
    JsonWriter& open(char bracket) {
        separate();
        out_ += bracket;
        fresh_ = true;
        return *this;
    }
    JsonWriter& close(char bracket) {
        out_ += bracket;
        fresh_ = false;
        return *this;
    }
    void separate() {
        if (!fresh_) out_ += ',';
        fresh_ = false;
    }
    void quoted(std::string_view text);  // invalid UTF-8 becomes U+FFFD

    std::string& out_;
    bool fresh_ = true;
};

}  // namespace vigil
