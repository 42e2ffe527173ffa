#pragma once
// Which subscriptions a resource may be for, found by what it is found by: each subscription stands
// under one value that its criteria ask for (a patient, a code), so that a write looks at those few
// and not at all there are. What is found is looked at again: a key may stand for several values.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.hpp"
#include "store/records.hpp"

namespace vigil::fhir {

using SubscriptionNumber = std::uint32_t;
using InterestKey = std::uint64_t;

// Of one index row there are at most two: a reference with its type and without.
void append_keys(const store::IndexRow& row, std::vector<InterestKey>& out);
InterestKey key_of_id(std::string_view id);

class Interests {
public:
    // In a type's resources of which `where` holds. A number that is there is replaced.
    void set(SubscriptionNumber number, std::string_view type, const store::Condition& where);
    void remove(SubscriptionNumber number);

    bool any(std::string_view type) const { return find(type) != nullptr; }
    // In order, each once.
    std::vector<SubscriptionNumber> candidates(std::string_view type,
                                               const std::vector<InterestKey>& keys) const;
    // Of a resource of which only the rows of some parameters are known yet.
    std::vector<SubscriptionNumber> candidates(std::string_view type,
                                               const std::vector<InterestKey>& keys,
                                               std::span<const std::string_view> known) const;

private:
    struct OfType {
        std::unordered_multimap<InterestKey, SubscriptionNumber> by_key;
        std::vector<SubscriptionNumber> always;  // whose criteria ask for no value
        // By the parameter whose value they stand under; empty: of several.
        std::map<std::string, std::vector<SubscriptionNumber>, std::less<>> by_parameter;
    };
    struct Place {
        std::string type;
        std::vector<InterestKey> keys;  // none: among `always`
        std::string parameter;
    };
    const OfType* find(std::string_view type) const;
    static std::vector<SubscriptionNumber> found_by(const OfType* of_type,
                                                    const std::vector<InterestKey>& keys,
                                                    std::vector<SubscriptionNumber> found);

    std::unordered_map<std::string, OfType, TextHash, std::equal_to<>> types_;
    std::unordered_map<SubscriptionNumber, Place> places_;
};

}  // namespace vigil::fhir
