#pragma once
// Whose data an account may touch now: its role's reach, its units, its care relations.

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "identity/registry.hpp"
#include "identity/rights.hpp"

namespace vigil::identity {

struct Reached {
    bool everyone = false;
    std::shared_ptr<const std::unordered_set<PatientId>> patients;  // else these; never null
    // By care relations: for whom they broke the glass, in whose care team they are, who they are.
    std::unordered_set<PatientId> by_emergency{}, care_team{}, self{};

    bool reaches(PatientId patient) const { return everyone || patients->contains(patient); }
};

// Worked out once for each account, until something changes. One owner, the loop's thread.
class Reaches {
public:
    explicit Reaches(const Registry& registry) : registry_(registry) {}

    std::shared_ptr<const Reached> of(const Principal& who, Timestamp now);

private:
    struct Known {
        std::uint64_t generation = 0;
        Role role = Role::service;
        Timestamp from, to;  // for as long as it holds
        std::shared_ptr<const Reached> reached;
    };
    Reached work_out(const Principal& who, Timestamp now) const;

    const Registry& registry_;
    std::unordered_map<AccountId, Known> known_;  // one an account
};

}  // namespace vigil::identity
