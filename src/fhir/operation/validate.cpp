// $validate: what is wrong with a resource, without keeping it (R4 3.2.0.6.1).
#include <fmt/format.h>

#include "fhir/operation/operations.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/rest/reading.hpp"

namespace vigil::fhir {
namespace {

std::string written(JsonValue value) {
    std::string text;
    JsonWriter json(text);
    write_json(json, value);
    return text;
}

// The resource itself, or that of a Parameters with one named "resource".
Answer<std::string> resource_sent(const Request& request) {
    FHIR_TRY(sent, Resource::parse(request.body));
    if (sent.type() != "Parameters" || request.segment(0) == "Parameters") return sent.text();
    for (const auto parameter : sent.json()["parameter"])
        if (parameter["name"].string() == "resource" && parameter["resource"])
            return written(parameter["resource"]);
    return refuse(400, "required", "the Parameters hold no parameter named resource",
                  "Parameters.parameter");
}

}  // namespace

Answer<Response> answer_validate(const Request& request, ViewReader& reader,
                                 const RestContext& context) {
    std::string text;
    if (!request.body.empty()) {
        FHIR_TRY(sent, resource_sent(request));
        text = std::move(sent);
    } else {
        FHIR_TRY(record, reader.get(request.segment(0), request.segment(1)));
        if (!record || record->deleted)
            return refuse(404, "not-found", "there is no such resource, and none was sent");
        text = resource_text(*record);
    }
    std::vector<Issue> issues;
    const auto resource = Resource::parse(std::move(text));
    if (!resource)
        issues = problem_of(resource.error()).issues;
    else if (resource->type() != request.segment(0))
        issues.push_back(
            {.severity = Severity::error,
             .code = "invalid",
             .diagnostics = fmt::format("this is a {}, not a {}", resource->type().substr(0, 64),
                                        request.segment(0)),
             .expression = "resourceType"});
    else if (context.validate)
        issues = context.validate(resource->json());
    if (issues.empty())
        issues.push_back({.severity = Severity::information,
                          .code = "informational",
                          .diagnostics = "nothing is wrong with it",
                          .expression = {}});
    return Response{
        .status = 200, .body = outcome(issues), .version = {}, .last_modified = {}, .location = {}};
}

}  // namespace vigil::fhir
