// FHIRPath N1, 5.6: string manipulation. Positions and lengths count characters.

#include <algorithm>

#include "base/utf8.hpp"
#include "fhir/path/evaluator.hpp"
#include "fhir/path/text.hpp"
#include "fhir/path/text_encoding.hpp"

namespace vigil::fhir::path {
namespace {

tl::unexpected<Error> too_long(const Call& call) {
    return call.error("a text grew too long", Error::Kind::too_large);
}

Collection of_position(std::string_view text, std::size_t found) {
    if (found == std::string_view::npos) return of_integer(-1);
    return of_integer(static_cast<std::int64_t>(character_count(text.substr(0, found))));
}

Result<Collection> substring(const Call& call, std::string_view text) {
    VIGIL_TRY(start, call.integer_argument(0));
    if (!start || *start < 0) return Collection();
    const auto begin = byte_of_character(text, static_cast<std::size_t>(*start));
    if (begin >= text.size()) return Collection();
    text.remove_prefix(begin);
    if (call.argument_count() == 1) return of_text(std::string(text));
    VIGIL_TRY(length, call.integer_argument(1));
    if (!length) return of_text(std::string(text));
    const auto count = static_cast<std::size_t>(std::max<std::int64_t>(0, *length));
    return of_text(std::string(text.substr(0, byte_of_character(text, count))));
}

// "abc".replace("", "x") is "xaxbxcx" (5.6.8).
std::string with_around_each(std::string_view text, std::string_view substitution) {
    std::string out(substitution);
    while (!text.empty()) {
        const auto length = std::max<std::size_t>(1, utf8_sequence_length(text));
        out += text.substr(0, length);
        out += substitution;
        text.remove_prefix(length);
    }
    return out;
}

Result<Collection> replace(const Call& call, std::string_view text) {
    VIGIL_TRY(pattern, call.string_argument(0));
    VIGIL_TRY(substitution, call.string_argument(1));
    if (!pattern || !substitution) return Collection();
    if ((text.size() + 1) * (substitution->size() + 1) > Evaluator::text_bytes_max) {
        // Only then may it grow too long; it seldom does.
        if (pattern->empty()) return too_long(call);
    }
    if (pattern->empty()) return of_text(with_around_each(text, *substitution));
    std::string out;
    while (!text.empty()) {
        const auto found = text.find(*pattern);
        out += text.substr(0, found);
        if (found == std::string_view::npos) break;
        out += *substitution;
        if (out.size() > Evaluator::text_bytes_max) return too_long(call);
        text.remove_prefix(found + pattern->size());
    }
    return of_text(std::move(out));
}

// The pattern that was compiled with the expression or, where it is computed, now.
Result<std::optional<Pattern>> pattern_of(const Call& call) {
    if (call.node.pattern) return call.node.pattern;
    VIGIL_TRY(text, call.string_argument(0));
    if (!text) return std::optional<Pattern>();
    constexpr std::size_t compiling = 500;
    VIGIL_CHECK(call.evaluator.spend(call.node, compiling + text->size()));
    auto pattern = Pattern::compile(*text);
    if (!pattern) return call.error(pattern.error().message, pattern.error().kind);
    return std::optional(std::move(*pattern));
}

Result<Collection> matches(const Call& call, std::string_view text) {
    VIGIL_TRY(pattern, pattern_of(call));
    if (!pattern) return Collection();
    return of_truth(call.node.function == Function::matches ? pattern->found_in(text)
                                                            : pattern->matches_whole(text));
}

Result<Collection> replace_matches(const Call& call, std::string_view text) {
    VIGIL_TRY(pattern, pattern_of(call));
    VIGIL_TRY(substitution, call.string_argument(1));
    if (!pattern || !substitution) return Collection();
    auto replaced = pattern->replace_all(text, *substitution, Evaluator::text_bytes_max);
    if (!replaced) return too_long(call);
    return of_text(std::move(*replaced));
}

Result<Collection> to_chars(const Call& call, std::string_view text) {
    VIGIL_CHECK(call.evaluator.spend(call.node, text.size()));
    Collection out;
    while (!text.empty()) {
        const auto length = std::max<std::size_t>(1, utf8_sequence_length(text));
        out.emplace_back(SystemValue(std::string(text.substr(0, length))));
        text.remove_prefix(length);
    }
    return out;
}

Result<Collection> split(const Call& call, std::string_view text) {
    VIGIL_TRY(separator, call.string_argument(0));
    if (!separator) return Collection();
    if (separator->empty()) return to_chars(call, text);
    Collection out;
    for (;;) {
        const auto end = text.find(*separator);
        VIGIL_CHECK(call.evaluator.spend(call.node, 1));
        out.emplace_back(SystemValue(std::string(text.substr(0, end))));
        if (end == std::string_view::npos) return out;
        text.remove_prefix(end + separator->size());
    }
}

Result<Collection> join(const Call& call) {
    std::optional<std::string> separator;
    if (call.argument_count() == 1) {
        VIGIL_TRY(given, call.string_argument(0));
        separator = std::move(given);
    }
    std::string out;
    for (std::size_t i = 0; i < call.input.size(); ++i) {
        const auto value = value_of(call.input[i]);
        if (value.kind != Value::Kind::string) return call.error("is for Strings");
        if (i > 0 && separator) out += *separator;
        out += value.text;
        if (out.size() > Evaluator::text_bytes_max) return too_long(call);
    }
    if (call.input.empty()) return Collection();
    return of_text(std::move(out));
}

Result<Collection> coded(const Call& call, std::string_view text) {
    VIGIL_TRY(format, call.string_argument(0));
    if (!format) return Collection();
    auto result = call.node.function == Function::encode   ? encoded(text, *format)
                  : call.node.function == Function::decode ? decoded(text, *format)
                  : call.node.function == Function::escape ? escaped(text, *format)
                                                           : unescaped(text, *format);
    if (!result) return Collection();
    if (result->size() > Evaluator::text_bytes_max) return too_long(call);
    return of_text(std::move(*result));
}

// Those that look for their argument in the text.
Result<Collection> search(const Call& call, std::string_view text) {
    VIGIL_TRY(wanted, call.string_argument(0));
    if (!wanted) return Collection();
    switch (call.node.function) {
        case Function::index_of:
            return of_position(text, text.find(*wanted));
        case Function::last_index_of:
            return of_position(text, text.rfind(*wanted));
        case Function::starts_with:
            return of_truth(text.starts_with(*wanted));
        case Function::ends_with:
            return of_truth(text.ends_with(*wanted));
        default:
            return of_truth(text.find(*wanted) != std::string_view::npos);
    }
}

}  // namespace

Result<Collection> call_string(const Call& call) {
    if (call.node.function == Function::join) return join(call);
    VIGIL_TRY(item, call.single());
    if (item == nullptr) return Collection();
    const auto value = value_of(*item);
    if (value.kind == Value::Kind::none && item->is_element() && !item->json())
        return Collection();  // a primitive of extensions only
    if (value.kind != Value::Kind::string) return call.error("is for a String");
    const auto text = value.text;
    VIGIL_CHECK(call.evaluator.spend(call.node, text.size() / Budget::bytes_per_step));
    switch (call.node.function) {
        case Function::substring:
            return substring(call, text);
        case Function::upper:
            return of_text(to_upper(text));
        case Function::lower:
            return of_text(to_lower(text));
        case Function::replace:
            return replace(call, text);
        case Function::matches:
        case Function::matches_full:
            return matches(call, text);
        case Function::replace_matches:
            return replace_matches(call, text);
        case Function::length:
            return of_integer(static_cast<std::int64_t>(character_count(text)));
        case Function::to_chars:
            return to_chars(call, text);
        case Function::trim:
            return of_text(std::string(trimmed(text)));
        case Function::split:
            return split(call, text);
        case Function::encode:
        case Function::decode:
        case Function::escape:
        case Function::unescape:
            return coded(call, text);
        default:
            return search(call, text);
    }
}

}  // namespace vigil::fhir::path
