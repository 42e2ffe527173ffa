#pragma once
// What an access does not see of the data of those whom it covers: what a patient has not consented
// to, and what a site shows to few. Knows neither: identity/ says what is withheld, the stores hold
// what they read against it.

#include <memory>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "store/span.hpp"

namespace vigil::store {

struct Condition;  // records.hpp

// Of one patient's data. From any thread.
class Withheld {
public:
    virtual ~Withheld() = default;
    // Nothing is seen, nor changed.
    virtual bool all() const = 0;
    // Resources of the type that meet it are withheld; null: none are.
    virtual std::shared_ptr<const Condition> of_type(std::string_view type) const = 0;
    // The parts of the span, in order, in which readings of the metric are seen.
    virtual std::vector<Span> seen(MetricId metric, Span span) const = 0;
    // Of no reading is anything withheld.
    virtual bool sees_readings() const = 0;
};

// Of everyone's. From any thread.
class Withholding {
public:
    virtual ~Withholding() = default;
    // Null: nothing is. Patient 0: of what is nobody's.
    virtual std::shared_ptr<const Withheld> from(PatientId patient) const = 0;
    // Of those for whom nothing else was said; null: nothing.
    virtual std::shared_ptr<const Withheld> from_others() const = 0;
    // Nothing else was said for anybody.
    virtual bool is_same_for_all() const = 0;
    // They withhold the same of everything.
    virtual bool same(const Withholding& other) const = 0;
};

}  // namespace vigil::store
