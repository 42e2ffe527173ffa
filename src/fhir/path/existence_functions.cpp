// FHIRPath N1, 5.1: existence; 5.2: filtering and projection.

#include <algorithm>

#include "fhir/path/distinct_set.hpp"
#include "fhir/path/evaluator.hpp"

namespace vigil::fhir::path {
namespace {

// allTrue() and its like: are all, or is any, of the Booleans as wanted?
Result<Collection> booleans(const Call& call, bool wanted, bool all) {
    for (const auto& item : call.input) {
        const auto value = value_of(item);
        if (value.kind != Value::Kind::boolean) return call.error("is for Booleans");
        if ((value.boolean == wanted) != all) return of_truth(!all);
    }
    return of_truth(all);
}

// What `expression` says of each item; `visit` answers whether to go on.
template <class Visit>
Result<void> for_each_truth(const Call& call, Visit visit) {
    Scope scope = call.scope;
    scope.index = 0;
    for (const auto& item : call.input) {
        scope.self = &item;
        VIGIL_TRY(truth, call.evaluator.truth(call.argument_node(0), scope));
        if (!visit(item, truth)) break;
        ++scope.index;
    }
    return {};
}

Result<Collection> exists(const Call& call) {
    if (call.argument_count() == 0) return of_truth(!call.input.empty());
    bool found = false;
    VIGIL_CHECK(for_each_truth(call, [&](const Item&, Truth truth) {
        found = truth == true;
        return !found;
    }));
    return of_truth(found);
}

Result<Collection> all(const Call& call) {
    bool holds = true;
    VIGIL_CHECK(for_each_truth(call, [&](const Item&, Truth truth) {
        holds = truth == true;
        return holds;
    }));
    return of_truth(holds);
}

Result<bool> is_subset(const Call& call, const Collection& part, const Collection& whole) {
    DistinctSet known(call.evaluator, call.node);
    for (const auto& item : whole) VIGIL_CHECK(known.add(item));
    for (const auto& item : part) {
        VIGIL_TRY(found, known.contains(item));
        if (!found) return false;
    }
    return true;
}

Result<Collection> subset(const Call& call, bool of_argument) {
    VIGIL_TRY(other, call.argument(0));
    VIGIL_TRY(
        is, of_argument ? is_subset(call, call.input, other) : is_subset(call, other, call.input));
    return of_truth(is);
}

Result<Collection> where(const Call& call) {
    Collection out;
    VIGIL_CHECK(for_each_truth(call, [&](const Item& item, Truth truth) {
        if (truth == true) out.push_back(item);
        return true;
    }));
    return out;
}

Result<Collection> select(const Call& call) {
    Collection out;
    Scope scope = call.scope;
    scope.index = 0;
    for (const auto& item : call.input) {
        scope.self = &item;
        VIGIL_TRY(found, call.evaluator.evaluate(call.argument_node(0), scope));
        std::ranges::move(found, std::back_inserter(out));
        ++scope.index;
    }
    return out;
}

// 5.2.3: what the projection leads to, and what it leads to from there, each once.
Result<Collection> repeat(const Call& call) {
    DistinctSet found(call.evaluator, call.node);
    Collection from = call.input;
    while (!from.empty()) {
        Collection next;
        Scope scope = call.scope;
        scope.index = 0;
        for (const auto& item : from) {
            scope.self = &item;
            VIGIL_TRY(items, call.evaluator.evaluate(call.argument_node(0), scope));
            for (auto& reached : items) {
                VIGIL_TRY(is_new, found.add(reached));
                if (is_new) next.push_back(std::move(reached));
            }
            ++scope.index;
        }
        from = std::move(next);
    }
    return found.take();
}

}  // namespace

Result<bool> contains(Evaluator& evaluator, const Node& node, const Collection& items,
                      const Item& wanted) {
    for (const auto& item : items) {
        VIGIL_TRY(found, evaluator.same(node, item, wanted));
        if (found == true) return true;
    }
    return false;
}

Result<Collection> distinct(Evaluator& evaluator, const Node& node, Collection items) {
    if (items.size() < 2) return items;
    DistinctSet set(evaluator, node);
    for (const auto& item : items) VIGIL_CHECK(set.add(item));
    return set.take();
}

Result<Collection> call_existence(const Call& call) {
    switch (call.node.function) {
        case Function::empty:
            return of_truth(call.input.empty());
        case Function::exists:
            return exists(call);
        case Function::all:
            return all(call);
        case Function::all_true:
            return booleans(call, true, true);
        case Function::any_true:
            return booleans(call, true, false);
        case Function::all_false:
            return booleans(call, false, true);
        case Function::any_false:
            return booleans(call, false, false);
        case Function::subset_of:
            return subset(call, true);
        case Function::superset_of:
            return subset(call, false);
        case Function::count:
            return of_integer(static_cast<std::int64_t>(call.input.size()));
        case Function::distinct:
            return distinct(call.evaluator, call.node, call.input);
        default: {
            VIGIL_TRY(each_once, distinct(call.evaluator, call.node, call.input));
            return of_truth(each_once.size() == call.input.size());
        }
    }
}

Result<Collection> call_projection(const Call& call) {
    switch (call.node.function) {
        case Function::where:
            return where(call);
        case Function::select:
            return select(call);
        case Function::repeat:
            return repeat(call);
        default:
            return only_of_type(call.evaluator, call.node, call.input);
    }
}

}  // namespace vigil::fhir::path
