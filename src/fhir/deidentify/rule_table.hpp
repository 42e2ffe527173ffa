#pragma once
// The rules of de-identification, as people read and change them: data/deidentify.tsv (its head
// says what each word means) and data/zip3.tsv. Default deny: what has no row is not released.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "fhir/definition/definitions.hpp"
#include "fhir/deidentify/method.hpp"

namespace vigil::fhir::deidentify {

enum class Action : std::uint8_t {
    drop,
    keep,
    mask,
    code,
    coding,
    system,
    unit,
    samples,
    region,
    reference,
    extension,
    pseudonym,
    label,
    relative,
    year,
    shift,
    birth,
    zip3,
    age
};

class RuleTable {
public:
    // Of the tables compiled in. They are ours: a damaged one is a bug, and a test looks.
    explicit RuleTable(Method method);
    // Of another text of that form. `malformed` names the row.
    static Result<RuleTable> read(std::string_view table, Method method);
    ~RuleTable();
    RuleTable(RuleTable&&) noexcept;
    RuleTable& operator=(RuleTable&&) noexcept;

    // Of "Patient", "Patient.birthDate", "date"; nothing: it has no row.
    std::optional<Action> of(std::string_view what) const;
    // All that has a row, but for the lists below.
    std::vector<std::string_view> names() const;

    // A site's own code system, whose codes tell nothing about a person.
    void allow_system(std::string system);
    // Listed, or one of HL7's that begins so: its name tells nothing then.
    bool knows_system(std::string_view system, const Definitions& definitions) const;
    // Whether the code may be one of the system: on its list where the definitions have it whole,
    // of its form where the table tells one.
    bool admits(std::string_view system, std::string_view code,
                const Definitions& definitions) const;

    // `url` of an extension, "parent#part" of one in another. Of one that is kept: the codes that
    // it may have as a valueCode; empty: none.
    struct KeptExtension {
        std::vector<std::string_view> codes;
    };
    const KeptExtension* extension(std::string_view url) const;

    // Whether a concept (CodeableConcept) is the age of a person, which is cut at 90.
    bool is_age(JsonValue concept_) const;
    bool is_annotation(std::string_view text) const;   // "score" of "{score}"
    bool is_signal_name(std::string_view text) const;  // "MLII"

private:
    struct Lists;
    RuleTable();
    std::unique_ptr<Lists> lists_;
};

}  // namespace vigil::fhir::deidentify
