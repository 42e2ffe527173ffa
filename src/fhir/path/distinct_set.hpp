#pragma once
// Items, each once by = (FHIRPath N1, 6.1.1). Hashed, so that large collections cost no square.

#include <unordered_map>
#include <vector>

#include "fhir/path/evaluator.hpp"

namespace vigil::fhir::path {

class DistinctSet {
public:
    DistinctSet(Evaluator& evaluator, const Node& node) : evaluator_(evaluator), node_(node) {}

    // Whether it was new.
    Result<bool> add(const Item& item);
    Result<bool> contains(const Item& item);
    const Collection& items() const { return items_; }
    Collection take() { return std::move(items_); }

private:
    Evaluator& evaluator_;
    const Node& node_;
    Collection items_;
    std::unordered_multimap<std::size_t, std::size_t> by_hash_;  // used from a few items on
};

}  // namespace vigil::fhir::path
