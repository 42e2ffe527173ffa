// FHIRPath N1, 5.8: tree navigation; 5.9: utility; 6.5.3 not(); 7: aggregate(); 10.2: type().

#include <algorithm>
#include <iterator>

#include "fhir/path/evaluator.hpp"
#include "fhir/path/navigation.hpp"

namespace vigil::fhir::path {
namespace {

Result<Collection> descendants(const Call& call) {
    Collection out;
    for (const auto& item : call.input) append_children(item, call.evaluator.definitions(), out);
    for (std::size_t next = 0; next < out.size(); ++next) {
        VIGIL_CHECK(call.evaluator.spend(call.node, 1));
        const auto item = out[next];  // `out` grows
        append_children(item, call.evaluator.definitions(), out);
    }
    return out;
}

Result<Collection> children(const Call& call) {
    Collection out;
    for (const auto& item : call.input) append_children(item, call.evaluator.definitions(), out);
    VIGIL_CHECK(call.evaluator.spend(call.node, out.size()));
    return out;
}

Result<Collection> trace(const Call& call) {
    VIGIL_TRY(name, call.string_argument(0));
    const auto& listen = call.evaluator.environment().trace;
    if (!listen) return call.input;
    if (call.argument_count() == 1) {
        listen(name.value_or(""), call.input);
        return call.input;
    }
    Scope scope = call.scope;
    Collection shown;
    for (const auto& item : call.input) {
        scope.self = &item;
        VIGIL_TRY(projected, call.evaluator.evaluate(call.argument_node(1), scope));
        std::ranges::move(projected, std::back_inserter(shown));
    }
    listen(name.value_or(""), shown);
    return call.input;
}

Result<Collection> negated(const Call& call) {
    VIGIL_TRY(truth, truth_of(call.input, call.node));
    return of_truth(truth ? Truth(!*truth) : truth);
}

Result<Collection> aggregate(const Call& call) {
    Collection total;
    if (call.argument_count() == 2) {
        VIGIL_TRY(start, call.argument(1));
        total = std::move(start);
    }
    Scope scope = call.scope;
    scope.index = 0;
    for (const auto& item : call.input) {
        scope.self = &item;
        scope.total = &total;
        VIGIL_TRY(next, call.evaluator.evaluate(call.argument_node(0), scope));
        total = std::move(next);
        ++scope.index;
    }
    return total;
}

// A FHIR type's is its structure definition's: all elements are "Element" to those that ask for it.
TypeInfo type_of(const Item& item) {
    if (const auto* value = item.system_value())
        return {"System", system_type_name(*value), "System.Any"};
    const auto* base = item.type()->base;
    return {"FHIR", item.type()->name, base == nullptr ? std::string_view() : base->name};
}

Result<Collection> types(const Call& call) {
    Collection out;
    for (const auto& item : call.input) out.emplace_back(SystemValue(type_of(item)));
    return out;
}

}  // namespace

Result<Collection> call_utility(const Call& call) {
    const auto now = [&] { return moment_of(call.evaluator.environment().now); };
    const auto now_in_utc = [&] {
        auto moment = now();
        moment.offset_minutes = std::int16_t{0};
        return moment;
    };
    switch (call.node.function) {
        case Function::children:
            return children(call);
        case Function::descendants:
            return descendants(call);
        case Function::trace:
            return trace(call);
        case Function::now:
            return of_value(DateTimeText{format_date_time(now_in_utc())});
        case Function::today:
            return of_value(DateText{format_date(now())});
        case Function::time_of_day:
            return of_value(TimeText{format_time(now())});
        case Function::not_:
            return negated(call);
        case Function::aggregate:
            return aggregate(call);
        default:
            return types(call);
    }
}

}  // namespace vigil::fhir::path
