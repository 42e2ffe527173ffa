#include "fhir/validation/package_value_sets.hpp"

#include <algorithm>
#include <tuple>

namespace vigil::fhir {
namespace {

constexpr std::size_t nesting_max = 10;     // value sets in value sets
constexpr std::size_t codes_max = 100'000;  // of one value set
constexpr std::size_t concept_depth_max = 50;

std::string_view without_version(std::string_view canonical) {
    return canonical.substr(0, canonical.find('|'));
}

template <class Codes>
void append_concepts(JsonValue concepts, std::string_view system, std::size_t depth, Codes& codes) {
    for (const auto concept_ : concepts) {
        if (codes.size() >= codes_max || depth > concept_depth_max) return;
        codes.insert({system, concept_["code"].string(), concept_["display"].string()});
        append_concepts(concept_["concept"], system, depth + 1, codes);
    }
}

}  // namespace

bool PackageValueSets::CodeOrder::operator()(const Coding& a, const Coding& b) const {
    return std::tie(a.code, a.system) < std::tie(b.code, b.system);
}

void PackageValueSets::add(std::shared_ptr<const ProfileSource> source) {
    const auto url = source->root["url"].string();
    auto& list = source->root["resourceType"].string() == "ValueSet" ? value_sets_ : code_systems_;
    list.erase(url);  // its key is text of the one replaced
    list.emplace(url, std::move(source));
}

void PackageValueSets::link(const Definitions& definitions) {
    expanded_.clear();
    for (const auto& [url, _] : value_sets_)
        if (const auto codes = expand(url, definitions, 0))
            expanded_.emplace(url, ValueSet{.url = url, .codes = {codes->begin(), codes->end()}});
}

const ValueSet* PackageValueSets::find(std::string_view url) const {
    const auto found = expanded_.find(without_version(url));
    return found == expanded_.end() ? nullptr : &found->second;
}

std::optional<PackageValueSets::Codes> PackageValueSets::expand(std::string_view url,
                                                                const Definitions& definitions,
                                                                std::size_t depth) const {
    if (depth > nesting_max) return std::nullopt;
    const auto own = value_sets_.find(url);
    if (own == value_sets_.end()) {
        const auto* known = definitions.value_set(url);
        if (known == nullptr) return std::nullopt;
        return Codes(known->codes.begin(), known->codes.end());
    }
    const auto compose = own->second->root["compose"];
    if (!compose) return std::nullopt;
    Codes codes;
    for (const auto include : compose["include"]) {
        const auto found = part(include, definitions, depth);
        if (!found || codes.size() + found->size() > codes_max) return std::nullopt;
        codes.insert(found->begin(), found->end());
    }
    for (const auto exclude : compose["exclude"]) {
        const auto found = part(exclude, definitions, depth);
        if (!found) return std::nullopt;
        for (const auto& coding : *found) codes.erase(coding);
    }
    return codes;
}

// What is in the system's part and in every value set named.
std::optional<PackageValueSets::Codes> PackageValueSets::part(JsonValue include,
                                                              const Definitions& definitions,
                                                              std::size_t depth) const {
    std::optional<Codes> codes;
    if (include["system"]) {
        codes = codes_of_system(include);
        if (!codes) return std::nullopt;
    }
    for (const auto url : include["valueSet"]) {
        auto other = expand(without_version(url.string()), definitions, depth + 1);
        if (!other) return std::nullopt;
        if (codes)
            std::erase_if(*codes, [&other](const Coding& c) { return !other->contains(c); });
        else
            codes = std::move(other);
    }
    return codes;
}

std::optional<PackageValueSets::Codes> PackageValueSets::codes_of_system(JsonValue include) const {
    Codes codes;
    const auto system = include["system"].string();
    if (include["concept"]) {
        append_concepts(include["concept"], system, 0, codes);
        return codes;
    }
    const auto known = code_systems_.find(system);
    if (known == code_systems_.end() || include["filter"]) return std::nullopt;
    if (known->second->root["content"].string() != "complete") return std::nullopt;
    append_concepts(known->second->root["concept"], system, 0, codes);
    if (codes.size() >= codes_max) return std::nullopt;
    return codes;
}

}  // namespace vigil::fhir
