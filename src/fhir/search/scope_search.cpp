#include "fhir/search/scope_search.hpp"

#include <utility>

namespace vigil::fhir {
namespace {

bool looks_elsewhere(std::string_view name) {
    return name.starts_with("_has") || name.find('.') != std::string_view::npos;
}

}  // namespace

Result<std::shared_ptr<const store::Condition>> read_scope_search(std::string_view type,
                                                                  const Parameters& parameters,
                                                                  const SearchContext& context) {
    store::AllOf all;
    for (const auto& [name, value] : parameters) {
        if (looks_elsewhere(name))
            return fail(Error::Kind::unsupported, "a scope's search is of the resource itself");
        auto condition = read_condition(type, name, value, context);
        if (!condition)
            return fail(Error::Kind::unsupported, "a scope searches by what is not known here");
        all.conditions.push_back(std::move(*condition));
    }
    if (all.conditions.empty())
        return fail(Error::Kind::unsupported, "a scope's search says what it searches for");
    return std::make_shared<const store::Condition>(store::Condition{std::move(all)});
}

}  // namespace vigil::fhir
