#include "fhir/search/request.hpp"

namespace vigil::fhir {

std::vector<std::string_view> split_escaped(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    std::size_t start = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\\') {
            ++at;
        } else if (text[at] == separator) {
            parts.push_back(text.substr(start, at - start));
            start = at + 1;
        }
    }
    parts.push_back(text.substr(start));
    return parts;
}

std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool escape = text[at] == '\\' && at + 1 < text.size() &&
                            std::string_view("\\,|$").find(text[at + 1]) != std::string_view::npos;
        if (escape) ++at;
        out += text[at];
    }
    return out;
}

}  // namespace vigil::fhir
