// CodeSystem/$lookup and CodeSystem/$subsumes
// (http://hl7.org/fhir/R4/codesystem-operation-lookup.html and
// http://hl7.org/fhir/R4/codesystem-operation-subsumes.html).
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "fhir/operation/operations.hpp"
#include "fhir/operation/terminology_input.hpp"
#include "fhir/terminology/display.hpp"

namespace vigil::fhir {
namespace {

using terminology::CodeSystem;
using terminology::Concept;
using Kind = InputParameter::Kind;

constexpr std::array lookup_parameters = {InputParameter{"code"},
                                          InputParameter{"system"},
                                          InputParameter{"version"},
                                          InputParameter{"coding", Kind::complex},
                                          InputParameter{"date", Kind::text, false, no_past},
                                          InputParameter{"displayLanguage"},
                                          InputParameter{"property", Kind::text, true}};

constexpr std::array subsumes_parameters = {InputParameter{"codeA"},
                                            InputParameter{"codeB"},
                                            InputParameter{"system"},
                                            InputParameter{"version"},
                                            InputParameter{"codingA", Kind::complex},
                                            InputParameter{"codingB", Kind::complex}};

Answer<const Concept*> concept_of(const CodeSystem& system, std::string_view code, int status) {
    if (const auto* of = system.find(code)) return of;
    return refuse(status, "not-found",
                  fmt::format("{} has no code {}{}", system.url, code.substr(0, 256),
                              system.content == CodeSystem::Content::complete
                                  ? ""
                                  : " on this server, which does not have all of it"));
}

class LookupWriter {
public:
    LookupWriter(const CodeSystem& system, const Concept& of, const CheckedInput& input)
        : system_(system),
          of_(of),
          member_{.system = system.url,
                  .version = system.version,
                  .code = of.code,
                  .display = of.display,
                  .codes = &system,
                  .of = &of,
                  .listed = {}},
          language_(input.text("displayLanguage")),
          asked_(input.texts("property")) {}

    Response write() {
        out_.text("name", !system_.name.empty()    ? system_.name
                          : !system_.title.empty() ? system_.title
                                                   : system_.url);
        out_.text("version", system_.version);
        const auto display = terminology::display_in(member_, language_);
        out_.text("display", display.empty() ? of_.code : display);
        write_designations();
        property("definition", "valueString", of_.json["definition"].string());
        for (const auto parent : of_.parents) related("parent", system_.concepts()[parent]);
        for (const auto child : of_.children) related("child", system_.concepts()[child]);
        if (!of_.json) write_marks();
        for (const auto one : of_.json["property"]) write_property(one);
        return out_.response();
    }

private:
    // None named: all that there are.
    bool is_asked(std::string_view name) const {
        return asked_.empty() || std::ranges::find(asked_, name) != asked_.end();
    }
    bool is_asked_language(std::string_view language) const {
        return std::ranges::any_of(asked_, [&](std::string_view one) {
            return one.starts_with("lang.") && !language.empty() &&
                   terminology::is_language(one.substr(5), language);
        });
    }

    void write_designations() {
        for (const auto one : terminology::designations(member_)) {
            if (!is_asked("designation") && !is_asked_language(one["language"].string())) continue;
            auto& json = out_.begin("designation");
            if (one["language"])
                json.begin_object()
                    .member("name", "language")
                    .member("valueCode", one["language"].string())
                    .end_object();
            if (one["use"]) {
                json.begin_object().member("name", "use").key("valueCoding");
                write_json(json, one["use"]);
                json.end_object();
            }
            json.begin_object()
                .member("name", "value")
                .member("valueString", one["value"].string())
                .end_object();
            out_.end();
        }
    }

