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

// The profiles it is to conform to: the parameter `profile`, in the query or the body.
std::vector<std::string> profiles_asked(const Request& request) {
    std::vector<std::string> profiles;
    if (const auto profile = request.parameter("profile")) profiles.emplace_back(*profile);
    const auto sent = Resource::parse(request.body);
    if (!sent || sent->type() != "Parameters" || request.segment(0) == "Parameters")
        return profiles;
    for (const auto parameter : sent->json()["parameter"])
        if (parameter["name"].string() == "profile")
            for (const auto* value : {"valueUri", "valueCanonical"})
                if (parameter[value]) profiles.emplace_back(parameter[value].string());
    return profiles;
}

}  // namespace

Answer<Response> answer_validate(const Request& request, ViewReader& reader,
                                 const RestContext& context) {
    std::string text;
    auto profiles = profiles_asked(request);
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
        issues = context.validate(resource->json(), std::move(profiles));
    if (issues.empty())
        issues.push_back({.severity = Severity::information,
                          .code = "informational",
                          .diagnostics = "nothing is wrong with it",
                          .expression = {}});
    return Response{
        .status = 200, .body = outcome(issues), .version = {}, .last_modified = {}, .location = {}};
}

}  // namespace vigil::fhir
