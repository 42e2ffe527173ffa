#pragma once
// Terminology that does not change while the server runs: that of FHIR packages, and that of the
// specification, compiled in (data/fhir).

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir/terminology/library.hpp"

namespace vigil::fhir::terminology {

// `add` comes before anything is asked; from then on threads may share it.
class Shelf final : public Library {
public:
    // `definitions` outlives it.
    explicit Shelf(const Definitions& definitions);

    // A CodeSystem, ValueSet or ConceptMap with a url; a later one of the same url and version
    // replaces an earlier one. Others are passed over.
    void add(Kept resource);

    Answer<std::shared_ptr<const CodeSystem>> code_system(std::string_view url,
                                                          std::string_view version) override;
    Answer<std::shared_ptr<const ValueSetSource>> value_set(std::string_view url,
                                                            std::string_view version) override;
    Answer<std::vector<Kept>> concept_maps(const MapQuery& query) override;

    // Canonicals of all that packages brought, by the type of resource.
    std::vector<std::string> urls(std::string_view type) const;
    const Definitions& definitions() const { return definitions_; }

private:
    using Versions = std::vector<Kept>;  // of one url
    using ByUrl = std::unordered_map<std::string, Versions>;

    static const Kept* pick(const ByUrl& from, std::string_view url, std::string_view version);
    std::shared_ptr<const CodeSystem> built(const std::string& name, const Kept* resource,
                                            const CodeSystemTable* table);

    const Definitions& definitions_;
    ByUrl code_systems_, value_sets_, concept_maps_;
    // CodeSystem.valueSet: the system that it is all codes of.
    std::unordered_map<std::string, std::string> systems_of_value_sets_;
    std::mutex building_;
    std::unordered_map<std::string, std::shared_ptr<const CodeSystem>> built_;
};

// The JSON of a ConceptMap answers `query`, but for its url.
bool maps_between(JsonValue map, const MapQuery& query);

}  // namespace vigil::fhir::terminology
