// ValueSet/$expand (http://hl7.org/fhir/R4/valueset-operation-expand.html).
#include <fmt/format.h>

#include <array>

#include "fhir/operation/operations.hpp"
#include "fhir/operation/terminology_input.hpp"
#include "fhir/terminology/expansion.hpp"

namespace vigil::fhir {
namespace {

using Kind = InputParameter::Kind;

constexpr std::size_t filter_bytes_max = 256;

constexpr std::array parameters = {
    InputParameter{"url"},
    InputParameter{"valueSet", Kind::resource},
    InputParameter{"valueSetVersion"},
    InputParameter{"context", Kind::text, false, no_context},
    InputParameter{"contextDirection", Kind::text, false, no_context},
    InputParameter{"filter"},
    InputParameter{"date", Kind::text, false, no_past},
    InputParameter{"offset", Kind::number},
    InputParameter{"count", Kind::number},
    InputParameter{"includeDesignations", Kind::boolean},
    InputParameter{"designation", Kind::text, true},
    InputParameter{"includeDefinition", Kind::boolean},
    InputParameter{"activeOnly", Kind::boolean},
    InputParameter{"excludeNested", Kind::boolean},
    InputParameter{"excludeNotForUI", Kind::boolean},
    InputParameter{"excludePostCoordinated", Kind::boolean},  // there are none here, either way
    InputParameter{"displayLanguage"},
    InputParameter{"exclude-system", Kind::text, true},
    InputParameter{"system-version", Kind::text, true},
    InputParameter{"check-system-version", Kind::text, true},
    InputParameter{"force-system-version", Kind::text, true}};

terminology::ExpansionOptions options_of(const CheckedInput& input) {
    return {.filter = input.text("filter"),
            .display_language = input.text("displayLanguage"),
            .offset = input.number("offset"),
            .count = input.number("count"),
            .active_only = input.flag("activeOnly").value_or(false),
            // Flat unless it is asked for nested: a client that knows no nesting misses nothing.
            .is_nested = !input.flag("excludeNested").value_or(true),
            .not_for_ui = input.flag("excludeNotForUI").value_or(false),
            .has_designations = input.flag("includeDesignations").value_or(false),
            .has_definition = input.flag("includeDefinition").value_or(false),
            .designations = input.texts("designation"),
            .exclude_systems = input.texts("exclude-system"),
            .versions = {.fallback = input.texts("system-version"),
                         .check = input.texts("check-system-version"),
                         .force = input.texts("force-system-version")}};
}

}  // namespace

std::span<const InputParameter> expand_parameters() {
    return parameters;
}

Answer<Response> answer_expand(const Request& request, ViewReader& reader,
                               const RestContext& context) {
    FHIR_TRY(input, CheckedInput::read(request, "$expand", parameters));
    FHIR_TRY(library, context.library(reader));
    const auto options = options_of(input);
    if (options.filter.size() > filter_bytes_max)
        return refuse(400, "too-costly",
                      fmt::format("filter is a text of {} bytes at most", filter_bytes_max));
    terminology::Budget budget;
    FHIR_TRY(set, value_set_asked(request, input, library, options.versions, budget));
    FHIR_TRY(text,
             terminology::expand(
                 *set, options, {.identifier = "urn:uuid:" + context.new_id(), .at = context.now()},
                 budget));
    return Response{
        .status = 200, .body = std::move(text), .version = {}, .last_modified = {}, .location = {}};
}

}  // namespace vigil::fhir
