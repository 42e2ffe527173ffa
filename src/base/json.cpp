#include "base/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <charconv>
#include <cstring>

#include "base/utf8.hpp"

namespace vigil {
namespace {

// Up to this many members are compared pair by pair; beyond, their keys are sorted.
constexpr std::uint32_t pairwise_members_max = 12;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The first byte of a little-endian word that ends a plain run of string text: a quote, a
// backslash, a control character or the start of a multi-byte sequence. 8: none of them.
std::size_t plain_bytes(std::uint64_t word) {
    constexpr std::uint64_t each = 0x0101010101010101;
    constexpr std::uint64_t high = each * 0x80;
    const auto zero = [](std::uint64_t w) { return (w - each) & ~w & high; };
    const auto special = (word & high) | zero(word ^ (each * '"')) | zero(word ^ (each * '\\')) |
                         ((word - each * 0x20) & ~word & high);
    return static_cast<std::size_t>(std::countr_zero(special)) / 8;
}

void append_utf8(std::string& out, std::uint32_t code_point) {
    const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (code_point < 0x80) {
        put(code_point);
    } else if (code_point < 0x800) {
        put(0xC0 | code_point >> 6);
        put(0x80 | (code_point & 0x3F));
    } else if (code_point < 0x10000) {
        put(0xE0 | code_point >> 12);
        put(0x80 | (code_point >> 6 & 0x3F));
        put(0x80 | (code_point & 0x3F));
    } else {
        put(0xF0 | code_point >> 18);
        put(0x80 | (code_point >> 12 & 0x3F));
        put(0x80 | (code_point >> 6 & 0x3F));
        put(0x80 | (code_point & 0x3F));
    }
}

void append_pointer_token(std::string& out, std::string_view key) {
    out += '/';
    for (const char c : key) {
        if (c == '~')
            out += "~0";
        else if (c == '/')
            out += "~1";
        else
            out += c;
    }
}

}  // namespace

// One pass over the text. Each read_… is given where its part begins and returns where it ended, or
// nothing once it has named its problem.
class JsonReader {
public:
    JsonReader(JsonDocument& document, std::string_view text, const JsonLimits& limits)
        : document_(document),
          nodes_(document.nodes_),
          start_(text.data()),
          end_(text.data() + text.size()),
          limits_(limits) {}

    bool read_document() {
        const char* at = read_value(skip_space(start_), 0);
        if (at == nullptr) return false;
        at = skip_space(at);
        return at == end_ || problem(at, "more text follows the JSON value") != nullptr;
    }

    Error error() const {
        return {.kind = kind_,
                .message = fmt::format("not readable as JSON: {}", problem_),
                .place = fmt::format("byte {}", problem_at_ - start_)};
    }

private:
    using Node = JsonDocument::Node;

    const char* problem(const char* at, std::string_view what,
                        Error::Kind kind = Error::Kind::malformed) {
        problem_at_ = at;
        problem_ = what;
        kind_ = kind;
        return nullptr;
    }

