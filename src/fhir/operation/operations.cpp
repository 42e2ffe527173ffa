#include "fhir/operation/operations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace vigil::fhir {
namespace {

using At = Operation::At;

// Exports and imports are answered by bulk/; this is one that is an entry of a Bundle.
Answer<Response> refuse_bulk(const Request&, ViewReader&, const RestContext&) {
    return refuse(400, "not-supported",
                  "ask for an export or an import by itself, not as part of a Bundle");
}

constexpr std::array table{
    Operation{"$everything", "Patient", At::instance, true, answer_everything},
    Operation{"$everything", "Encounter", At::instance, true, answer_everything},
    Operation{"$match", "Patient", At::type, false, answer_match},
    Operation{"$summary", "Patient", At::type, true, answer_summary},
    Operation{"$summary", "Patient", At::instance, true, answer_summary},
    Operation{"$lastn", "Observation", At::type, true, answer_lastn},
    Operation{"$stats", "Observation", At::type, true, answer_stats},
    Operation{"$validate", "", At::type, false, answer_validate},
    Operation{"$validate", "", At::instance, true, answer_validate},
    Operation{"$meta", "", At::system, true, answer_meta},
    Operation{"$meta", "", At::type, true, answer_meta},
    Operation{"$meta", "", At::instance, true, answer_meta},
    Operation{"$fhirpath", "", At::system, false, answer_fhirpath},
    Operation{"$status", "Subscription", At::type, true, answer_subscription_status},
    Operation{"$status", "Subscription", At::instance, true, answer_subscription_status},
    Operation{"$events", "Subscription", At::instance, true, answer_subscription_events},
    Operation{"$get-ws-binding-token", "Subscription", At::type, true, answer_socket_token},
    Operation{"$get-ws-binding-token", "Subscription", At::instance, true, answer_socket_token},
    Operation{"$expand", "ValueSet", At::type, true, answer_expand},
    Operation{"$expand", "ValueSet", At::instance, true, answer_expand},
    Operation{"$validate-code", "ValueSet", At::type, true, answer_validate_code_in_value_set},
    Operation{"$validate-code", "ValueSet", At::instance, true, answer_validate_code_in_value_set},
    Operation{"$validate-code", "CodeSystem", At::type, true, answer_validate_code_in_code_system},
    Operation{"$validate-code", "CodeSystem", At::instance, true,
              answer_validate_code_in_code_system},
    Operation{"$lookup", "CodeSystem", At::type, true, answer_lookup},
    Operation{"$subsumes", "CodeSystem", At::type, true, answer_subsumes},
    Operation{"$subsumes", "CodeSystem", At::instance, true, answer_subsumes},
    Operation{"$translate", "ConceptMap", At::type, true, answer_translate},
    Operation{"$translate", "ConceptMap", At::instance, true, answer_translate},
    Operation{"$export", "", At::system, true, refuse_bulk},
    Operation{"$export", "Patient", At::type, true, refuse_bulk},
    Operation{"$export", "Group", At::instance, true, refuse_bulk},
    Operation{"$import", "", At::system, false, refuse_bulk}};

}  // namespace

std::span<const Operation> operations() {
    return table;
}

Answer<Response> answer_operation(const Request& request, ViewReader& reader,
                                  const RestContext& context) {
    const auto name = std::string_view(request.segments.back());
    const auto depth = request.segments.size() - 1;
    const auto type = depth > 0 ? request.segment(0) : std::string_view();
    if (!type.empty() && !context.definitions.is_resource_type(type))
        return refuse(404, "not-supported",
                      fmt::format("there is no resource type {} in FHIR R4", type.substr(0, 64)));
    const auto found = std::ranges::find_if(table, [&](const Operation& one) {
        return one.name == name && static_cast<std::size_t>(one.at) == depth &&
               (one.type.empty() || one.type == type);
    });
    if (found == table.end())
        return refuse(404, "not-supported",
                      fmt::format("this server has no operation {} here", name.substr(0, 64)));
    const bool allowed = request.method == "POST" || (request.method == "GET" && found->by_get);
    if (!allowed) return refuse(405, "not-supported", fmt::format("{} is asked with POST", name));
    return found->answer(request, reader, context);
}

}  // namespace vigil::fhir
