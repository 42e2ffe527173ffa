#include <algorithm>

#include "fhir/path/syntax.hpp"

namespace vigil::fhir::path {
namespace {

using Names = std::optional<std::vector<std::string_view>>;

Names leading(const Node& node);

// Of a function that makes something of something only: its input's.
Names of_source(const Node& node) {
    if (node.parts.empty() || node.parts[0] == nullptr) return std::nullopt;
    return leading(*node.parts[0]);
}

bool is_the_context(const Node& node) {
    return node.kind == NodeKind::type_filter || node.kind == NodeKind::this_item;
}

Names of_member(const Node& node) {
    const bool is_first =
        node.parts.empty() || node.parts[0] == nullptr || is_the_context(*node.parts[0]);
    return is_first ? Names({std::string_view(node.name)}) : leading(*node.parts[0]);
}

Names of_join(const Node& node) {
    std::vector<std::string_view> all;
    for (const auto& part : node.parts) {
        const auto names = leading(*part);
        if (!names) return std::nullopt;
        all.insert(all.end(), names->begin(), names->end());
    }
    return all;
}

Names leading(const Node& node) {
    switch (node.kind) {
        case NodeKind::empty:
            return Names(std::in_place);
        case NodeKind::member:
            return of_member(node);
        case NodeKind::indexer:
        case NodeKind::as:
            return of_source(node);
        case NodeKind::call: {
            // Filtering, projection and subsetting (N1, 5.2, 5.3) find nothing in nothing.
            const bool keeps_nothing =
                node.function >= Function::where && node.function <= Function::exclude;
            return keeps_nothing ? of_source(node) : std::nullopt;
        }
        case NodeKind::join:
            return of_join(node);
        default:
            return std::nullopt;
    }
}

}  // namespace

std::optional<std::vector<std::string_view>> Expression::leading_elements() const {
    return leading(*root_);
}

}  // namespace vigil::fhir::path
