// ValueSet/$validate-code and CodeSystem/$validate-code
// (http://hl7.org/fhir/R4/valueset-operation-validate-code.html and
// http://hl7.org/fhir/R4/codesystem-operation-validate-code.html).
#include <fmt/format.h>

#include <array>

#include "fhir/operation/operations.hpp"
#include "fhir/operation/terminology_input.hpp"
#include "fhir/terminology/display.hpp"

namespace vigil::fhir {
namespace {

using terminology::CodeSystem;
using terminology::Member;
using Kind = InputParameter::Kind;

constexpr std::array value_set_parameters = {
    InputParameter{"url"},
    InputParameter{"context", Kind::text, false, no_context},
    InputParameter{"valueSet", Kind::resource},
    InputParameter{"valueSetVersion"},
    InputParameter{"code"},
    InputParameter{"system"},
    InputParameter{"systemVersion"},
    InputParameter{"display"},
    InputParameter{"coding", Kind::complex},
    InputParameter{"codeableConcept", Kind::complex},
    InputParameter{"date", Kind::text, false, no_past},
    InputParameter{"abstract", Kind::boolean},
    InputParameter{"displayLanguage"}};

constexpr std::array code_system_parameters = {InputParameter{"url"},
                                               InputParameter{"codeSystem", Kind::resource},
                                               InputParameter{"code"},
                                               InputParameter{"version"},
                                               InputParameter{"display"},
                                               InputParameter{"coding", Kind::complex},
                                               InputParameter{"codeableConcept", Kind::complex},
                                               InputParameter{"date", Kind::text, false, no_past},
                                               InputParameter{"abstract", Kind::boolean},
                                               InputParameter{"displayLanguage"}};

struct Verdict {
    bool result = false;
    std::string message, display;
};

// What is said of a code that was found.
Verdict judged(const Member& member, const CodeAskedFor& asked, const CheckedInput& input) {
    Verdict verdict{
        .result = true,
        .message = {},
        .display = std::string(terminology::display_in(member, input.text("displayLanguage")))};
    if (member.is_inactive) verdict.message = fmt::format("the code {} is inactive", asked.code);
    if (member.is_abstract && !input.flag("abstract").value_or(false)) {
        verdict.result = false;
        verdict.message = fmt::format(
            "the code {} is abstract: it groups others and is not for use in a record (with "
            "abstract=true it is taken)",
            asked.code);
    } else if (!asked.display.empty() && !verdict.display.empty() &&
               !terminology::is_called(member, asked.display)) {
        verdict.result = false;
        verdict.message = fmt::format(R"(the code {} is not called "{}" but "{}")", asked.code,
                                      asked.display, verdict.display);
    }
    return verdict;
}

using Judge = std::function<Answer<Verdict>(const CodeAskedFor&)>;

// Of several codings one that is right is enough. Where none is and of one it cannot be told, it
// cannot be told of the whole.
Answer<Response> answer_verdict(const std::vector<CodeAskedFor>& codes, const Judge& judge) {
    Verdict last;
    std::optional<Problem> unknown;
    std::string messages;
    for (const auto& code : codes) {
        auto verdict = judge(code);
        if (!verdict) {
            unknown = std::move(verdict).error();
            continue;
        }
        last = std::move(*verdict);
        if (last.result) break;
        messages.append(messages.empty() ? "" : "; ").append(last.message);
    }
    if (!last.result && unknown) return as_refusal(std::move(*unknown));
    ParametersWriter out;
    out.flag("result", last.result);
    out.text("message", last.result ? last.message : messages);
    out.text("display", last.display);
    return out.response();
}

Answer<Verdict> judge_in_system(const CodeSystem& system, const CodeAskedFor& asked,
                                const CheckedInput& input) {
    if (!asked.system.empty() && asked.system != system.url)
        return Verdict{
            .result = false,
            .message = fmt::format("the coding is of {}, not of {}", asked.system, system.url),
            .display = {}};
    if (!asked.version.empty() && asked.version != system.version)
        return refuse(422, "not-found",
                      fmt::format("version {} of {} is not what was looked at: name it with "
                                  "version",
                                  asked.version, system.url));
    if (const auto* of = system.find(asked.code))
        return judged(terminology::member_of(system, *of), asked, input);
    if (system.content != CodeSystem::Content::complete)
        return refuse(422, "incomplete",
                      fmt::format("this server has only a part of {}, without the code {}",
                                  system.url, asked.code));
    return Verdict{.result = false,
                   .message = fmt::format("{} has no code {}", system.url, asked.code),
                   .display = {}};
}

}  // namespace

Answer<Response> answer_validate_code_in_value_set(const Request& request, ViewReader& reader,
                                                   const RestContext& context) {
    FHIR_TRY(input, CheckedInput::read(request, "$validate-code", value_set_parameters));
    FHIR_TRY(library, context.library(reader));
    FHIR_TRY(codes, codes_asked(input, "systemVersion"));
    if (input.has("code") && !input.has("system"))
        return refuse(400, "required", "a code is of a system: give system too",
                      "Parameters.parameter");
    terminology::Budget budget;
    FHIR_TRY(as_is, value_set_asked(request, input, library, {}, budget));
    const auto judge = [&](const CodeAskedFor& asked) -> Answer<Verdict> {
        if (asked.system.empty())
            return Verdict{.result = false,
                           .message = fmt::format("the coding {} has no system", asked.code),
                           .display = {}};
        auto set = as_is;
        // Of that version, where the value set leaves it open.
        if (!asked.version.empty()) {
            const auto version = fmt::format("{}|{}", asked.system, asked.version);
            FHIR_TRY(again,
                     value_set_asked(request, input, library,
                                     {.fallback = {version}, .check = {}, .force = {}}, budget));
            set = std::move(again);
        }
        FHIR_TRY(member, terminology::find(*set, {asked.system, asked.code}, budget));
        if (member) return judged(*member, asked, input);
        return Verdict{.result = false,
                       .message = fmt::format("the code {} of {} is not in the value set {}",
                                              asked.code, asked.system, set->source->url),
                       .display = {}};
    };
    return answer_verdict(codes, judge);
}

Answer<Response> answer_validate_code_in_code_system(const Request& request, ViewReader& reader,
                                                     const RestContext& context) {
    FHIR_TRY(input, CheckedInput::read(request, "$validate-code", code_system_parameters));
    FHIR_TRY(library, context.library(reader));
    FHIR_TRY(codes, codes_asked(input, "version"));
    FHIR_TRY(system, code_system_asked(request, input, "url", library));
    return answer_verdict(
        codes, [&](const CodeAskedFor& asked) { return judge_in_system(*system, asked, input); });
}

}  // namespace vigil::fhir
