#include "fhir/rest/json_patch.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <vector>

#include "fhir/resource/resource.hpp"
#include "fhir/rest/json_tree.hpp"

namespace vigil::fhir {
namespace {

constexpr std::size_t operations_max = 1000;
constexpr JsonLimits patch_limits{
    .bytes_max = std::size_t{4} << 20, .values_max = 200'000, .depth_max = 64};

using Path = std::vector<std::string>;

// RFC 6901: "/name/0/given" with ~1 for / and ~0 for ~.
std::optional<Path> read_pointer(std::string_view text) {
    Path path;
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

JsonTree* child(JsonTree& parent, const std::string& name) {
    if (parent.kind == JsonKind::object) return parent.member(name);
    if (parent.kind != JsonKind::array) return nullptr;
    const auto index = index_of(name);
    return index && *index < parent.elements.size() ? &parent.elements[*index] : nullptr;
}

JsonTree* find(JsonTree& root, const Path& path, std::size_t depth) {
    auto* at = &root;
    for (std::size_t i = 0; i < depth && at != nullptr; ++i) at = child(*at, path[i]);
    return at;
}

bool add(JsonTree& root, const Path& path, JsonTree value) {
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

bool remove(JsonTree& root, const Path& path) {
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

// FHIR has no empty arrays: what a patch leaves empty goes.
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

// `copied` counts values, so that copies of copies end.
Answer<void> apply(JsonTree& root, JsonValue operation, std::size_t number, std::size_t& copied) {
    const auto here = fmt::format("operation {} of the patch", number + 1);
    const auto wrong = [&](std::string_view what) {
        return refuse(422, "processing", fmt::format("{}: {}", here, what));
    };
    const auto op = operation["op"].string();
    const auto path = read_pointer(operation["path"].string());
    if (!operation["path"] || !path)
        return refuse(400, "structure", fmt::format("{}: path is no JSON Pointer", here));
    if (op == "remove") {
        if (!remove(root, *path)) return wrong("there is nothing at its path to remove");
        return {};
    }
    if (op == "move" || op == "copy") {
        const auto from = read_pointer(operation["from"].string());
        auto* source = from ? find(root, *from, from->size()) : nullptr;
        if (source == nullptr) return wrong("there is nothing at its from");
        copied += value_count(*source);
        if (copied > patch_limits.values_max)
            return refuse(413, "too-long", fmt::format("{}: too much is copied", here));
        auto value = *source;
        const bool into_itself = op == "move" && path->size() > from->size() &&
                                 std::equal(from->begin(), from->end(), path->begin());
        if (into_itself) return wrong("a value cannot be moved into itself");
        if (op == "move") remove(root, *from);
        if (!add(root, *path, std::move(value))) return wrong("there is no place at its path");
        return {};
    }
    if (!operation["value"])
        return refuse(400, "structure", fmt::format("{}: value is missing", here));
    JsonTree value(operation["value"]);
    if (op == "add") {
        if (!add(root, *path, std::move(value))) return wrong("there is no place at its path");
        return {};
    }
    auto* target = find(root, *path, path->size());
    if (op == "replace") {
        if (target == nullptr) return wrong("there is nothing at its path to replace");
        *target = std::move(value);
        return {};
    }
    if (op == "test") {
        if (target == nullptr || !target->same_as(value)) return wrong("the test failed");
        return {};
    }
    return refuse(400, "structure", fmt::format("{}: op is none of RFC 6902", here));
}

}  // namespace

Answer<std::string> json_patch(JsonValue resource, std::string_view patch) {
    JsonDocument document;
    FHIR_TRY(operations, document.parse(patch, patch_limits));
    if (!operations.is(JsonKind::array))
        return refuse(400, "structure", "a JSON Patch is an array of operations (RFC 6902)");
    if (operations.size() > operations_max)
        return refuse(413, "too-long", fmt::format("more than {} operations", operations_max));
    JsonTree tree(resource);
    std::size_t number = 0, copied = 0;
    for (const auto operation : operations) FHIR_CHECK(apply(tree, operation, number++, copied));
    drop_empty_arrays(tree);
    std::string text;
    JsonWriter json(text);
    tree.write(json);
    return text;
}

}  // namespace vigil::fhir
