#pragma once
// What the operations on codes have in common: which value set or code system they are about, and
// which codes (FHIR R4 4.7, http://hl7.org/fhir/R4/terminology-service.html).

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/operation/checked_input.hpp"
#include "fhir/rest/context.hpp"

namespace vigil::fhir {

constexpr std::string_view no_past =
    "this server keeps code systems and value sets as they are now, not as they were on a date";
constexpr std::string_view no_context =
    "this server does not look up the value set of an element: name it with url";

// What $expand takes.
std::span<const InputParameter> expand_parameters();

struct CodeAskedFor {
    std::string system, version, code, display;
};

// Those of code (with `system` and the parameter named `version`), of coding or of
// codeableConcept: one of the three.
Answer<std::vector<CodeAskedFor>> codes_asked(const CheckedInput& input, std::string_view version);
CodeAskedFor coding_asked(JsonValue coding);

// That of the address, of `url` or of `valueSet`: one of the three.
Answer<std::shared_ptr<const terminology::ComposedValueSet>> value_set_asked(
    const Request& request, const CheckedInput& input, terminology::RecordLibrary& library,
    const terminology::VersionRules& rules, terminology::Budget& budget);

// That of the address, of the parameter named `url` with `version`, or of `codeSystem`.
Answer<std::shared_ptr<const terminology::CodeSystem>> code_system_asked(
    const Request& request, const CheckedInput& input, std::string_view url,
    terminology::RecordLibrary& library);

// A Parameters resource, part by part.
class ParametersWriter {
public:
    ParametersWriter() {
        json_.begin_object().member("resourceType", "Parameters").key("parameter").begin_array();
    }
    void flag(std::string_view name, bool value) {
        json_.begin_object().member("name", name).member("valueBoolean", value).end_object();
    }
    // Left out where it is empty.
    void text(std::string_view name, std::string_view value,
              std::string_view type = "valueString") {
        if (value.empty()) return;
        json_.begin_object().member("name", name).member(type, value).end_object();
    }
    JsonWriter& begin(std::string_view name) {
        return json_.begin_object().member("name", name).key("part").begin_array();
    }
    void end() { json_.end_array().end_object(); }
    Response response() {
        json_.end_array().end_object();
        return {.status = 200,
                .body = std::move(text_),
                .version = {},
                .last_modified = {},
                .location = {}};
    }

private:
    std::string text_;
    JsonWriter json_{text_};
};

}  // namespace vigil::fhir
