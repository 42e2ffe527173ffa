#pragma once
// What a request was wrong about: an HTTP status and the issues of an OperationOutcome (FHIR R4
// 3.1.0.1.4 and the value set issue-type).

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "base/json_writer.hpp"
#include "base/result.hpp"
#include "fhir/resource/issue.hpp"

namespace vigil::fhir {

struct Problem {
    int status = 500;
    std::vector<Issue> issues;
};

template <class T>
class [[nodiscard]] Answer : public tl::expected<T, Problem> {
    using Base = tl::expected<T, Problem>;

public:
    using Base::Base;
};

tl::unexpected<Problem> refuse(int status, std::string_view code, std::string diagnostics,
                               std::string expression = {});
// The one place where an Error of the rooms above becomes an answer of FHIR's.
Problem problem_of(const Error& error);
inline tl::unexpected<Problem> refuse(const Error& error) {
    return tl::unexpected(problem_of(error));
}

void write_outcome(JsonWriter& json, const std::vector<Issue>& issues);
std::string outcome(const std::vector<Issue>& issues);
std::string_view to_string(Severity severity);

}  // namespace vigil::fhir

// Like VIGIL_TRY, in a function that returns an Answer.
#define FHIR_TRY(name, expression)                                                          \
    auto name##_answer = (expression);                                                      \
    if (!name##_answer) return ::vigil::fhir::as_refusal(std::move(name##_answer).error()); \
    auto& name = *name##_answer  // NOLINT(bugprone-macro-parentheses): it declares a name

#define FHIR_CHECK(expression)                                                      \
    do {                                                                            \
        auto fhir_check_answer = (expression);                                      \
        if (!fhir_check_answer)                                                     \
            return ::vigil::fhir::as_refusal(std::move(fhir_check_answer).error()); \
    } while (false)

namespace vigil::fhir {
inline tl::unexpected<Problem> as_refusal(Problem problem) {
    return tl::unexpected(std::move(problem));
}
inline tl::unexpected<Problem> as_refusal(const Error& error) {
    return refuse(error);
}
}  // namespace vigil::fhir