    const char* skip_space(const char* at) const {
        while (at != end_ && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r')) ++at;
        return at;
    }

    bool add_node(JsonKind kind, const char* text, std::size_t length) {
        if (nodes_.size() >= limits_.values_max) return false;
        nodes_.push_back({.text = text,
                          .length = static_cast<std::uint32_t>(length),
                          .end = static_cast<std::uint32_t>(nodes_.size() + 1),
                          .count = 0,
                          .kind = kind});
        return true;
    }

    const char* too_many(const char* at) {
        return problem(at, "it has more values than are accepted", Error::Kind::too_large);
    }

    const char* read_value(const char* at, std::uint16_t depth) {
        if (at == end_) return problem(at, "it ends where a value should stand");
        switch (*at) {
            case '{':
                return read_object(at, depth);
            case '[':
                return read_array(at, depth);
            case '"':
                return read_string(at);
            case 't':
                return read_literal(at, "true", JsonKind::boolean);
            case 'f':
                return read_literal(at, "false", JsonKind::boolean);
            case 'n':
                return read_literal(at, "null", JsonKind::null);
            default:
                return read_number(at);
        }
    }

    const char* enter(const char* at, std::uint16_t depth, JsonKind kind) {
        if (depth >= limits_.depth_max)
            return problem(at, "it is nested too deeply", Error::Kind::too_large);
        if (!add_node(kind, at, 0)) return too_many(at);
        return skip_space(at + 1);
    }

    // At the closing bracket.
    const char* leave(const char* at, std::size_t node, std::uint32_t count) {
        nodes_[node].end = static_cast<std::uint32_t>(nodes_.size());
        nodes_[node].count = count;
        return at + 1;
    }

    const char* not_closed(const char* at) {
        return problem(at, at == end_ ? "it ends before its brackets are closed"
                                      : "a comma or a closing bracket should stand here");
    }

    const char* read_array(const char* at, std::uint16_t depth) {
        const auto node = nodes_.size();
        at = enter(at, depth, JsonKind::array);
        if (at == nullptr) return nullptr;
        if (at != end_ && *at == ']') return leave(at, node, 0);
        for (std::uint32_t count = 1;; ++count) {
            at = read_value(at, static_cast<std::uint16_t>(depth + 1));
            if (at == nullptr) return nullptr;
            at = skip_space(at);
            if (at != end_ && *at == ']') return leave(at, node, count);
            if (at == end_ || *at != ',') return not_closed(at);
            at = skip_space(at + 1);
        }
    }

    const char* read_object(const char* at, std::uint16_t depth) {
        const auto node = nodes_.size();
        at = enter(at, depth, JsonKind::object);
        if (at == nullptr) return nullptr;
        if (at != end_ && *at == '}') return leave(at, node, 0);
        KeysSeen keys;
        for (std::uint32_t count = 1;; ++count) {
            at = read_member(at, depth, keys);
            if (at == nullptr) return nullptr;
            at = skip_space(at);
            if (at != end_ && *at == '}') {
                at = leave(at, node, count);
                if (keys.look_closer && has_duplicate_key(static_cast<std::uint32_t>(node)))
                    return problem(at, "an object has the same key twice");
                return at;
            }
            if (at == end_ || *at != ',') return not_closed(at);
            at = skip_space(at + 1);
        }
    }

    // Keys of one object that are told apart by their length and ends alone need no comparison.
    struct KeysSeen {
        std::uint64_t bits = 0;
        bool look_closer = false;

        void note(const Node& key) {
            const auto edge = key.length == 0
                                  ? 0U
                                  : static_cast<unsigned char>(key.text[0]) * 5U +
                                        static_cast<unsigned char>(key.text[key.length - 1]);
            const auto bit = std::uint64_t{1} << ((edge + key.length * 11) & 63);
            look_closer = look_closer || (bits & bit) != 0;
            bits |= bit;
        }
    };

    const char* read_member(const char* at, std::uint16_t depth, KeysSeen& keys) {
        if (at == end_ || *at != '"') return problem(at, "a key in quotes should stand here");
        at = read_string(at);
        if (at == nullptr) return nullptr;
        keys.note(nodes_.back());
        at = skip_space(at);
        if (at == end_ || *at != ':') return problem(at, "a colon should stand here");
        return read_value(skip_space(at + 1), static_cast<std::uint16_t>(depth + 1));
    }

    std::string_view key(std::uint32_t node) const {
        return {nodes_[node].text, nodes_[node].length};
    }

    bool has_duplicate_key(std::uint32_t object) {
        const auto next = [&](std::uint32_t key_node) { return nodes_[key_node + 1].end; };
        const auto past = nodes_[object].end;
        if (nodes_[object].count <= pairwise_members_max) {
            for (auto one = object + 1; one != past; one = next(one))
                for (auto other = next(one); other != past; other = next(other))
                    if (key(one) == key(other)) return true;
            return false;
        }
        auto& keys = document_.sorting_;
        keys.clear();
        for (auto one = object + 1; one != past; one = next(one)) keys.push_back(one);
        const auto key_of = [&](std::uint32_t node) { return key(node); };
        std::ranges::sort(keys, {}, key_of);
        return std::ranges::adjacent_find(keys, {}, key_of) != keys.end();
    }

    const char* read_literal(const char* at, std::string_view word, JsonKind kind) {
        const std::string_view rest(at, static_cast<std::size_t>(end_ - at));
        if (!rest.starts_with(word)) return problem(at, "not a JSON value");
        if (!add_node(kind, at, word.size())) return too_many(at);
        return at + word.size();
    }

    const char* skip_digits(const char* at) const {
        while (at != end_ && is_digit(*at)) ++at;
        return at;
    }

    const char* read_number(const char* first) {
        const char* at = first;
        if (*at == '-') ++at;
        const char* const whole = at;
        at = skip_digits(at);
        if (at == whole) return problem(first, "not a JSON value");
        if (*whole == '0' && at - whole > 1) return problem(first, "a number begins with 0");
        if (at != end_ && *at == '.') {
            const char* const fraction = at + 1;
            at = skip_digits(fraction);
            if (at == fraction) return problem(at, "a digit should stand here");
        }
        if (at != end_ && (*at == 'e' || *at == 'E')) {
            ++at;
            if (at != end_ && (*at == '+' || *at == '-')) ++at;
            const char* const power = at;
            at = skip_digits(power);
            if (at == power) return problem(at, "a digit should stand here");
        }
        if (!add_node(JsonKind::number, first, static_cast<std::size_t>(at - first)))
            return too_many(first);
        return at;
    }

    // To the next byte of a string that needs a decision.
    const char* skip_plain(const char* at) const {
        if constexpr (std::endian::native == std::endian::little)
            while (end_ - at >= 8) {
                std::uint64_t word = 0;
                std::memcpy(&word, at, sizeof word);
                const auto plain = plain_bytes(word);
                at += plain;
                if (plain < 8) return at;
            }
        const auto is_plain = [](char c) {
            return c != '"' && c != '\\' && static_cast<signed char>(c) >= 0x20;
        };
        while (at != end_ && is_plain(*at)) ++at;
        return at;
    }

    const char* read_string(const char* quote) {
        const char* const first = quote + 1;
        const char* at = skip_plain(first);
        if (at != end_ && *at == '"') {
            if (!add_node(JsonKind::string, first, static_cast<std::size_t>(at - first)))
                return too_many(quote);
            return at + 1;
        }
        return read_long_string(first, at);
    }

    // A string with escapes, or other than ASCII, in it: plain up to `at`.
    const char* read_long_string(const char* run, const char* at) {
        const char* const first = run;
        auto& unescaped = document_.unescaped_;
        const auto from = unescaped.size();
        while (true) {
            if (at == end_) return problem(at, "a string is not closed");
            if (*at == '"') break;
            if (*at == '\\') {
                // Without its escapes a text is never longer: with this room, views into it stay.
                unescaped.reserve(static_cast<std::size_t>(end_ - start_));
                unescaped.append(run, at);
                at = run = read_escape(at + 1);
                if (at == nullptr) return nullptr;
            } else {
                const auto length = utf8_sequence_length({at, static_cast<std::size_t>(end_ - at)});
                if (length == 0) return problem(at, "a string is not UTF-8");
                if (length == 1) return problem(at, "a control character stands in a string");
                at += length;
            }
            at = skip_plain(at);
        }
        std::string_view text(run, static_cast<std::size_t>(at - run));
        if (run != first) {
            unescaped.append(text);
            text = std::string_view(unescaped).substr(from);
        }
        if (!add_node(JsonKind::string, text.data(), text.size())) return too_many(first);
        return at + 1;
    }

    // Behind the backslash.
    const char* read_escape(const char* at) {
        constexpr std::string_view letters = "\"\\/bfnrt";
        constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
        if (at == end_) return problem(at, "a string is not closed");
        if (*at == 'u') return read_unicode_escape(at + 1);
        const auto letter = letters.find(*at);
        if (letter == std::string_view::npos) return problem(at, "an unknown escape in a string");
        document_.unescaped_ += meanings[letter];
        return at + 1;
    }

    const char* read_unicode_escape(const char* at) {
        constexpr std::string_view half = "half a surrogate pair in a string";
        std::uint32_t unit = 0;
        at = read_utf16_unit(at, unit);
        if (at == nullptr) return nullptr;
        if (unit >= 0xDC00 && unit < 0xE000) return problem(at, half);
        if (unit >= 0xD800 && unit < 0xDC00) {
            std::uint32_t low = 0;
            if (end_ - at < 2 || at[0] != '\\' || at[1] != 'u') return problem(at, half);
            at = read_utf16_unit(at + 2, low);
            if (at == nullptr) return nullptr;
            if (low < 0xDC00 || low >= 0xE000) return problem(at, half);
            unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        }
        append_utf8(document_.unescaped_, unit);
        return at;
    }

    const char* read_utf16_unit(const char* at, std::uint32_t& unit) {
        if (end_ - at < 4) return problem(at, "a string is not closed");
        const auto [end, failure] = std::from_chars(at, at + 4, unit, 16);
        if (failure != std::errc() || end != at + 4)
            return problem(at, "an escape in a string has other than four hexadecimal digits");
        return at + 4;
    }

    JsonDocument& document_;
    std::vector<Node>& nodes_;
    const char* start_;
    const char* end_;
    const JsonLimits& limits_;
    const char* problem_at_ = nullptr;
    std::string_view problem_;
    Error::Kind kind_ = Error::Kind::malformed;
};

Result<JsonValue> JsonDocument::parse(std::string_view text, const JsonLimits& limits) {
    nodes_.clear();
    unescaped_.clear();
    if (text.size() > limits.bytes_max || text.size() >= UINT32_MAX)
        return fail(Error::Kind::too_large, "a JSON text is longer than is accepted here");
    JsonReader reader(*this, text, limits);
    if (reader.read_document()) return JsonValue(this, 0);
    nodes_.clear();
    return tl::unexpected(reader.error());
}

Result<Decimal> JsonValue::decimal() const {
    if (!is(JsonKind::number)) return fail(Error::Kind::malformed, "not a number");
    return parse_decimal(text());
}

std::optional<std::int64_t> JsonValue::integer() const {
    if (!is(JsonKind::number)) return std::nullopt;
    const auto digits = text();
    std::int64_t value = 0;
    const auto [end, failure] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (failure != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return value;
}

JsonValue JsonValue::operator[](std::string_view key) const {
    if (!is(JsonKind::object)) return {};
    for (auto member = begin(); member != end(); ++member)
        if (member.key() == key) return *member;
    return {};
}

JsonValue JsonValue::operator[](std::size_t element) const {
    if (!is(JsonKind::array) || element >= size()) return {};
    auto at = begin();
    while (element-- > 0) ++at;
    return *at;
}

std::string JsonValue::pointer() const {
    std::string out;
    if (document_ == nullptr) return out;
    JsonValue parent(document_, 0);
    while (parent.node_ != node_) {
        std::size_t element = 0;
        auto child = parent.begin();
        while (document_->nodes_[(*child).node_].end <= node_) {
            ++child;
            ++element;
        }
        append_pointer_token(
            out, parent.is(JsonKind::object) ? child.key() : fmt::format_int(element).c_str());
        parent = *child;
    }
    return out;
}

}  // namespace vigil
