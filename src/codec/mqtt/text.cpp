#include "codec/mqtt/text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace vigil::mqtt {
namespace {

// Eight bytes at a time: are all of them ASCII and none of them zero?
bool is_plain_word(const char* bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    constexpr std::uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;
    return ((word | (word - ones)) & highs) == 0;
}

// Is one of eight bytes + (0x2B) or # (0x23)? They differ in one bit, which is put aside.
bool word_has_wildcard(const char* bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    constexpr std::uint64_t ones = 0x0101010101010101;
    const auto zero_where = (word & ~(ones * 0x08)) ^ (ones * 0x23);
    return ((zero_where - ones) & ~zero_where & (ones * 0x80)) != 0;
}

// The bytes of one sequence from `at` on, or 0 where it is ill-formed (Unicode 15, table 3-7).
std::size_t sequence_length(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) -> unsigned {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0;
    };
    const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
    const unsigned lead = byte(0);
    if (lead < 0x80) return lead == 0 ? 0 : 1;
    if (lead < 0xC2 || lead > 0xF4) return 0;
    if (lead < 0xE0) return continues(1) ? 2 : 0;
    if (lead < 0xF0) {
        const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;
        const unsigned high = lead == 0xED ? 0x9F : 0xBF;  // no surrogates
        return byte(1) >= low && byte(1) <= high && continues(2) ? 3 : 0;
    }
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;
    return byte(1) >= low && byte(1) <= high && continues(2) && continues(3) ? 4 : 0;
}

std::string_view take_level(std::string_view& rest) {
    const auto slash = rest.find('/');
    const auto level = rest.substr(0, slash);
    rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
    return level;
}

}  // namespace

bool is_valid_text(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        if (at + 8 <= text.size() && is_plain_word(text.data() + at)) {
            at += 8;
            continue;
        }
        // The rest is shorter than a word: look at the last eight bytes, some of them once more.
        if (text.size() >= 8 && at + 8 > text.size() &&
            is_plain_word(text.data() + text.size() - 8))
            return true;
        const auto length = sequence_length(text, at);
        if (length == 0) return false;
        at += length;
    }
    return true;
}

bool has_wildcard(std::string_view filter) {
    const auto* at = filter.data();
    const auto* const end = at + filter.size();
    if (filter.size() >= 8) {
        for (; end - at > 8; at += 8)
            if (word_has_wildcard(at)) return true;
        return word_has_wildcard(end - 8);
    }
    return std::any_of(at, end, [](char c) { return c == '+' || c == '#'; });
}

bool is_valid_topic_name(std::string_view topic) {
    return !topic.empty() && !has_wildcard(topic);
}

bool is_valid_topic_filter(std::string_view filter) {
    if (is_shared(filter)) {
        const auto shared = parse_shared(filter);
        return shared && is_valid_topic_filter(shared->filter);
    }
    if (filter.empty()) return false;
    for (std::size_t at = 0; at < filter.size(); ++at) {
        if (filter[at] != '+' && filter[at] != '#') continue;
        if (at > 0 && filter[at - 1] != '/') return false;
        if (at + 1 < filter.size() && (filter[at] == '#' || filter[at + 1] != '/')) return false;
    }
    return true;
}

std::size_t topic_levels(std::string_view topic_or_filter) {
    return 1 + static_cast<std::size_t>(std::ranges::count(topic_or_filter, '/'));
}

std::optional<SharedFilter> parse_shared(std::string_view filter) {
    if (!is_shared(filter)) return std::nullopt;
    auto rest = filter.substr(7);
    const auto slash = rest.find('/');
    if (slash == 0 || slash == std::string_view::npos || slash + 1 == rest.size())
        return std::nullopt;
    const auto name = rest.substr(0, slash);
    if (has_wildcard(name)) return std::nullopt;
    return SharedFilter{name, rest.substr(slash + 1)};
}

bool matches(std::string_view filter, std::string_view topic) {
    const bool protected_topic = topic.starts_with('$');
    if (protected_topic && (filter.starts_with('+') || filter.starts_with('#'))) return false;
    // A trailing slash opens one more, empty level: count levels, not bytes left.
    auto filter_levels = topic_levels(filter);
    auto levels = topic_levels(topic);
    while (filter_levels > 0) {
        const auto wanted = take_level(filter);
        --filter_levels;
        if (wanted == "#") return true;
        if (levels == 0) return false;
        const auto level = take_level(topic);
        --levels;
        if (wanted != "+" && wanted != level) return false;
        // "sport/#" also matches "sport" (4.7.1.2).
        if (levels == 0 && filter_levels == 1 && filter == "#") return true;
    }
    return levels == 0;
}

}  // namespace vigil::mqtt
