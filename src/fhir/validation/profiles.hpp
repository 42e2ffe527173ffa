#pragma once
// The profiles this server knows, by their canonical URL: those of the base specification's vital
// signs, and of the implementation guides it was given.

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir/terminology/shelf.hpp"
#include "fhir/validation/package_value_sets.hpp"
#include "fhir/validation/profile.hpp"

namespace vigil::fhir {

class Profiles {
public:
    // `definitions` outlives it.
    explicit Profiles(const Definitions& definitions)
        : definitions_(definitions), shelf_(std::make_unique<terminology::Shelf>(definitions)) {}

    // The JSON of a StructureDefinition, ValueSet, CodeSystem or ConceptMap (others are passed
    // over); later ones of the same url replace earlier ones. `link` follows the last.
    Result<void> add(std::string resource);
    // Those of an implementation guide: package.hpp.
    Result<void> add_package(const std::filesystem::path& path);
    // The vital signs (http://hl7.org/fhir/R4/observation-vitalsigns.html), compiled in.
    void add_vital_signs();
    // Those of the Personal Health Device implementation guide, in a form of our own
    // (data/fhir/README.md), compiled in.
    void add_personal_health_devices();
    // Puts each on top of the one it is based on. What cannot be read is left out and named.
    std::vector<Error> link();

    const Profile* find(std::string_view canonical) const;  // with or without |version
    // The type a canonical is of: that of a profile, or a type of the base specification. Empty:
    // not known here.
    std::string_view type_of(std::string_view canonical) const;
    // Of the base specification or of a package.
    const ValueSet* value_set(std::string_view canonical) const;
    // What packages and the specification say of codes.
    terminology::Shelf& shelf() { return *shelf_; }
    std::size_t size() const { return profiles_.size(); }
    const Definitions& definitions() const { return definitions_; }

private:
    void add_lines(std::string_view ndjson);
    const Profile* link(const std::string& url, std::size_t depth, std::vector<Error>& errors);

    const Definitions& definitions_;
    std::unordered_map<std::string, std::shared_ptr<const ProfileSource>> sources_;
    std::unordered_map<std::string, std::unique_ptr<const Profile>> profiles_;
    std::unique_ptr<terminology::Shelf> shelf_;
    PackageValueSets value_sets_;
};

}  // namespace vigil::fhir
