#include "fhir/validation/narrative.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "fhir/validation/report.hpp"

namespace vigil::fhir {
namespace {

constexpr std::string_view xhtml_namespace = "http://www.w3.org/1999/xhtml";
constexpr std::size_t depth_max = 200;

// HTML 4.0 chapters 7 to 11 (without 9.4) and 15, <a>, images (txt-1). Both sorted.
constexpr auto elements = std::to_array<std::string_view>(
    {"a",      "abbr",    "acronym", "address", "area",  "b",     "bdo",      "big",   "blockquote",
     "br",     "caption", "center",  "cite",    "code",  "col",   "colgroup", "dd",    "del",
     "dfn",    "div",     "dl",      "dt",      "em",    "font",  "h1",       "h2",    "h3",
     "h4",     "h5",      "h6",      "hr",      "i",     "img",   "ins",      "kbd",   "li",
     "map",    "ol",      "p",       "pre",     "q",     "s",     "samp",     "small", "span",
     "strike", "strong",  "sub",     "sup",     "table", "tbody", "td",       "tfoot", "th",
     "thead",  "tr",      "tt",      "u",       "ul",    "var"});
constexpr auto attributes = std::to_array<std::string_view>(
    {"abbr",        "accesskey",   "align",   "alt",      "axis",    "bgcolor",  "border",
     "cellpadding", "cellspacing", "char",    "charoff",  "cite",    "class",    "clear",
     "color",       "cols",        "colspan", "compact",  "coords",  "datetime", "dir",
     "face",        "frame",       "headers", "height",   "href",    "hreflang", "hspace",
     "id",          "ismap",       "lang",    "longdesc", "name",    "noshade",  "nowrap",
     "rel",         "rev",         "rowspan", "rules",    "scope",   "shape",    "size",
     "span",        "src",         "start",   "style",    "summary", "tabindex", "title",
     "type",        "usemap",      "valign",  "value",    "vspace",  "width",    "xml:id",
     "xml:lang",    "xml:space",   "xmlns"});

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
bool is_name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' ||
           c == '-' || c == '_' || c == '.';
}

// What a browser would see of an address or a style: lower case, without the white space, control
// characters and escapes that hide a scheme.
std::string unmasked(std::string_view text) {
    std::string seen;
    for (const auto c : text)
        if (static_cast<unsigned char>(c) > ' ' && c != '\\')
            seen += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return seen;
}

// Reads the div from front to back. The first problem ends it.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    std::string problem() {
        skip_space();
        if (!rest_.starts_with("<div")) return "the narrative is a <div> element: put it in one";
        do {
            if (auto found = step(); !found.empty()) return found;
        } while (!open_.empty());
        skip_space();
        if (!rest_.empty()) return "the narrative goes on after its <div>: remove what follows";
        if (!has_content_)
            return "the narrative has nothing to read (txt-2): write it or leave it out";
        return {};
    }

