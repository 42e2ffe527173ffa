#include "fhir/terminology/shelf.hpp"

#include <algorithm>

namespace vigil::fhir::terminology {

bool maps_between(JsonValue map, const MapQuery& query) {
    for (const auto group : map["group"])
        if ((query.system.empty() || group["source"].string() == query.system) &&
            (query.target_system.empty() || group["target"].string() == query.target_system))
            return true;
    return query.system.empty() && query.target_system.empty();
}

Shelf::Shelf(const Definitions& definitions) : definitions_(definitions) {
    for (const auto& table : definitions.code_systems())
        if (!table.value_set.empty()) systems_of_value_sets_.emplace(table.value_set, table.url);
}

void Shelf::add(Kept resource) {
    const auto json = resource.json;
    const auto type = json["resourceType"].string(), version = json["version"].string();
    const std::string url(json["url"].string());
    auto* shelf = type == "CodeSystem"   ? &code_systems_
                  : type == "ValueSet"   ? &value_sets_
                  : type == "ConceptMap" ? &concept_maps_
                                         : nullptr;
    if (shelf == nullptr || url.empty()) return;
    auto& versions = (*shelf)[url];
    std::erase_if(versions,
                  [&](const Kept& one) { return one.json["version"].string() == version; });
    versions.push_back(std::move(resource));
    std::ranges::sort(versions, [](const Kept& a, const Kept& b) {
        return is_older_version(a.json["version"].string(), b.json["version"].string());
    });
    if (const auto all = json["valueSet"].string(); type == "CodeSystem" && !all.empty())
        systems_of_value_sets_.insert_or_assign(std::string(read_canonical(all).url), url);
}

const Kept* Shelf::pick(const ByUrl& from, std::string_view url, std::string_view version) {
    const auto found = from.find(std::string(url));
    if (found == from.end()) return nullptr;
    const auto& versions = found->second;
    if (version.empty()) return &versions.back();
    const auto one = std::ranges::find_if(
        versions, [&](const Kept& kept) { return kept.json["version"].string() == version; });
    return one == versions.end() ? nullptr : &*one;
}

// Made when it is first asked for.
std::shared_ptr<const CodeSystem> Shelf::built(const std::string& name, const Kept* resource,
                                               const CodeSystemTable* table) {
    const std::lock_guard lock(building_);
    auto& slot = built_[name];
    if (!slot)
        slot = resource != nullptr ? std::make_shared<const CodeSystem>(*resource)
                                   : std::make_shared<const CodeSystem>(*table);
    return slot;
}

Answer<std::shared_ptr<const CodeSystem>> Shelf::code_system(std::string_view url,
                                                             std::string_view version) {
    if (const auto* resource = pick(code_systems_, url, version))
        return built(std::string(url) + "|" + std::string(resource->json["version"].string()),
                     resource, nullptr);
    const auto* table = definitions_.code_system(url);
    if (table == nullptr || (!version.empty() && version != table->version))
        return std::shared_ptr<const CodeSystem>();
    return built(std::string(url), nullptr, table);
}

Answer<std::shared_ptr<const ValueSetSource>> Shelf::value_set(std::string_view url,
                                                               std::string_view version) {
    auto source = std::make_shared<ValueSetSource>();
    if (const auto* resource = pick(value_sets_, url, version)) {
        source->url = resource->json["url"].string();
        source->version = resource->json["version"].string();
        source->resource = *resource;
        return std::shared_ptr<const ValueSetSource>(std::move(source));
    }
    const auto* listed = definitions_.value_set(url);
    if (listed != nullptr && (version.empty() || version == listed->version)) {
        source->url = listed->url;
        source->version = listed->version;
        source->listed = listed;
        return std::shared_ptr<const ValueSetSource>(std::move(source));
    }
    const auto all = systems_of_value_sets_.find(std::string(url));
    if (all == systems_of_value_sets_.end()) return std::shared_ptr<const ValueSetSource>();
    FHIR_TRY(system, code_system(all->second, version));
    if (!system) return std::shared_ptr<const ValueSetSource>();
    source->url = all->first;
    source->version = system->version;
    source->whole = std::move(system);
    return std::shared_ptr<const ValueSetSource>(std::move(source));
}

Answer<std::vector<Kept>> Shelf::concept_maps(const MapQuery& query) {
    std::vector<Kept> found;
    if (!query.url.empty()) {
        if (const auto* one = pick(concept_maps_, query.url, query.version)) found.push_back(*one);
        return found;
    }
    std::vector<std::string> by_url = urls("ConceptMap");
    for (const auto& url : by_url)
        if (const auto* one = pick(concept_maps_, url, {}); maps_between(one->json, query))
            found.push_back(*one);
    return found;
}

std::vector<std::string> Shelf::urls(std::string_view type) const {
    const auto& shelf = type == "CodeSystem" ? code_systems_
                        : type == "ValueSet" ? value_sets_
                                             : concept_maps_;
    std::vector<std::string> out;
    for (const auto& [url, _] : shelf) out.push_back(url);
    std::ranges::sort(out);
    return out;
}

}  // namespace vigil::fhir::terminology
