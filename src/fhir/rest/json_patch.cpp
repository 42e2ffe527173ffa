#include "fhir/rest/json_patch.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fhir/resource/resource.hpp"
#include "fhir/rest/json_tree.hpp"

namespace vigil::fhir {
namespace {

constexpr std::size_t operations_max = 1000;
constexpr JsonLimits patch_limits{
    .bytes_max = std::size_t{4} << 20, .values_max = 200'000, .depth_max = 64};

tl::unexpected<Problem> wrong(std::string_view here, std::string_view what) {
    return refuse(422, "processing", fmt::format("{}: {}", here, what));
}

// "move" and "copy". `copied` counts values, so that copies of copies end.
Answer<void> take_over(JsonTree& root, JsonValue operation, const TreePath& path,
                       std::string_view here, std::size_t& copied) {
    const bool moves = operation["op"].string() == "move";
    const auto from = read_pointer(operation["from"].string());
    auto* source = from ? find(root, *from, from->size()) : nullptr;
    if (source == nullptr) return wrong(here, "there is nothing at its from");
    copied += value_count(*source);
    if (copied > patch_limits.values_max)
        return refuse(413, "too-long", fmt::format("{}: too much is copied", here));
    auto value = *source;
    const bool into_itself =
        moves && path.size() > from->size() && std::equal(from->begin(), from->end(), path.begin());
    if (into_itself) return wrong(here, "a value cannot be moved into itself");
    if (moves) remove(root, *from);
    if (!add(root, path, std::move(value))) return wrong(here, "there is no place at its path");
    return {};
}

Answer<void> apply(JsonTree& root, JsonValue operation, std::size_t number, std::size_t& copied) {
    const auto here = fmt::format("operation {} of the patch", number + 1);
    const auto op = operation["op"].string();
    const auto path = read_pointer(operation["path"].string());
    if (!operation["path"] || !path)
        return refuse(400, "structure", fmt::format("{}: path is no JSON Pointer", here));
    if (op == "remove") {
        if (!remove(root, *path)) return wrong(here, "there is nothing at its path to remove");
        return {};
    }
    if (op == "move" || op == "copy") return take_over(root, operation, *path, here, copied);
    if (!operation["value"])
        return refuse(400, "structure", fmt::format("{}: value is missing", here));
    JsonTree value(operation["value"]);
    if (op == "add") {
        if (!add(root, *path, std::move(value)))
            return wrong(here, "there is no place at its path");
        return {};
    }
    auto* target = find(root, *path, path->size());
    if (op == "replace") {
        if (target == nullptr) return wrong(here, "there is nothing at its path to replace");
        *target = std::move(value);
        return {};
    }
    if (op == "test") {
        if (target == nullptr || !target->same_as(value)) return wrong(here, "the test failed");
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
    return to_text(tree);
}

}  // namespace vigil::fhir
