#pragma once
// Texts, topic names and topic filters (MQTT 5.0 1.5.4 and 4.7, MQTT 3.1.1 1.5.3 and 4.7).

#include <cstddef>
#include <optional>
#include <string_view>

namespace vigil::mqtt {

// Well-formed UTF-8 without U+0000 and surrogates. Control and non-characters are allowed.
bool is_valid_text(std::string_view text);

// At least one character and no wildcard. The caller has checked the text.
bool is_valid_topic_name(std::string_view topic);
// Wildcards stand alone in their level, # only in the last; a shared filter is checked whole.
bool is_valid_topic_filter(std::string_view filter);

std::size_t topic_levels(std::string_view topic_or_filter);
bool has_wildcard(std::string_view filter);

// $share/{ShareName}/{filter} (MQTT 5.0 4.8.2).
struct SharedFilter {
    std::string_view share_name, filter;
};
std::optional<SharedFilter> parse_shared(std::string_view filter);
constexpr bool is_shared(std::string_view filter) {
    return filter.starts_with("$share/");
}

// Does a topic name match a (not shared) filter? Both are valid.
bool matches(std::string_view filter, std::string_view topic);

}  // namespace vigil::mqtt
