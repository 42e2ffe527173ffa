// $fhirpath: evaluates an expression, with Parameters in and out as the FHIRPath Lab asks its
// engines (https://fhirpath-lab.com: expression, context, resource, variables).
#include <fmt/format.h>

#include "fhir/operation/operations.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/search/row_writer.hpp"

namespace vigil::fhir {
namespace {

JsonValue parameter(JsonValue parameters, std::string_view name) {
    for (const auto one : parameters["parameter"])
        if (one["name"].string() == name) return one;
    return {};
}

std::string capitalised(std::string_view name) {
    std::string out(name);
    if (!out.empty() && out.front() >= 'a' && out.front() <= 'z')
        out.front() = static_cast<char>(out.front() - 'a' + 'A');
    return out;
}

struct SystemType {
    std::string_view operator()(bool) const { return "boolean"; }
    std::string_view operator()(std::int64_t) const { return "integer"; }
    std::string_view operator()(const Decimal&) const { return "decimal"; }
    std::string_view operator()(const std::string&) const { return "string"; }
    std::string_view operator()(const path::DateText&) const { return "date"; }
    std::string_view operator()(const path::DateTimeText&) const { return "dateTime"; }
    std::string_view operator()(const path::TimeText&) const { return "time"; }
    std::string_view operator()(const path::Quantity&) const { return "Quantity"; }
    std::string_view operator()(const path::TypeInfo&) const { return "string"; }
};

void write_system_value(JsonWriter& json, const path::Item& item) {
    const auto& value = *item.system_value();
    const auto type = std::visit(SystemType{}, value);
    json.begin_object().member("name", type).key("value" + capitalised(type));
    if (const auto* quantity = std::get_if<path::Quantity>(&value))
        json.begin_object()
            .member("value", quantity->value)
            .member("unit", quantity->unit)
            .end_object();
    else if (type == "boolean" || type == "integer" || type == "decimal")
        json.verbatim(primitive_text(item));
    else
        json.text(primitive_text(item));
    json.end_object();
}

// What a Parameters can hold as a value is one; a backbone element is shown as its JSON.
void write_item(JsonWriter& json, const path::Item& item) {
    constexpr std::string_view json_value =
        "http://fhir.forms-lab.com/StructureDefinition/json-value";
    if (!item.is_element()) return write_system_value(json, item);
    const auto& type = *item.type();
    json.begin_object().member("name", type.name);
    if (type.kind == TypeKind::resource) {
        json.key("resource");
        write_json(json, item.json());
    } else if (type.kind == TypeKind::part) {
        std::string text;
        JsonWriter written(text);
        write_json(written, item.json());
        json.key("extension")
            .begin_array()
            .begin_object()
            .member("url", json_value)
            .member("valueString", text)
            .end_object()
            .end_array();
    } else if (item.json()) {
        json.key("value" + capitalised(type.name));
        write_json(json, item.json());
    }
    json.end_object();
}

}  // namespace

Answer<Response> answer_fhirpath(const Request& request, ViewReader& reader,
                                 const RestContext& context) {
    static_cast<void>(reader);
    FHIR_TRY(sent, Resource::parse(request.body));
    const auto text = parameter(sent.json(), "expression")["valueString"].string();
    const auto resource = parameter(sent.json(), "resource")["resource"];
    if (text.empty() || !resource)
        return refuse(400, "required", "$fhirpath takes Parameters with expression and resource",
                      "Parameters.parameter");
    const auto* type = context.definitions.type(resource["resourceType"].string());
    if (type == nullptr || type->kind != TypeKind::resource)
        return refuse(400, "value", "the resource is of no type of FHIR R4",
                      "Parameters.parameter.resource");
    FHIR_TRY(expression, path::Expression::parse(text));
    const path::Item root(*type, resource);
    std::vector<std::pair<std::string, path::Collection>> traced;
    path::Environment environment;
    environment.definitions = &context.definitions;
    environment.now = context.now();
    environment.resource = environment.root_resource = root;
    environment.trace = [&](std::string_view name, const path::Collection& items) {
        traced.emplace_back(name, items);
    };
    path::Collection contexts{root};
    const auto context_text = parameter(sent.json(), "context")["valueString"].string();
    if (!context_text.empty()) {
        FHIR_TRY(where, path::Expression::parse(context_text));
        FHIR_TRY(found, where.evaluate(root, environment));
        contexts = std::move(found);
    }
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("resourceType", "Parameters").member("id", "fhirpath");
    json.key("parameter").begin_array();
    json.begin_object().member("name", "parameters").key("part").begin_array();
    json.begin_object()
        .member("name", "evaluator")
        .member("valueString", "Vigil (R4)")
        .end_object();
    json.begin_object().member("name", "expression").member("valueString", text).end_object();
    if (!context_text.empty())
        json.begin_object()
            .member("name", "context")
            .member("valueString", context_text)
            .end_object();
    json.end_array().end_object();
    for (std::size_t i = 0; i < contexts.size(); ++i) {
        traced.clear();
        FHIR_TRY(found, expression.evaluate(contexts[i], environment));
        json.begin_object().member("name", "result");
        if (!context_text.empty())
            json.member("valueString", fmt::format("{}[{}]", context_text, i));
        json.key("part").begin_array();
        for (const auto& item : found) write_item(json, item);
        for (const auto& [name, items] : traced) {
            json.begin_object().member("name", "trace").member("valueString", name);
            json.key("part").begin_array();
            for (const auto& item : items) write_item(json, item);
            json.end_array().end_object();
        }
        json.end_array().end_object();
    }
    json.end_array().end_object();
    return Response{
        .status = 200, .body = std::move(body), .version = {}, .last_modified = {}, .location = {}};
}

}  // namespace vigil::fhir
