#include "fhir/search/parameter_definition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "fhir/resource/resource.hpp"

namespace vigil::fhir {
namespace {

constexpr std::size_t code_length_max = 64;

std::optional<SearchType> search_type(std::string_view text) {
    constexpr std::array names = {"number",    "date",      "string",   "token",
                                  "reference", "composite", "quantity", "uri"};
    const auto found = std::ranges::find(names, text);
    if (found == names.end()) return std::nullopt;
    return static_cast<SearchType>(found - names.begin());
}

// Requests give a meaning to : . $ | and commas, and to a leading underscore.
bool is_code(std::string_view text) {
    const bool plain = std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    });
    return plain && !text.empty() && text.front() != '_' && text.size() <= code_length_max;
}

bool is_general(std::string_view base) {
    return base == "Resource" || base == "DomainResource";
}

class DefinitionReader {
public:
    DefinitionReader(JsonValue json, const SearchParameters& parameters)
        : json_(json), parameters_(parameters), definitions_(parameters.definitions()) {}

    void read() {
        out_.url = json_["url"].string();
        out_.description = json_["description"].string();
        out_.expression = json_["expression"].string();
        out_.multiple_or = json_["multipleOr"].text() != "false";
        out_.multiple_and = json_["multipleAnd"].text() != "false";
        read_code();
        read_type();
        read_bases();
        for (const auto target : json_["target"]) {
            if (!definitions_.is_resource_type(target.string()))
                problem("value", "target",
                        fmt::format("there is no resource type {}", target.string().substr(0, 64)));
            out_.targets.emplace_back(target.string());
        }
        read_components();
        if (issues_.empty()) check_expression();
    }
    std::vector<Issue> take_issues() { return std::move(issues_); }
    SearchParameter take() { return std::move(out_); }

private:
    void problem(std::string_view code, std::string_view element, std::string diagnostics) {
        issues_.push_back({.severity = Severity::error,
                           .code = code,
                           .diagnostics = std::move(diagnostics),
                           .expression = fmt::format("SearchParameter.{}", element)});
    }

    void read_code() {
        out_.code = json_["code"].string();
        if (!is_code(out_.code))
            problem("value", "code",
                    fmt::format("the code of a parameter is 1 to {} letters, digits, - and _, and "
                                "begins with no _",
                                code_length_max));
    }

    void read_type() {
        const auto type = search_type(json_["type"].string());
        if (!type)
            return problem("not-supported", "type",
                           "a parameter is a number, date, string, token, reference, composite, "
                           "quantity or uri");
        out_.type = *type;
        if (out_.expression.empty())
            problem("required", "expression", "the expression says what is found");
    }

    void read_bases() {
        for (const auto base : json_["base"]) {
            const auto name = base.string();
            const bool known = definitions_.is_resource_type(name) || is_general(name);
            if (!known)
                problem("value", "base",
                        fmt::format("there is no resource type {}", name.substr(0, 64)));
            if (known && !issues_of_code(name)) out_.bases.emplace_back(name);
        }
        if (json_["base"].size() == 0)
            problem("required", "base", "the base says which types it is of");
    }

    // A standard parameter's code stays its own.
    bool issues_of_code(std::string_view base) {
        for (const auto* type : definitions_.resource_types()) {
            const bool concerned = type->is_or_derives_from(base);
            if (!concerned || definitions_.search_parameter(type->name, out_.code) == nullptr)
                continue;
            problem("duplicate", "code",
                    fmt::format("{} has a standard parameter {}: choose another code", type->name,
                                out_.code));
            return true;
        }
        return false;
    }

    void read_components() {
        const auto components = json_["component"];
        if (out_.type != SearchType::composite) return;
        if (components.size() < 2)
            problem("required", "component", "a composite has two components or more");
        for (const auto component : components) {
            const auto url = component["definition"].string();
            const auto* meant = parameters_.by_url(url);
            if (meant == nullptr || meant->type == SearchType::composite ||
                meant->type == SearchType::special)
                problem("not-found", "component.definition",
                        fmt::format("this server has no parameter {} for a component to be like",
                                    url.substr(0, 200)));
            if (auto parsed = path::Expression::parse(component["expression"].string()); !parsed)
                problem("value", "component.expression", in_words(parsed.error()));
            out_.components.push_back(
                {std::string(url), std::string(component["expression"].string())});
        }
    }

    static std::string in_words(const Error& error) {
        return error.place.empty() ? error.message
                                   : fmt::format("{} ({})", error.message, error.place);
    }

    // Of each type that it concerns: it parses, and gives nothing for a resource without anything.
    void check_expression() {
        for (const auto& base : out_.bases) {
            const auto type = is_general(base) ? std::string_view("Basic") : std::string_view(base);
            const auto own = expression_for(type, out_.expression, definitions_);
            if (own.empty())
                return problem("value", "expression",
                               fmt::format("the expression says nothing of {}", base));
            const auto parsed = path::Expression::parse(own);
            if (!parsed) return problem("value", "expression", in_words(parsed.error()));
            const auto empty = Resource::parse(fmt::format(R"({{"resourceType":"{}"}})", type));
            const auto* known = definitions_.type(type);
            if (!empty || known == nullptr) continue;
            const path::Item item(*known, empty->json());
            path::Environment environment;
            environment.definitions = &definitions_;
            environment.resource = environment.root_resource = item;
            if (const auto found = parsed->evaluate(item, environment); !found)
                return problem("value", "expression", in_words(found.error()));
        }
    }

    JsonValue json_;
    const SearchParameters& parameters_;
    const Definitions& definitions_;
    SearchParameter out_;
    std::vector<Issue> issues_;
};

// HL7's own definition, that somebody keeps here too.
bool is_standard(JsonValue json, const Definitions& definitions) {
    const auto* standard = definitions.search_parameter_by_url(json["url"].string());
    return standard != nullptr && standard->code == json["code"].string();
}

}  // namespace

bool is_in_force(JsonValue search_parameter) {
    const auto status = search_parameter["status"].string();
    return status == "active" || status == "draft";
}

std::vector<Issue> definition_issues(JsonValue search_parameter,
                                     const SearchParameters& parameters) {
    if (!is_in_force(search_parameter) || is_standard(search_parameter, parameters.definitions()))
        return {};
    DefinitionReader reader(search_parameter, parameters);
    reader.read();
    return reader.take_issues();
}

std::optional<SearchParameter> definition_of(JsonValue search_parameter,
                                             const SearchParameters& parameters) {
    if (!is_in_force(search_parameter) || is_standard(search_parameter, parameters.definitions()))
        return std::nullopt;
    DefinitionReader reader(search_parameter, parameters);
    reader.read();
    if (!reader.take_issues().empty()) return std::nullopt;
    return reader.take();
}

}  // namespace vigil::fhir
