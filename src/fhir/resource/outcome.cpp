#include "fhir/resource/outcome.hpp"

namespace vigil::fhir {
namespace {

struct Kinds {
    int status;
    std::string_view code;
};

Kinds kinds_of(Error::Kind kind) {
    switch (kind) {
        case Error::Kind::malformed:
            return {400, "structure"};
        case Error::Kind::unsupported:
            return {400, "not-supported"};
        case Error::Kind::too_large:
            return {413, "too-long"};
        case Error::Kind::unknown_device:
        case Error::Kind::not_found:
            return {404, "not-found"};
        case Error::Kind::conflict:
            return {409, "conflict"};
        case Error::Kind::forbidden:
            return {403, "forbidden"};
        case Error::Kind::busy:
            return {503, "transient"};
        case Error::Kind::internal:
            break;
    }
    return {500, "exception"};
}

}  // namespace

tl::unexpected<Problem> refuse(int status, std::string_view code, std::string diagnostics,
                               std::string expression) {
    return tl::unexpected(Problem{.status = status,
                                  .issues = {{.severity = Severity::error,
                                              .code = code,
                                              .diagnostics = std::move(diagnostics),
                                              .expression = std::move(expression)}}});
}

Problem problem_of(const Error& error) {
    const auto kinds = kinds_of(error.kind);
    auto diagnostics = error.message;
    if (!error.place.empty()) diagnostics += " (at " + error.place + ")";
    return {.status = kinds.status,
            .issues = {{.severity = Severity::error,
                        .code = kinds.code,
                        .diagnostics = std::move(diagnostics),
                        .expression = {}}}};
}

std::string_view to_string(Severity severity) {
    switch (severity) {
        case Severity::fatal:
            return "fatal";
        case Severity::error:
            return "error";
        case Severity::warning:
            return "warning";
        case Severity::information:
            break;
    }
    return "information";
}

void write_outcome(JsonWriter& json, const std::vector<Issue>& issues) {
    json.begin_object().member("resourceType", "OperationOutcome").key("issue").begin_array();
    for (const auto& issue : issues) {
        json.begin_object()
            .member("severity", to_string(issue.severity))
            .member("code", issue.code)
            .member("diagnostics", issue.diagnostics);
        if (!issue.expression.empty())
            json.key("expression").begin_array().text(issue.expression).end_array();
        json.end_object();
    }
    json.end_array().end_object();
}

std::string outcome(const std::vector<Issue>& issues) {
    std::string text;
    JsonWriter json(text);
    write_outcome(json, issues);
    return text;
}

}  // namespace vigil::fhir
