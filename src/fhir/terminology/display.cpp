#include "fhir/terminology/display.hpp"

#include <algorithm>

#include "fhir/search/folding.hpp"

namespace vigil::fhir::terminology {
namespace {

std::string_view first_subtag(std::string_view language) {
    return language.substr(0, language.find('-'));
}

bool is_word_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool begins_a_word(std::string_view text, std::string_view word) {
    for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1))
        if (at == 0 || !is_word_character(text[at - 1])) return true;
    return false;
}

}  // namespace

std::vector<JsonValue> designations(const Member& member) {
    std::vector<JsonValue> all;
    for (const auto one : member.listed["designation"]) all.push_back(one);
    if (member.of != nullptr)
        for (const auto one : member.of->json["designation"]) all.push_back(one);
    return all;
}

bool is_language(std::string_view wanted, std::string_view has) {
    return lower_case(first_subtag(wanted)) == lower_case(first_subtag(has));
}

std::string_view display_in(const Member& member, std::string_view language) {
    if (language.empty()) return member.display;
    std::string_view close;
    for (const auto one : designations(member)) {
        const auto of = one["language"].string();
        if (lower_case(of) == lower_case(language)) return one["value"].string();
        if (close.empty() && !of.empty() && is_language(language, of))
            close = one["value"].string();
    }
    const bool is_own = member.codes != nullptr && !member.codes->language.empty() &&
                        is_language(language, member.codes->language);
    return close.empty() || is_own ? member.display : close;
}

bool is_called(const Member& member, std::string_view display) {
    const auto wanted = folded(display);
    if (folded(member.display) == wanted) return true;
    if (member.of != nullptr && folded(member.of->display) == wanted) return true;
    const auto names = designations(member);
    return std::ranges::any_of(
        names, [&](JsonValue one) { return folded(one["value"].string()) == wanted; });
}

TextFilter::TextFilter(std::string_view text) {
    const auto plain = folded(text);
    for (std::string_view rest = plain; !rest.empty();) {
        const auto end = std::min(rest.find(' '), rest.size());
        if (end > 0) words_.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
}

bool TextFilter::all_in(std::string_view name) const {
    const auto text = folded(name);
    return std::ranges::all_of(words_,
                               [&](const std::string& word) { return begins_a_word(text, word); });
}

bool TextFilter::passes(const Member& member) const {
    if (words_.empty() || all_in(member.display)) return true;
    if (words_.size() == 1 && lower_case(member.code).starts_with(words_.front())) return true;
    const auto names = designations(member);
    return std::ranges::any_of(names,
                               [this](JsonValue one) { return all_in(one["value"].string()); });
}

}  // namespace vigil::fhir::terminology
