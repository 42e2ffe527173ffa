#include "fhir/rest/json_tree.hpp"

#include <algorithm>
#include <charconv>

namespace vigil::fhir {

JsonTree::JsonTree(JsonValue value) : kind(value.kind()) {
    switch (kind) {
        case JsonKind::object:
            members.reserve(value.size());
            for (auto member = value.begin(); member != value.end(); ++member)
                members.emplace_back(member.key(), JsonTree(*member));
            return;
        case JsonKind::array:
            elements.reserve(value.size());
            for (const auto element : value) elements.emplace_back(element);
            return;
        default:
            text = value.text();
    }
}

JsonTree* JsonTree::member(std::string_view name) {
    const auto found = std::ranges::find(members, name, &std::pair<std::string, JsonTree>::first);
    return found == members.end() ? nullptr : &found->second;
}

void JsonTree::write(JsonWriter& json) const {
    switch (kind) {
        case JsonKind::object:
            json.begin_object();
            for (const auto& [name, value] : members) {
                json.key(name);
                value.write(json);
            }
            json.end_object();
            return;
        case JsonKind::array:
            json.begin_array();
            for (const auto& element : elements) element.write(json);
            json.end_array();
            return;
        case JsonKind::string:
            json.text(text);
            return;
        case JsonKind::number:
        case JsonKind::boolean:
            json.verbatim(text);
            return;
        default:
            json.null();
    }
}

bool JsonTree::same_as(const JsonTree& other) const {
    if (kind != other.kind) return false;
    if (kind == JsonKind::array)
        return std::ranges::equal(elements, other.elements,
                                  [](const auto& a, const auto& b) { return a.same_as(b); });
    if (kind != JsonKind::object) return text == other.text;
    return members.size() == other.members.size() &&
           std::ranges::all_of(members, [&](const auto& one) {
               const auto found = std::ranges::find(other.members, one.first,
                                                    &std::pair<std::string, JsonTree>::first);
               return found != other.members.end() && one.second.same_as(found->second);
           });
}

std::optional<TreePath> read_pointer(std::string_view text) {
    TreePath path;
    if (text.empty()) return path;
    if (text.front() != '/') return std::nullopt;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '/') {
            path.emplace_back();
        } else if (text[at] == '~') {
            if (at + 1 == text.size() || (text[at + 1] != '0' && text[at + 1] != '1'))
                return std::nullopt;
            path.back() += text[++at] == '0' ? '~' : '/';
        } else {
            path.back() += text[at];
        }
    }
    return path;
}

std::optional<std::size_t> index_of(std::string_view text) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
    const bool leading_zero = text.size() > 1 && text.front() == '0';
    if (error != std::errc() || end != text.data() + text.size() || leading_zero)
        return std::nullopt;
    return index;
}

namespace {

JsonTree* child(JsonTree& parent, const std::string& name) {
    if (parent.kind == JsonKind::object) return parent.member(name);
    if (parent.kind != JsonKind::array) return nullptr;
    const auto index = index_of(name);
    return index && *index < parent.elements.size() ? &parent.elements[*index] : nullptr;
}

}  // namespace

JsonTree* find(JsonTree& root, const TreePath& path, std::size_t depth) {
    auto* at = &root;
    for (std::size_t i = 0; i < depth && at != nullptr; ++i) at = child(*at, path[i]);
    return at;
}

bool add(JsonTree& root, const TreePath& path, JsonTree value) {
    if (path.empty()) {
        root = std::move(value);
        return true;
    }
    auto* parent = find(root, path, path.size() - 1);
    if (parent == nullptr) return false;
    const auto& name = path.back();
    if (parent->kind == JsonKind::object) {
        if (auto* known = parent->member(name))
            *known = std::move(value);
        else
            parent->members.emplace_back(name, std::move(value));
        return true;
    }
    if (parent->kind != JsonKind::array) return false;
    const auto index = name == "-" ? std::optional(parent->elements.size()) : index_of(name);
    if (!index || *index > parent->elements.size()) return false;
    parent->elements.insert(parent->elements.begin() + static_cast<std::ptrdiff_t>(*index),
                            std::move(value));
    return true;
}

bool remove(JsonTree& root, const TreePath& path) {
    if (path.empty()) return false;
    auto* parent = find(root, path, path.size() - 1);
    if (parent == nullptr || child(*parent, path.back()) == nullptr) return false;
    if (parent->kind == JsonKind::object)
        std::erase_if(parent->members, [&](const auto& one) { return one.first == path.back(); });
    else
        parent->elements.erase(parent->elements.begin() +
                               static_cast<std::ptrdiff_t>(*index_of(path.back())));
    return true;
}

void drop_empty_arrays(JsonTree& tree) {
    for (auto& [name, value] : tree.members) drop_empty_arrays(value);
    for (auto& element : tree.elements) drop_empty_arrays(element);
    std::erase_if(tree.members, [](const auto& one) {
        return one.second.kind == JsonKind::array && one.second.elements.empty();
    });
}

std::size_t value_count(const JsonTree& tree) {
    std::size_t count = 1;
    for (const auto& [name, value] : tree.members) count += value_count(value);
    for (const auto& element : tree.elements) count += value_count(element);
    return count;
}

std::string to_text(const JsonTree& tree) {
    std::string text;
    JsonWriter json(text);
    tree.write(json);
    return text;
}

}  // namespace vigil::fhir
