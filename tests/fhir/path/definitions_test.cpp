// Every expression that FHIR R4 defines: search parameters and constraints, on the examples of the
// specification.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>

#include "fhir/path/resources.hpp"

namespace vigil::fhir::path {
namespace {

namespace fs = std::filesystem;

struct Example {
    std::string name, text;
};

std::vector<Example> examples() {
    const fs::path folder = VIGIL_SHARED_DIR "/data/fhir/examples-r4";
    std::vector<Example> out;
    if (!fs::exists(folder)) return out;
    for (const auto& entry : fs::directory_iterator(folder)) {
        std::ostringstream text;
        text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
        out.push_back({entry.path().stem().string(), text.str()});
    }
    std::ranges::sort(out, {}, &Example::name);
    return out;
}

// A reference leads to a resource of which only the type is known, as when it is indexed.
std::optional<Item> by_type(std::string_view reference) {
    const auto* type = definitions().type(reference.substr(0, reference.find('/')));
    if (type == nullptr || type->kind != TypeKind::resource) return std::nullopt;
    return Item(*type, {});
}

class Expressions {
public:
    const Expression& of(std::string_view text) {
        const auto found = parsed_.find(text);
        if (found != parsed_.end()) return found->second;
        auto expression = Expression::parse(text);
        if (!expression) throw std::runtime_error(expression.error().message);
        return parsed_.emplace(text, std::move(*expression)).first->second;
    }

private:
    std::map<std::string, Expression, std::less<>> parsed_;
};

TEST(DefinedExpressions, of_search_parameters_parse) {
    for (const auto& parameter : definitions().search_parameters()) {
        for (const auto& component : parameter.components) {
            const auto part = Expression::parse(component.expression);
            EXPECT_TRUE(part) << component.expression << ": " << part.error().message;
        }
        if (parameter.expression.empty()) continue;
        const auto parsed = Expression::parse(parameter.expression);
        EXPECT_TRUE(parsed) << parameter.code << " " << parameter.expression << ": "
                            << parsed.error().message << " " << parsed.error().place;
    }
}

TEST(DefinedExpressions, of_search_parameters_evaluate_on_the_examples) {
    const auto files = examples();
    if (files.empty()) GTEST_SKIP() << "no shared/data/fhir/examples-r4";
    Expressions expressions;
    std::set<std::string> used;
    for (const auto& file : files) {
        JsonDocument json;
        const auto root = json.parse(file.text);
        ASSERT_TRUE(root) << file.name;
        const auto* type = definitions().type((*root)["resourceType"].string());
        ASSERT_NE(type, nullptr) << file.name;
        const Item resource(*type, *root);
        const Environment environment{.definitions = &definitions(), .resolve = by_type};
        for (const auto* parameter : definitions().search_parameters(type->name)) {
            if (parameter->expression.empty()) continue;
            const auto found =
                expressions.of(parameter->expression).evaluate(resource, environment);
            EXPECT_TRUE(found) << file.name << " " << parameter->code << ": "
                               << found.error().message << " " << found.error().place;
            if (found && !found->empty()) used.insert(parameter->url);
        }
    }
    EXPECT_GT(used.size(), 700U) << "search parameters that find something in some example";
}

// What a constraint stands on, and the path to it, as a validator walks.
struct Walk {
    Expressions& expressions;
    const std::string& file;
    std::map<std::string, std::set<std::string>>& broken;  // key -> files
    Environment environment;
    std::size_t evaluated = 0;

    void check(const Constraint& constraint, const Item& item) {
        const auto held = expressions.of(constraint.expression).holds(item, environment);
        ++evaluated;
        ASSERT_TRUE(held) << file << " " << constraint.key << " " << constraint.expression << ": "
                          << held.error().message << " " << held.error().place;
        if (!*held && constraint.is_error) broken[std::string(constraint.key)].insert(file);
    }

    void element(const Item& item, const Element* element) {
        const auto outer = environment;
        if (item.type()->kind == TypeKind::resource) environment.resource = item;
        for (const auto* type = item.type(); type != nullptr; type = type->base)
            for (const auto* constraint : type->constraints) check(*constraint, item);
        if (element != nullptr)
            for (const auto* constraint : element->constraints) check(*constraint, item);
        const auto json = item.json();
        if (json.is(JsonKind::object))
            for (auto member = json.begin(); member != json.end(); ++member) {
                const auto property = item.type()->property(member.key());
                if (property.element == nullptr) continue;
                const auto one = [&](JsonValue value) {
                    const Type* type = property.use->type;
                    if (type->kind == TypeKind::resource)
                        type = definitions().type(value["resourceType"].string());
                    if (type != nullptr && !value.is(JsonKind::null))
                        this->element(Item(*type, value), property.element);
                };
                if ((*member).is(JsonKind::array))
                    for (const auto value : *member) one(value);
                else
                    one(*member);
            }
        environment = outer;
    }
};

// Examples that are wrong themselves, by the constraint that they break: their narrative holds only
// white space. (Both constraints are htmlChecks().)
const std::set<std::string> empty_narratives{"EventDefinition-example",
                                             "Questionnaire-zika-virus-exposure-assessment"};
const std::map<std::string, std::set<std::string>> known_as_wrong{{"txt-1", empty_narratives},
                                                                  {"txt-2", empty_narratives}};

TEST(DefinedExpressions, of_error_constraints_hold_on_the_examples) {
    const auto files = examples();
    if (files.empty()) GTEST_SKIP() << "no shared/data/fhir/examples-r4";
    Expressions expressions;
    std::map<std::string, std::set<std::string>> broken;
    std::size_t evaluated = 0;
    for (const auto& file : files) {
        JsonDocument json;
        const auto root = json.parse(file.text);
        ASSERT_TRUE(root) << file.name;
        const auto* type = definitions().type((*root)["resourceType"].string());
        const Item resource(*type, *root);
        Walk walk{
            expressions, file.name, broken,
            Environment{
                .definitions = &definitions(), .root_resource = resource, .resolve = by_type}};
        walk.element(resource, nullptr);
        evaluated += walk.evaluated;
    }
    EXPECT_EQ(broken, known_as_wrong);
    EXPECT_GT(evaluated, 50'000U);
}

}  // namespace
}  // namespace vigil::fhir::path
