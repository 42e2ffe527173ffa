#include "fhir/validation/reference.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "fhir/resource/resource.hpp"

namespace vigil::fhir {
namespace {

bool has_scheme(std::string_view text) {
    const auto colon = text.find(':');
    return colon != std::string_view::npos && colon > 0 && text.find('/') > colon;
}

// 2.3.0.1: Type/id, Type/id/_history/version.
bool is_relative_literal(std::string_view text, const Definitions& definitions) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return false;
    if (!definitions.is_resource_type(text.substr(0, slash))) return false;
    auto id = text.substr(slash + 1);
    constexpr std::string_view history = "/_history/";
    if (const auto at = id.find(history); at != std::string_view::npos) {
        if (!is_id(id.substr(at + history.size()))) return false;
        id = id.substr(0, at);
    }
    return is_id(id.substr(0, id.find('#')));
}

class ReferenceCheck {
public:
    ReferenceCheck(const TypeUse& use, const Scope& scope, const Definitions& definitions,
                   const Place& place, Report& report)
        : use_(use), scope_(scope), definitions_(definitions), place_(place), report_(report) {}

    void check(JsonValue reference) {
        const auto declared = reference["type"].string();
        if (!declared.empty()) check_target(declared);
        const auto text = reference["reference"].string();
        if (text.empty()) return;
        const Place place{&place_, "reference"};
        const auto found = target_type(text, place);
        if (found.empty()) return;
        if (!declared.empty() && definitions_.type(declared) != nullptr && declared != found)
            report_.error("value", place,
                          fmt::format("the reference leads to a {} but its type says {}", found,
                                      in_quotes(declared)));
        if (declared != found) check_target(found);
    }

private:
    // The type of the resource referred to, as far as it can be told.
    std::string_view target_type(std::string_view text, const Place& place) {
        if (text.starts_with('#')) return contained_type(text.substr(1), place);
        if (scope_.bundle != nullptr)
            if (const auto entry = scope_.bundle->find(text); entry != scope_.bundle->end())
                return entry->second["resourceType"].string();
        if (has_scheme(text)) return type_of_reference(text, definitions_);
        const auto question = text.find('?');
        if (question != std::string_view::npos) {
            const auto type = text.substr(0, question);
            if (scope_.allows_search_references && definitions_.is_resource_type(type)) return type;
            report_.error("value", place, "searches as references are for transactions only");
            return {};
        }
        if (!is_relative_literal(text, definitions_)) {
            report_.error(
                "value", place,
                fmt::format("{} is no reference: write Type/id, an absolute URL, a urn or "
                            "#id of a contained resource",
                            in_quotes(text)));
            return {};
        }
        return text.substr(0, text.find('/'));
    }

    std::string_view contained_type(std::string_view id, const Place& place) {
        if (id.empty()) return scope_.root().type->name;
        const auto contained = scope_.contained->find(id);
        if (contained != scope_.contained->end()) return contained->second["resourceType"].string();
        report_.error("not-found", place,
                      fmt::format("no contained resource has the id {}: add it or mend the "
                                  "reference (ref-1)",
                                  in_quotes(id)));
        return {};
    }

    void check_target(std::string_view type) {
        const auto* found = definitions_.type(type);
        if (use_.targets.empty() || found == nullptr) return;
        if (std::ranges::any_of(use_.targets, [found](std::string_view target) {
                return found->is_or_derives_from(target);
            }))
            return;
        report_.error("value", place_,
                      fmt::format("a {} cannot be referred to here, only {}", type,
                                  fmt::join(use_.targets, ", ")));
    }

    const TypeUse& use_;
    const Scope& scope_;
    const Definitions& definitions_;
    const Place& place_;
    Report& report_;
};

}  // namespace

std::string_view type_of_reference(std::string_view reference, const Definitions& definitions) {
    constexpr std::string_view history = "/_history/";
    reference = reference.substr(0, reference.find(history));
    const auto id_at = reference.rfind('/');
    if (id_at == std::string_view::npos) return {};
    const auto before = reference.substr(0, id_at);
    const auto type_at = before.rfind('/');
    const auto type = type_at == std::string_view::npos ? before : before.substr(type_at + 1);
    return definitions.is_resource_type(type) ? type : std::string_view();
}

void check_reference(JsonValue reference, const TypeUse& use, const Scope& scope,
                     const Definitions& definitions, const Place& place, Report& report) {
    ReferenceCheck(use, scope, definitions, place, report).check(reference);
}

}  // namespace vigil::fhir
