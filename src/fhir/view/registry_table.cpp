#include "fhir/view/registry_table.hpp"

#include "fhir/resource/resource.hpp"

namespace vigil::fhir {

std::optional<RegistryView> registry_view(std::string_view type, std::string id,
                                          std::string_view text, Timestamp updated,
                                          const ExtractionContext& context) {
    JsonDocument document;
    const auto root = document.parse(text, resource_limits);
    if (!root) return std::nullopt;  // the registry's own words
    RegistryView view;
    auto body = stored_body(*root, id);
    view.record = {.type = std::string(type),
                   .id = std::move(id),
                   .version = 1,
                   .updated = updated,
                   .method = "POST",
                   .subject = {},
                   .body = std::move(body)};
    if (auto extracted = extract(*root, context)) view.rows = std::move(extracted->rows);
    return view;
}

RegistryTable::RegistryTable(std::vector<RegistryView> views) : views_(std::move(views)) {
    for (std::size_t i = 0; i < views_.size(); ++i) places_.emplace(views_[i].record.id, i);
}

const RegistryView* RegistryTable::find(std::string_view id) const {
    const auto found = places_.find(id);
    return found == places_.end() ? nullptr : &views_[found->second];
}

std::optional<std::span<const RegistryView>> RegistryTable::after(std::string_view id) const {
    const auto found = places_.find(id);
    if (found == places_.end()) return std::nullopt;
    return all().subspan(found->second + 1);
}

}  // namespace vigil::fhir
