#pragma once
// Which data a provision of a Consent is about: as conditions on what resources are found by, and
// as spans of readings.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fhir/consent/consent_reader.hpp"

namespace vigil::fhir {

class ConsentedData final : public identity::DataClass {
public:
    struct Code {
        std::string system, code;  // no system: any
    };
    struct Instance {
        enum class Meaning : std::uint8_t {
            instance,    // it alone
            dependents,  // and what refers to it
            authored_by  // what it wrote
        };
        Meaning meaning = Meaning::instance;
        std::string type, id;
    };
    // What stands in each list is one of several; what of several lists, all of them.
    struct Criteria {
        std::vector<identity::SecurityLabel> labels{};
        // What these hold, as a denial of them means it: more confidential, parts of a sensitivity.
        std::vector<identity::SecurityLabel> wider_labels{};
        std::vector<std::string> types{};      // resource types
        std::vector<Code> document_classes{};  // of DocumentReference and Composition
        std::vector<Code> codes{};
        std::optional<store::Span> period{};
        std::vector<Instance> instances{};
        bool any() const {
            return !labels.empty() || !types.empty() || !document_classes.empty() ||
                   !codes.empty() || period || !instances.empty();
        }
    };

    ConsentedData(Criteria criteria, const ConsentTerms& terms);

    store::Condition of_type(std::string_view type, Reading how) const override;
    std::vector<store::Span> of_readings(MetricId metric, store::Span span,
                                         Reading how) const override;

private:
    store::Condition of_labels(Reading how) const;
    store::Condition of_class(std::string_view type) const;
    store::Condition of_codes(std::string_view type, Reading how) const;
    store::Condition of_period(std::string_view type, Reading how) const;
    store::Condition of_instances(std::string_view type) const;
    std::vector<const IndexedParameter*> all_of(std::string_view type, SearchType kind,
                                                std::span<const std::string_view> names) const;

    Criteria criteria_;
    const SearchParameters& parameters_;
    std::set<MetricId> metrics_;  // that have one of the codes
    struct Viewed {
        std::vector<MetricId> metrics;
        store::Span span;
    };
    std::vector<Viewed> viewed_;  // readings whose views are among the instances
};

}  // namespace vigil::fhir
