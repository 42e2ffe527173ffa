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

// One pass over the text; each read_… stands before its part and leaves behind it, or sets
// `problem_` and returns false.
class JsonReader {
public:
    JsonReader(JsonDocument& document, std::string_view text, const JsonLimits& limits)
        : document_(document),
          nodes_(document.nodes_),
          start_(text.data()),
          at_(text.data()),
          end_(text.data() + text.size()),
          limits_(limits) {}

    bool read_document() {
        skip_space();
        if (!read_value(0)) return false;
        skip_space();
        return at_ == end_ || problem("more text follows the JSON value");
    }

    Error error() const {
        return {.kind = kind_,
                .message = fmt::format("not readable as JSON: {}", problem_),
                .place = fmt::format("byte {}", at_ - start_)};
    }

private:
    using Node = JsonDocument::Node;

    bool problem(std::string_view what, Error::Kind kind = Error::Kind::malformed) {
        problem_ = what;
        kind_ = kind;
        return false;
    }

    void skip_space() {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
    }

    bool begin(JsonKind kind) {
        if (nodes_.size() >= limits_.values_max)
            return problem("it has more values than are accepted", Error::Kind::too_large);
        auto& node = nodes_.emplace_back();
        node.kind = kind;
        node.text = at_;
        node.end = static_cast<std::uint32_t>(nodes_.size());
        return true;
    }

    bool read_value(std::uint16_t depth) {
        if (at_ == end_) return problem("it ends where a value should stand");
        switch (*at_) {
            case '{':
                return read_object(depth);
            case '[':
                return read_array(depth);
            case '"':
                return read_string();
            case 't':
                return read_literal("true", JsonKind::boolean);
            case 'f':
                return read_literal("false", JsonKind::boolean);
            case 'n':
                return read_literal("null", JsonKind::null);
            default:
                return read_number();
        }
    }

    bool enter(std::uint16_t depth, JsonKind kind) {
        if (depth >= limits_.depth_max)
            return problem("it is nested too deeply", Error::Kind::too_large);
        if (!begin(kind)) return false;
        ++at_;
        skip_space();
        return true;
    }

    void leave(std::size_t node, std::uint32_t count) {
        ++at_;
        nodes_[node].end = static_cast<std::uint32_t>(nodes_.size());
        nodes_[node].count = count;
    }

    // After a member or element: true if another follows, false at the closing bracket or a
    // problem.
    bool another(char closing) {
        skip_space();
        if (at_ != end_ && *at_ == ',') {
            ++at_;
            skip_space();
            return true;
        }
        if (at_ == end_)
            problem("it ends before its brackets are closed");
        else if (*at_ != closing)
            problem("a comma or a closing bracket should stand here");
        return false;
    }

    bool read_array(std::uint16_t depth) {
        const auto node = nodes_.size();
        if (!enter(depth, JsonKind::array)) return false;
        std::uint32_t count = 0;
        if (at_ == end_ || *at_ != ']') {
            do {
                if (!read_value(static_cast<std::uint16_t>(depth + 1))) return false;
                ++count;
            } while (another(']'));
            if (!problem_.empty()) return false;
        }
        leave(node, count);
        return true;
    }

    bool read_object(std::uint16_t depth) {
        const auto node = nodes_.size();
        if (!enter(depth, JsonKind::object)) return false;
        std::uint32_t count = 0;
        if (at_ == end_ || *at_ != '}') {
            do {
                if (!read_member(depth)) return false;
                ++count;
            } while (another('}'));
            if (!problem_.empty()) return false;
        }
        leave(node, count);
        if (count > 1 && has_duplicate_key(static_cast<std::uint32_t>(node)))
            return problem("an object has the same key twice");
        return true;
    }

    bool read_member(std::uint16_t depth) {
        if (at_ == end_ || *at_ != '"') return problem("a key in quotes should stand here");
        if (!read_string()) return false;
        skip_space();
        if (at_ == end_ || *at_ != ':') return problem("a colon should stand here");
        ++at_;
        skip_space();
        return read_value(static_cast<std::uint16_t>(depth + 1));
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
        std::ranges::sort(keys, {}, [&](std::uint32_t node) { return key(node); });
        return std::ranges::adjacent_find(
                   keys, {}, [&](std::uint32_t node) { return key(node); }) != keys.end();
    }

    bool read_literal(std::string_view word, JsonKind kind) {
        if (static_cast<std::size_t>(end_ - at_) < word.size() ||
            std::memcmp(at_, word.data(), word.size()) != 0)
            return problem("not a JSON value");
        if (!begin(kind)) return false;
        nodes_.back().length = static_cast<std::uint32_t>(word.size());
        at_ += word.size();
        return true;
    }

