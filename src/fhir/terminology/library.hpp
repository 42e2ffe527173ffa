#pragma once
// Where code systems, value sets and concept maps come from: the one seam between what is computed
// here and where resources are kept.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/resource/outcome.hpp"
#include "fhir/terminology/code_system.hpp"

namespace vigil::fhir::terminology {

// A value set as it is defined: by one of these.
struct ValueSetSource {
    std::string_view url, version;
    Kept resource;                            // a ValueSet
    const ValueSet* listed = nullptr;         // of the specification's tables: its codes
    std::shared_ptr<const CodeSystem> whole;  // all codes of this (CodeSystem.valueSet)
};

struct MapQuery {  // what is empty is not asked for
    std::string_view url, version;
    std::string_view system, target_system;  // of a group
};

class Library {
public:
    virtual ~Library() = default;
    // The one of that version; without a version the newest. Null: not at hand.
    virtual Answer<std::shared_ptr<const CodeSystem>> code_system(std::string_view url,
                                                                  std::string_view version) = 0;
    virtual Answer<std::shared_ptr<const ValueSetSource>> value_set(std::string_view url,
                                                                    std::string_view version) = 0;
    // ConceptMaps; of one url without a version the newest alone.
    virtual Answer<std::vector<Kept>> concept_maps(const MapQuery& query) = 0;
};

// What one request may cost, in codes looked at.
class Budget {
public:
    static constexpr std::size_t steps_default = 10'000'000;
    explicit Budget(std::size_t steps = steps_default) : left_(steps) {}
    Answer<void> spend(std::size_t steps) {
        if (steps > left_)
            return refuse(422, "too-costly",
                          "the value set takes too much work: divide it, or ask for a part of it");
        left_ -= steps;
        return {};
    }

private:
    std::size_t left_;
};

}  // namespace vigil::fhir::terminology
