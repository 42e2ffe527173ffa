#include "identity/scopes.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace vigil::identity {
namespace {

constexpr std::string_view letters = "cruds";
constexpr std::array contexts{std::pair{std::string_view("patient"), Scope::Context::patient},
                              std::pair{std::string_view("user"), Scope::Context::user},
                              std::pair{std::string_view("system"), Scope::Context::system}};
constexpr std::size_t type_bytes_max = 64;

tl::unexpected<Error> wrong(const char* message) {
    return fail(Error::Kind::unsupported, message, "scopes");
}

// As SMART App Launch 1 said it ("permission-v1").
std::string_view in_letters(std::string_view words) {
    if (words == "read") return "rs";
    if (words == "write") return "cud";
    return words == "*" ? letters : words;
}

bool is_type_name(std::string_view text) {
    const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    return !text.empty() && text.size() <= type_bytes_max && text[0] >= 'A' && text[0] <= 'Z' &&
           std::ranges::all_of(text, is_letter);
}

}  // namespace

Result<Scope> read_scope(std::string_view text) {
    const auto slash = text.find('/');
    const auto named = std::ranges::find(contexts, text.substr(0, slash),
                                         &std::pair<std::string_view, Scope::Context>::first);
    if (slash == std::string_view::npos || named == contexts.end())
        return wrong("a scope begins with patient/, user/ or system/, or is vigil/administer");
    Scope scope{.context = named->second};
    auto rest = text.substr(slash + 1);
    if (const auto mark = rest.find('?'); mark != std::string_view::npos) {
        scope.query = rest.substr(mark + 1);
        rest = rest.substr(0, mark);
        if (scope.query.empty()) return wrong("a scope's search says what it searches for");
    }
    const auto dot = rest.find('.');
    const auto type = rest.substr(0, dot);
    if (dot == std::string_view::npos || (type != "*" && !is_type_name(type)))
        return wrong("a scope names a type of resource or *, and after a dot what may be done");
    if (type != "*") scope.type = type;
    if (scope.type.empty() && !scope.query.empty())
        return wrong("a scope that searches names a type of resource");
    auto order = letters;
    for (const char letter : in_letters(rest.substr(dot + 1))) {
        const auto at = order.find(letter);
        if (at == std::string_view::npos)
            return wrong("the letters of a scope are c r u d s, each once, in this order");
        scope.interactions |= static_cast<store::Interactions>(1U << letters.find(letter));
        order.remove_prefix(at + 1);
    }
    if (scope.interactions == store::no_interaction)
        return wrong("a scope says after the dot what may be done: any of c r u d s");
    return scope;
}

std::string to_string(const Scope& scope) {
    std::string text;
    for (const auto& [name, context] : contexts)
        if (context == scope.context) text = name;
    text += '/';
    text += scope.type.empty() ? "*" : scope.type;
    text += '.';
    for (std::size_t i = 0; i < letters.size(); ++i)
        if ((scope.interactions & (1U << i)) != 0) text += letters[i];
    if (!scope.query.empty()) text += '?' + scope.query;
    return text;
}

}  // namespace vigil::identity
