#pragma once
// One description of a struct's members, shown to a visitor by name, serves both directions of its
// bytes: docs/reference/alarm-formats.md. Numbers are LEB128, signed ones zigzag; texts and lists
// have their length before them; an optional has a byte 0 or 1.

#include <bit>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/decimal.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"

namespace vigil::monitor {

struct FieldBounds {
    std::size_t text_bytes_max = 4'000;
    std::size_t list_count_max = 4'096;
};

class FieldWriter {
public:
    explicit FieldWriter(std::string& out) : out_(out) {}

    template <class T>
    void operator()(const char* /*name*/, const T& field) {
        put(field);
    }

private:
    void put(bool field) { out_.u8(field ? 1 : 0); }
    void put(const std::string& field) { out_.sized(field); }
    void put(Timestamp field) { out_.little_endian(unix_ns(field)); }
    void put(Nanoseconds field) { out_.signed_varint(field.count()); }
    void put(const Decimal& field) {
        out_.u8(static_cast<std::uint8_t>(field.exponent));
        out_.signed_varint(field.mantissa);
    }
    template <class Tag, class Number>
    void put(Id<Tag, Number> field) {
        out_.varint(field.value);
    }
    template <std::unsigned_integral T>
    void put(T field) {
        out_.varint(field);
    }
    void put(double field) { out_.little_endian(std::bit_cast<std::uint64_t>(field)); }
    template <class T>
    void put(const std::optional<T>& field) {
        out_.u8(field ? 1 : 0);
        if (field) put(*field);
    }
    template <class T>
    void put(const std::vector<T>& field) {
        out_.varint(field.size());
        for (const auto& part : field) put(part);
    }
    template <class T>
        requires(std::is_enum_v<T> || std::is_class_v<T>)
    void put(const T& field) {
        if constexpr (std::is_enum_v<T>)
            out_.u8(static_cast<std::uint8_t>(field));
        else
            T::members(*this, field);
    }

    ByteWriter out_;
};

// After the first field that is not there or not allowed, nothing is read any more.
class FieldReader {
public:
    explicit FieldReader(std::string_view bytes, FieldBounds bounds = {})
        : in_(bytes), bounds_(bounds) {}

    template <class T>
    void operator()(const char* name, T& field) {
        if (failed_ == nullptr && !get(field)) failed_ = name;
    }
    // The member at which reading failed; none: it did not.
    const char* failed() const { return failed_; }
    void refuse(const char* name) {
        if (failed_ == nullptr) failed_ = name;
    }
    bool at_end() const { return in_.empty(); }
    std::size_t position() const { return in_.position(); }

private:
    template <class T>
    static bool take(std::optional<T> read, T& field) {
        if (read) field = *read;
        return read.has_value();
    }
    bool get(bool& field) {
        const auto byte = in_.u8();
        field = byte == 1;
        return byte && *byte <= 1;
    }
    bool get(std::string& field) {
        const auto text = in_.sized();
        if (!text || text->size() > bounds_.text_bytes_max) return false;
        field = *text;
        return true;
    }
    bool get(Timestamp& field) {
        const auto ns = in_.little_endian<std::int64_t>();
        if (!ns) return false;
        // Sums and differences of what is read then never overflow. The two ends stand for "never"
        // and "not yet", where that is how the field begins.
        constexpr std::int64_t year_2230 = 8'204'889'600'000'000'000;
        const bool open = field == Timestamp::min() || field == Timestamp::max();
        field = from_unix_ns(*ns);
        return (*ns >= 0 && *ns <= year_2230) ||
               (open && (field == Timestamp::min() || field == Timestamp::max()));
    }
    bool get(Nanoseconds& field) {
        const auto ns = in_.signed_varint();
        if (ns) field = Nanoseconds(*ns);
        return ns.has_value();
    }
    bool get(Decimal& field) {
        const auto exponent = in_.u8();
        const auto mantissa = in_.signed_varint();
        if (!exponent || !mantissa) return false;
        field = {*mantissa, static_cast<std::int8_t>(*exponent)};
        return true;
    }
    template <class Tag, class Number>
    bool get(Id<Tag, Number>& field) {
        return get(field.value);
    }
    template <std::unsigned_integral T>
    bool get(T& field) {
        const auto number = in_.varint();
        if (!number || !std::in_range<T>(*number)) return false;
        field = static_cast<T>(*number);
        return true;
    }
    bool get(double& field) {
        const auto bits = in_.little_endian<std::uint64_t>();
        if (bits) field = std::bit_cast<double>(*bits);
        return bits.has_value();
    }
    template <class T>
    bool get(std::optional<T>& field) {
        bool there = false;
        if (!get(there)) return false;
        if (!there) {
            field.reset();
            return true;
        }
        return get(field.emplace());
    }
    template <class T>
    bool get(std::vector<T>& field) {
        const auto count = in_.varint();
        if (!count || *count > bounds_.list_count_max || *count > in_.remaining()) return false;
        field.clear();
        for (std::uint64_t i = 0; i < *count; ++i)
            if (!get(field.emplace_back())) return false;
        return true;
    }
    template <class T>
        requires(std::is_enum_v<T> || std::is_class_v<T>)
    bool get(T& field) {
        if constexpr (std::is_enum_v<T>) {
            const auto byte = in_.u8();
            if (byte) field = static_cast<T>(*byte);
            return byte && valid(field);
        } else {
            T::members(*this, field);
            return failed_ == nullptr;
        }
    }

    ByteReader in_;
    FieldBounds bounds_;
    const char* failed_ = nullptr;
};

}  // namespace vigil::monitor
