#include "fhir/terminology/code_system.hpp"

#include <algorithm>
#include <array>

namespace vigil::fhir::terminology {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string_view take_number(std::string_view& text) {
    std::size_t length = 0;
    while (length < text.size() && is_digit(text[length])) ++length;
    auto digits = text.substr(0, length);
    text.remove_prefix(length);
    while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
    return digits;
}

CodeSystem::Content content_of(std::string_view code) {
    using Content = CodeSystem::Content;
    if (code == "complete") return Content::complete;
    if (code == "fragment") return Content::fragment;
    if (code == "example") return Content::example;
    if (code == "supplement") return Content::supplement;
    return Content::not_present;
}

// "a b c" word by word.
template <class Visit>
void each_word(std::string_view text, const Visit& visit) {
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        visit(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

}  // namespace

Canonical read_canonical(std::string_view text) {
    const auto bar = text.find('|');
    if (bar == std::string_view::npos) return {text, {}};
    return {text.substr(0, bar), text.substr(bar + 1)};
}

std::string lower_case(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

bool is_older_version(std::string_view a, std::string_view b) {
    while (!a.empty() && !b.empty()) {
        if (is_digit(a.front()) && is_digit(b.front())) {
            const auto left = take_number(a), right = take_number(b);
            if (left.size() != right.size()) return left.size() < right.size();
            if (left != right) return left < right;
        } else {
            if (a.front() != b.front()) return a.front() < b.front();
            a.remove_prefix(1);
            b.remove_prefix(1);
        }
    }
    return a.empty() && !b.empty();
}

CodeSystem::CodeSystem(Kept resource) : resource_(std::move(resource)) {
    const auto json = resource_.json;
    url = json["url"].string();
    version = json["version"].string();
    name = json["name"].string();
    title = json["title"].string();
    language = json["language"].string();
    value_set = json["valueSet"].string();
    hierarchy_meaning = json["hierarchyMeaning"].string();
    content = content_of(json["content"].string());
    is_case_sensitive = json["caseSensitive"].is_true();
    add_concepts(json["concept"], Concept::none);
    index();
    for (std::uint32_t i = 0; i < concepts_.size(); ++i) read_properties(i);
}

CodeSystem::CodeSystem(const CodeSystemTable& table)
    : url(table.url),
      version(table.version),
      name(table.name),
      value_set(table.value_set),
      hierarchy_meaning(table.hierarchy_meaning),
      is_case_sensitive(table.is_case_sensitive) {
    concepts_.reserve(table.codes.size());
    for (const auto& row : table.codes) {
        auto& added = concepts_.emplace_back();
        added.code = row.code;
        added.display = row.display;
        each_word(row.marks, [&added](std::string_view mark) {
            if (mark == "notSelectable")
                added.is_abstract = true;
            else
                added.status = mark;
        });
        added.is_inactive = added.status == "retired";
    }
    index();
    for (std::uint32_t i = 0; i < concepts_.size(); ++i)
        each_word(table.codes[i].parents, [&](std::string_view parent) {
            const auto found = by_code_.find(parent);
            if (found == by_code_.end()) return;
            if (concepts_[i].outer == Concept::none && found->second < i)
                concepts_[i].outer = found->second;
            link(found->second, i);
        });
}

// As deep as JSON may be nested.
void CodeSystem::add_concepts(JsonValue concepts, std::uint32_t outer) {
    for (const auto json : concepts) {
        const auto number = static_cast<std::uint32_t>(concepts_.size());
        auto& added = concepts_.emplace_back();
        added.code = json["code"].string();
        added.display = json["display"].string();
        added.json = json;
        added.outer = outer;
        add_concepts(json["concept"], number);
    }
}

void CodeSystem::read_properties(std::uint32_t number) {
    const auto json = concepts_[number].json;
    if (concepts_[number].outer != Concept::none) link(concepts_[number].outer, number);
    for (const auto property : json["property"]) {
        const auto code = property["code"].string();
        auto& of = concepts_[number];
        if (code == "inactive")
            of.is_inactive = of.is_inactive || property["valueBoolean"].is_true();
        if (code == "notSelectable" || code == "abstract")
            of.is_abstract = of.is_abstract || property["valueBoolean"].is_true();
        if (code == "status") {
            of.status = property["valueCode"].string();
            of.is_inactive = of.is_inactive || of.status == "retired" || of.status == "inactive";
        }
        const bool is_parent = code == "parent" || code == "subsumedBy";
        if (!is_parent && code != "child") continue;
        const auto other = by_code_.find(property["valueCode"].string());
        if (other == by_code_.end() || other->second == number) continue;
        if (is_parent)
            link(other->second, number);
        else
            link(number, other->second);
    }
}

void CodeSystem::link(std::uint32_t parent, std::uint32_t child) {
    auto& parents = concepts_[child].parents;
    if (std::ranges::find(parents, parent) != parents.end()) return;
    parents.push_back(parent);
    concepts_[parent].children.push_back(child);
}

void CodeSystem::index() {
    by_code_.reserve(concepts_.size());
    for (std::uint32_t i = 0; i < concepts_.size(); ++i) {
        by_code_.emplace(concepts_[i].code, i);
        if (!is_case_sensitive) by_lower_case_.emplace(lower_case(concepts_[i].code), i);
    }
}

const Concept* CodeSystem::find(std::string_view code) const {
    if (const auto found = by_code_.find(code); found != by_code_.end())
        return &concepts_[found->second];
    if (is_case_sensitive) return nullptr;
    const auto found = by_lower_case_.find(lower_case(code));
    return found == by_lower_case_.end() ? nullptr : &concepts_[found->second];
}

// Each is visited once, whatever circles the links make.
std::vector<bool> CodeSystem::reached(const Concept& from,
                                      std::vector<std::uint32_t> Concept::* links) const {
    std::vector<bool> seen(concepts_.size());
    std::vector<std::uint32_t> open{number(from)};
    seen[open.front()] = true;
    while (!open.empty()) {
        const auto at = open.back();
        open.pop_back();
        for (const auto next : concepts_[at].*links) {
            if (seen[next]) continue;
            seen[next] = true;
            open.push_back(next);
        }
    }
    return seen;
}

std::vector<bool> CodeSystem::at_or_below(const Concept& from) const {
    return reached(from, &Concept::children);
}

std::vector<bool> CodeSystem::at_or_above(const Concept& from) const {
    return reached(from, &Concept::parents);
}

bool CodeSystem::has_property(std::string_view property) const {
    constexpr std::array of_all = {"code",  "concept", "display",  "definition",   "parent",
                                   "child", "status",  "inactive", "notSelectable"};
    if (std::ranges::find(of_all, property) != of_all.end()) return true;
    for (const auto declared : resource_.json["property"])
        if (declared["code"].string() == property) return true;
    return false;
}

}  // namespace vigil::fhir::terminology