    bool skip_digits() {
        if (at_ == end_ || !is_digit(*at_)) return problem("a digit should stand here");
        while (at_ != end_ && is_digit(*at_)) ++at_;
        return true;
    }

    bool read_number() {
        const char* const first = at_;
        if (*at_ == '-') ++at_;
        if (at_ == end_ || !is_digit(*at_)) return problem("not a JSON value");
        if (*at_ == '0')
            ++at_;
        else if (!skip_digits())
            return false;
        if (at_ != end_ && *at_ == '.') {
            ++at_;
            if (!skip_digits()) return false;
        }
        if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
            ++at_;
            if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
            if (!skip_digits()) return false;
        }
        if (!begin(JsonKind::number)) return false;
        nodes_.back().text = first;
        nodes_.back().length = static_cast<std::uint32_t>(at_ - first);
        return true;
    }

    // Runs to the next byte that needs a decision.
    void skip_plain() {
        if constexpr (std::endian::native == std::endian::little)
            while (end_ - at_ >= 8) {
                std::uint64_t word = 0;
                std::memcpy(&word, at_, sizeof word);
                const auto plain = plain_bytes(word);
                at_ += plain;
                if (plain < 8) return;
            }
        while (at_ != end_ && *at_ != '"' && *at_ != '\\' &&
               static_cast<unsigned char>(*at_) >= 0x20 && static_cast<unsigned char>(*at_) < 0x80)
            ++at_;
    }

    bool read_string() {
        ++at_;
        if (!begin(JsonKind::string)) return false;
        const auto node = nodes_.size() - 1;
        const char* run = at_;  // text not yet copied, once there was an escape
        std::optional<std::size_t> copied_from;
        while (true) {
            skip_plain();
            if (at_ == end_) return problem("a string is not closed");
            if (*at_ == '"') break;
            if (*at_ == '\\') {
                if (!copied_from) copied_from = begin_unescaped();
                document_.unescaped_.append(run, at_);
                if (!read_escape()) return false;
                run = at_;
                continue;
            }
            const auto length = utf8_sequence_length({at_, static_cast<std::size_t>(end_ - at_)});
            if (static_cast<unsigned char>(*at_) < 0x20)
                return problem("a control character stands in a string");
            if (length == 0) return problem("a string is not UTF-8");
            at_ += length;
        }
        std::string_view text(run, static_cast<std::size_t>(at_ - run));
        if (copied_from) {
            document_.unescaped_.append(text);
            text = std::string_view(document_.unescaped_).substr(*copied_from);
        }
        nodes_[node].text = text.data();
        nodes_[node].length = static_cast<std::uint32_t>(text.size());
        ++at_;
        return true;
    }

    // Text without its escapes is never longer than with them: once this room is there, views
    // into it stay.
    std::size_t begin_unescaped() {
        if (document_.unescaped_.empty())
            document_.unescaped_.reserve(static_cast<std::size_t>(end_ - start_));
        return document_.unescaped_.size();
    }

    bool read_escape() {
        constexpr std::string_view letters = "\"\\/bfnrt";
        constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
        ++at_;
        if (at_ == end_) return problem("a string is not closed");
        if (*at_ == 'u') return read_unicode_escape();
        const auto letter = letters.find(*at_);
        if (letter == std::string_view::npos) return problem("an unknown escape in a string");
        document_.unescaped_ += meanings[letter];
        ++at_;
        return true;
    }

    bool read_unicode_escape() {
        std::uint32_t unit = 0;
        if (!read_utf16_unit(unit)) return false;
        if (unit >= 0xDC00 && unit < 0xE000) return problem("half a surrogate pair in a string");
        if (unit >= 0xD800 && unit < 0xDC00) {
            std::uint32_t low = 0;
            if (end_ - at_ < 2 || at_[0] != '\\' || at_[1] != 'u')
                return problem("half a surrogate pair in a string");
            ++at_;
            if (!read_utf16_unit(low)) return false;
            if (low < 0xDC00 || low >= 0xE000) return problem("half a surrogate pair in a string");
            unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        }
        append_utf8(document_.unescaped_, unit);
        return true;
    }

    // At the 'u' of \uXXXX.
    bool read_utf16_unit(std::uint32_t& unit) {
        ++at_;
        if (end_ - at_ < 4) return problem("a string is not closed");
        const auto [end, failure] = std::from_chars(at_, at_ + 4, unit, 16);
        if (failure != std::errc() || end != at_ + 4)
            return problem("an escape in a string has other than four hexadecimal digits");
        at_ += 4;
        return true;
    }

    JsonDocument& document_;
    std::vector<Node>& nodes_;
    const char* start_;
    const char* at_;
    const char* end_;
    const JsonLimits& limits_;
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