    JsonWriter& begin_property(std::string_view name) {
        auto& json = out_.begin("property");
        return json.begin_object().member("name", "code").member("valueCode", name).end_object();
    }
    void property(std::string_view name, std::string_view type, std::string_view value) {
        if (value.empty() || !is_asked(name)) return;
        begin_property(name)
            .begin_object()
            .member("name", "value")
            .member(type, value)
            .end_object();
        out_.end();
    }
    void related(std::string_view name, const Concept& other) {
        if (!is_asked(name)) return;
        auto& json = begin_property(name);
        json.begin_object().member("name", "value").member("valueCode", other.code).end_object();
        if (!other.display.empty())
            json.begin_object()
                .member("name", "description")
                .member("valueString", other.display)
                .end_object();
        out_.end();
    }
    // What the specification's tables say instead of properties.
    void write_marks() {
        property("status", "valueCode", of_.status);
        if (!of_.is_abstract || !is_asked("notSelectable")) return;
        begin_property("notSelectable")
            .begin_object()
            .member("name", "value")
            .member("valueBoolean", true)
            .end_object();
        out_.end();
    }
    void write_property(JsonValue from) {
        const auto name = from["code"].string();
        const bool is_told = name == "parent" || name == "child";  // above
        if (is_told || !is_asked(name)) return;
        auto& json = begin_property(name);
        for (auto member = from.begin(); member != from.end(); ++member) {
            if (!member.key().starts_with("value")) continue;
            json.begin_object().member("name", "value").key(member.key());
            write_json(json, *member);
            json.end_object();
        }
        out_.end();
    }

    const CodeSystem& system_;
    const Concept& of_;
    terminology::Member member_;
    std::string language_;
    std::vector<std::string> asked_;
    ParametersWriter out_;
};

// codeA or codingA.
Answer<CodeAskedFor> asked(const CheckedInput& input, std::string_view which) {
    const auto code = fmt::format("code{}", which), coding = fmt::format("coding{}", which);
    if (input.has(code) == input.has(coding))
        return refuse(400, "required", fmt::format("give {} or {}", code, coding),
                      "Parameters.parameter");
    if (input.has(coding)) return coding_asked(input.json(coding));
    return CodeAskedFor{.system = {}, .version = {}, .code = input.text(code), .display = {}};
}

}  // namespace

Answer<Response> answer_lookup(const Request& request, ViewReader& reader,
                               const RestContext& context) {
    FHIR_TRY(input, CheckedInput::read(request, "$lookup", lookup_parameters));
    FHIR_TRY(library, context.library(reader));
    FHIR_TRY(codes, codes_asked(input, "version"));
    const auto& code = codes.front();
    if (code.system.empty() || code.code.empty())
        return refuse(400, "required", "give system and code, or a coding with both",
                      "Parameters.parameter");
    FHIR_TRY(system, library.code_system(code.system, code.version));
    if (!system)
        return refuse(404, "not-found",
                      fmt::format("the code system {}{}{} is not on this server", code.system,
                                  code.version.empty() ? "" : "|", code.version));
    FHIR_TRY(of, concept_of(*system, code.code, 404));
    return LookupWriter(*system, *of, input).write();
}

Answer<Response> answer_subsumes(const Request& request, ViewReader& reader,
                                 const RestContext& context) {
    FHIR_TRY(input, CheckedInput::read(request, "$subsumes", subsumes_parameters));
    FHIR_TRY(library, context.library(reader));
    FHIR_TRY(a, asked(input, "A"));
    FHIR_TRY(b, asked(input, "B"));
    FHIR_TRY(system, code_system_asked(request, input, "system", library));
    for (const auto& each : {a, b})
        if (!each.system.empty() && each.system != system->url)
            return refuse(422, "not-supported",
                          fmt::format("how codes of {} relate to {} is not known here", each.system,
                                      system->url));
    FHIR_TRY(concept_a, concept_of(*system, a.code, 422));
    FHIR_TRY(concept_b, concept_of(*system, b.code, 422));
    const auto above = [&](const Concept* of) { return system->at_or_below(*of); };
    std::string_view outcome = "equivalent";
    if (concept_a != concept_b) {
        if (!system->hierarchy_subsumes() || system->content != CodeSystem::Content::complete)
            return refuse(422, "not-supported",
                          fmt::format("what subsumes what in {} is not known here", system->url));
        outcome = above(concept_a)[system->number(*concept_b)]   ? "subsumes"
                  : above(concept_b)[system->number(*concept_a)] ? "subsumed-by"
                                                                 : "not-subsumed";
    }
    ParametersWriter out;
    out.text("outcome", outcome, "valueCode");
    return out.response();
}

}  // namespace vigil::fhir
