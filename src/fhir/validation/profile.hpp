#pragma once
// Profiles (FHIR R4 5.1, http://hl7.org/fhir/R4/profiling.html): a StructureDefinition with
// derivation `constraint`, as the tree of the rules it adds to a type of the base specification.
// The rules of the profile it is based on are in the tree too.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "fhir/path/expression.hpp"

namespace vigil::fhir {

// A resource of a package, kept with what was read of it. Does not move: views point into it.
struct ProfileSource {
    std::string text;
    JsonDocument document;
    JsonValue root;
};

// ElementDefinition.slicing.discriminator.
struct Discriminator {
    enum class Kind : std::uint8_t { value, exists, type, profile };  // pattern is value
    Kind kind = Kind::value;
    std::vector<std::string> steps;  // of its path; none: $this
};

struct ProfileType {
    std::string code;                   // "Quantity"
    std::vector<std::string> profiles;  // canonicals, one of which it conforms to
    std::vector<std::string> targets;   // of a Reference: canonicals of what it may lead to
};

struct ProfileConstraint {
    std::string key, human;
    bool is_error = true;
    path::Expression expression;
};

// What a profile says of an element, or of the slice of one.
struct ProfileElement {
    std::string name;  // "component", "value" of value[x], "valueQuantity"; of a slice its name
    std::string beside_name;  // "_component"
    std::optional<std::uint32_t> min, max;
    std::vector<ProfileType> types;  // empty: says nothing of them
    JsonValue fixed, pattern;        // absent: neither
    BindingStrength binding = BindingStrength::none;
    std::string value_set;  // canonical
    std::vector<ProfileConstraint> constraints;
    std::vector<ProfileElement> children;

    std::vector<Discriminator> discriminators;
    bool is_closed = false;  // slicing.rules: nothing but slices
    std::vector<ProfileElement> slices;

    const ProfileElement* child(std::string_view element_name) const;
};

struct Profile {
    std::string url, name;
    const Type* type = nullptr;
    const Profile* base = nullptr;
    ProfileElement root;
    // What `fixed` and `pattern` are views of.
    std::shared_ptr<const ProfileSource> source;
};

// Parses the text of a StructureDefinition, ValueSet or CodeSystem.
Result<std::shared_ptr<const ProfileSource>> read_profile_source(std::string text);
// `base`: the profile it derives from, null if that is a type of the base specification or not
// known; then the snapshot is read, if there is one.
Result<Profile> read_profile(std::shared_ptr<const ProfileSource> source, const Profile* base,
                             const Definitions& definitions);

}  // namespace vigil::fhir
