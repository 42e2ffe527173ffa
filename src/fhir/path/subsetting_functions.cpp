// FHIRPath N1, 5.3: subsetting; 5.4: combining.

#include <algorithm>

#include "fhir/path/distinct_set.hpp"
#include "fhir/path/evaluator.hpp"

namespace vigil::fhir::path {
namespace {

Collection from_to(const Collection& items, std::int64_t first, std::int64_t count) {
    const auto size = static_cast<std::int64_t>(items.size());
    first = std::clamp<std::int64_t>(first, 0, size);
    count = std::clamp<std::int64_t>(count, 0, size - first);
    return {items.begin() + first, items.begin() + first + count};
}

Result<Collection> skip_or_take(const Call& call) {
    VIGIL_TRY(number, call.integer_argument(0));
    if (!number) return Collection();
    const auto size = static_cast<std::int64_t>(call.input.size());
    if (call.node.function == Function::skip) return from_to(call.input, *number, size);
    return from_to(call.input, 0, *number);
}

Result<Collection> intersect(const Call& call) {
    VIGIL_TRY(other, call.argument(0));
    DistinctSet theirs(call.evaluator, call.node);
    for (const auto& item : other) VIGIL_CHECK(theirs.add(item));
    DistinctSet both(call.evaluator, call.node);
    for (const auto& item : call.input) {
        VIGIL_TRY(shared, theirs.contains(item));
        if (shared) VIGIL_CHECK(both.add(item));
    }
    return both.take();
}

Result<Collection> exclude(const Call& call) {
    VIGIL_TRY(other, call.argument(0));
    DistinctSet theirs(call.evaluator, call.node);
    for (const auto& item : other) VIGIL_CHECK(theirs.add(item));
    Collection out;
    for (const auto& item : call.input) {
        VIGIL_TRY(shared, theirs.contains(item));
        if (!shared) out.push_back(item);
    }
    return out;
}

Result<Collection> combine(const Call& call) {
    VIGIL_TRY(other, call.argument(0));
    VIGIL_CHECK(call.evaluator.spend(call.node, call.input.size() + other.size()));
    Collection out = call.input;
    std::ranges::move(other, std::back_inserter(out));
    return out;
}

}  // namespace

Result<Collection> call_subsetting(const Call& call) {
    const auto size = static_cast<std::int64_t>(call.input.size());
    switch (call.node.function) {
        case Function::single: {
            VIGIL_CHECK(call.single());
            return call.input;
        }
        case Function::first:
            return from_to(call.input, 0, 1);
        case Function::last:
            return from_to(call.input, size - 1, 1);
        case Function::tail:
            return from_to(call.input, 1, size);
        case Function::skip:
        case Function::take:
            return skip_or_take(call);
        case Function::intersect:
            return intersect(call);
        case Function::exclude:
            return exclude(call);
        case Function::union_: {
            VIGIL_TRY(both, combine(call));
            return distinct(call.evaluator, call.node, std::move(both));
        }
        default:
            return combine(call);
    }
}

}  // namespace vigil::fhir::path
