#pragma once
// The audit for what passes its lines on.

#include <cstdint>
#include <functional>
#include <string_view>

#include "store/audit.hpp"

namespace vigil::store {

// What was done, without what was searched for: that may name others ("fhir.search Observation").
inline std::string_view without_query(std::string_view what) {
    return what.substr(0, what.find('?'));
}

class AuditPassage {
public:
    virtual ~AuditPassage() = default;
    // In the order of their numbers, those above `after`. In the place of one that cannot be read
    // any more stands one that says so. Only for an access that may administer.
    virtual Result<void> follow(
        const Access& access, std::uint64_t after,
        const std::function<bool(std::uint64_t number, const AuditLine&)>& visit) = 0;
};

}  // namespace vigil::store