private:
    std::string step() {
        if (rest_.empty()) return fmt::format("<{}> is not closed", open_.back());
        if (rest_.starts_with("<!--")) return comment();
        if (rest_.starts_with("</")) return end_tag();
        if (rest_.starts_with("<!") || rest_.starts_with("<?"))
            return "declarations and processing instructions are not allowed: remove them";
        if (rest_.starts_with('<')) return start_tag();
        return text();
    }

    std::string text() {
        const auto end = std::min(rest_.find('<'), rest_.size());
        const auto run = rest_.substr(0, end);
        rest_.remove_prefix(end);
        has_content_ = has_content_ || !std::ranges::all_of(run, is_space);
        return references_problem(run);
    }

    // Each & begins a character reference: &lt; &#160; &#xA0;
    static std::string references_problem(std::string_view run) {
        for (auto at = run.find('&'); at != std::string_view::npos; at = run.find('&', at + 1)) {
            constexpr std::size_t length_max = 10;
            const auto reference = run.substr(at + 1, length_max);
            const auto end = reference.find(';');
            const auto name = reference.substr(reference.starts_with('#') ? 1 : 0);
            if (end == std::string_view::npos || name.starts_with(';') ||
                !std::ranges::all_of(name.substr(0, name.find(';')), is_name_char))
                return "'&' begins no character reference: write it as &amp;";
        }
        return {};
    }

    std::string comment() {
        const auto end = rest_.find("-->", 4);
        if (end == std::string_view::npos) return "a comment is not closed";
        rest_.remove_prefix(end + 3);
        return {};
    }

    std::string end_tag() {
        rest_.remove_prefix(2);
        const auto name = take_name();
        skip_space();
        if (name != open_.back() || !take('>'))
            return fmt::format("<{}> is not closed where {} ends", open_.back(), in_quotes(name));
        open_.pop_back();
        return {};
    }

    std::string start_tag() {
        rest_.remove_prefix(1);
        const auto name = take_name();
        if (!std::ranges::binary_search(elements, name))
            return fmt::format("element {} is not allowed in a narrative (txt-1): remove it",
                               in_quotes(name));
        has_content_ = has_content_ || name == "img";
        if (open_.size() >= depth_max) return "its elements are nested too deeply";
        bool has_namespace = false;
        while (true) {
            const bool spaced = skip_space();
            if (take('>')) {
                open_.push_back(name);
                break;
            }
            if (rest_.starts_with("/>")) {
                rest_.remove_prefix(2);
                break;
            }
            if (!spaced) return fmt::format("the tag {} is not well formed", in_quotes(name));
            if (auto found = attribute(has_namespace); !found.empty()) return found;
        }
        if (open_.size() <= 1 && !started_ && !has_namespace)
            return fmt::format("the <div> needs xmlns=\"{}\"", xhtml_namespace);
        started_ = true;
        return {};
    }

    std::string attribute(bool& has_namespace) {
        const auto name = take_name();
        skip_space();
        if (name.empty() || !take('=')) return "an attribute is not well formed";
        skip_space();
        const auto quote = rest_.empty() ? '\0' : rest_.front();
        if (quote != '"' && quote != '\'')
            return fmt::format("the value of attribute {} needs quotes", in_quotes(name));
        const auto end = rest_.find(quote, 1);
        if (end == std::string_view::npos)
            return fmt::format("the value of attribute {} does not end", in_quotes(name));
        const auto value = rest_.substr(1, end - 1);
        rest_.remove_prefix(end + 1);
        if (value.find('<') != std::string_view::npos)
            return fmt::format("the value of attribute {} has a '<': write it as &lt;",
                               in_quotes(name));
        if (auto found = references_problem(value); !found.empty()) return found;
        return meaning_problem(name, value, has_namespace);
    }

    static std::string meaning_problem(std::string_view name, std::string_view value,
                                       bool& has_namespace) {
        if (!std::ranges::binary_search(attributes, name))
            return fmt::format("attribute {} is not allowed in a narrative (txt-1): remove it",
                               in_quotes(name));
        if (name == "xmlns") {
            has_namespace = true;
            if (value != xhtml_namespace) return "only the namespace of XHTML is allowed";
        }
        const bool is_address = name == "href" || name == "src" || name == "cite" ||
                                name == "longdesc" || name == "usemap";
        if (is_address && acts(value, name))
            return fmt::format("the address in {} would run as a program: remove it",
                               in_quotes(name));
        if (name == "style" && style_acts(value))
            return "a style may load or run nothing: remove url(), @import, expression() and the "
                   "like";
        return {};
    }

    // A scheme that a browser runs; character references could hide one.
    static bool acts(std::string_view value, std::string_view attribute) {
        const auto seen = unmasked(value);
        if (seen.starts_with("data:"))
            return attribute != "src" || !std::string_view(seen).starts_with("data:image/") ||
                   std::string_view(seen).starts_with("data:image/svg");
        if (seen.starts_with("javascript:") || seen.starts_with("vbscript:")) return true;
        const auto before_scheme = std::string_view(seen).substr(0, seen.find_first_of("/?#"));
        return before_scheme.find('&') != std::string_view::npos || seen.starts_with("&#");
    }

    static bool style_acts(std::string_view value) {
        const auto seen = unmasked(value);
        constexpr std::array acting{"url(",      "expression(",  "@import", "javascript:",
                                    "behavior:", "-moz-binding", "/*",      "&#"};
        return std::ranges::any_of(
            acting, [&seen](const char* word) { return seen.find(word) != std::string::npos; });
    }

    std::string_view take_name() {
        const auto end =
            static_cast<std::size_t>(std::ranges::find_if_not(rest_, is_name_char) - rest_.begin());
        const auto name = rest_.substr(0, end);
        rest_.remove_prefix(end);
        return name;
    }
    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool skip_space() {
        const auto count =
            static_cast<std::size_t>(std::ranges::find_if_not(rest_, is_space) - rest_.begin());
        rest_.remove_prefix(count);
        return count > 0;
    }

    std::string_view rest_;
    std::vector<std::string_view> open_;
    bool started_ = false, has_content_ = false;
};

}  // namespace

std::string narrative_problem(std::string_view xhtml) {
    return Reader(xhtml).problem();
}

}  // namespace vigil::fhir
