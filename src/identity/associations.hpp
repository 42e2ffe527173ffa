#pragma once
// On whom one device was, when: what all acts about it amount to.

#include <cstddef>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "identity/act.hpp"
#include "identity/people.hpp"
#include "store/series.hpp"

namespace vigil::identity {

// An act, or what later acts have left of it.
struct Association {
    PatientId patient;
    Timestamp from, to;
    AssociationRank rank = AssociationRank::manual;
    Timestamp recorded;
    std::string by;
    bool operator==(const Association&) const = default;
};

// An act beats what was recorded before it with its own or a lower rank, for ever: only a
// correction takes a higher one back, and then all of it. So whatever loses need not be kept, and
// what stands never overlaps.
class DeviceAssociations {
public:
    // 0: on nobody then.
    PatientId patient_at(Timestamp time) const {
        // Readings are nearly always newer than the last change.
        if (!standing_.empty() && standing_.back().from <= time)
            return time < standing_.back().to ? standing_.back().patient : PatientId{};
        return patient_before_last(time);
    }

    // What the act changes: the device's readings in these spans go from one patient to another.
    std::vector<store::Refile> apply(const DeviceAssociated& act, Timestamp recorded,
                                     const std::string& by);

    // In order of time, gaps left out.
    const std::vector<Association>& standing() const { return standing_; }

private:
    PatientId patient_before_last(Timestamp time) const;

    std::vector<Association> standing_;
};

}  // namespace vigil::identity
