#include "fhir/rest/fhirpath_patch.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fhir/path/expression.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/rest/json_tree.hpp"

namespace vigil::fhir {
namespace {

constexpr std::size_t operations_max = 100;
constexpr std::size_t part_depth_max = 16;

JsonValue part(JsonValue operation, std::string_view name) {
    for (const auto one : operation["part"])
        if (one["name"].string() == name) return one;
    return {};
}

// value[x] of a parameter, and what its name says of the type: "Boolean".
struct Value {
    JsonTree tree;
    std::string type;
};

std::optional<Value> value_of(JsonValue parameter, std::size_t depth = 0) {
    constexpr std::string_view prefix = "value";
    for (auto member = parameter.begin(); member != parameter.end(); ++member)
        if (member.key().starts_with(prefix) && member.key().size() > prefix.size())
            return Value{JsonTree(*member), std::string(member.key().substr(prefix.size()))};
    if (const auto resource = parameter["resource"]) return Value{JsonTree(resource), {}};
    // A type without a name of its own is written as its parts.
    if (!parameter["part"] || depth > part_depth_max) return std::nullopt;
    Value whole;
    whole.tree.kind = JsonKind::object;
    for (const auto one : parameter["part"]) {
        auto value = value_of(one, depth + 1);
        if (!value) return std::nullopt;
        whole.tree.members.emplace_back(one["name"].string(), std::move(value->tree));
    }
    return whole;
}

// One operation on the resource as those before left it.
class PatchOperation {
public:
    PatchOperation(std::string text, std::size_t number, const RestContext& context)
        : text_(std::move(text)), number_(number), context_(context) {}

    Answer<std::string> apply(JsonValue operation) {
        FHIR_TRY(resource, Resource::parse(text_));
        resource_ = std::move(resource);
        tree_ = JsonTree(resource_->json());
        const auto type = part(operation, "type")["valueCode"].string();
        const auto path = part(operation, "path")["valueString"].string();
        FHIR_TRY(places, places_of(path));
        places_ = std::move(places);
        if (type == "delete" && places_.empty()) return text_;
        if (places_.empty()) return wrong(fmt::format("{} leads nowhere", path));
        if (type == "add")
            FHIR_CHECK(add(operation));
        else if (type == "insert")
            FHIR_CHECK(insert(operation));
        else if (type == "replace")
            FHIR_CHECK(replace(operation));
        else if (type == "move")
            FHIR_CHECK(move(operation));
        else if (type == "delete")
            FHIR_CHECK(remove());
        else
            return refuse(400, "value",
                          fmt::format("operation {}: type is add, insert, delete, "
                                      "replace or move",
                                      number_ + 1));
        drop_empty_arrays(tree_);
        return to_text(tree_);
    }

private:
    struct Place {
        TreePath path;
        const Type* type = nullptr;
    };

    tl::unexpected<Problem> wrong(std::string_view what) const {
        return refuse(422, "processing", fmt::format("operation {}: {}", number_ + 1, what));
    }

    Answer<std::vector<Place>> places_of(std::string_view path) {
        FHIR_TRY(expression, path::Expression::parse(path));
        const auto* type = context_.definitions.type(resource_->type());
        if (type == nullptr) return wrong("the resource is of no type of FHIR R4");
        const path::Item root(*type, resource_->json());
        path::Environment environment;
        environment.definitions = &context_.definitions;
        environment.now = context_.now();
        environment.resource = environment.root_resource = root;
        FHIR_TRY(found, expression.evaluate(root, environment));
        std::vector<Place> places;
        for (const auto& item : found) {
            if (!item.is_element() || !item.json())
                return wrong(fmt::format("{} is no element of the resource", path));
            auto place = read_pointer(item.json().pointer());
            if (!place) return wrong(fmt::format("{} is no element of the resource", path));
            places.push_back({std::move(*place), item.type()});
        }
        return places;
    }

    Answer<Value> value(JsonValue operation) const {
        auto value = value_of(part(operation, "value"));
        if (!value) return wrong("value is missing");
        return std::move(*value);
    }

    Answer<void> only_one() const {
        if (places_.size() == 1) return {};
        return wrong("the path leads to more than one element");
    }

    Answer<std::size_t> index(JsonValue operation, std::string_view name) const {
        const auto number = part(operation, name)["valueInteger"].integer();
        if (!number || *number < 0) return wrong(fmt::format("{} is a number from 0", name));
        return static_cast<std::size_t>(*number);
    }

    // The array that all places are elements of.
    Answer<JsonTree*> list() {
        auto path = places_.front().path;
        if (path.empty()) return wrong("the path leads to no list");
        path.pop_back();
        auto* array = find(tree_, path, path.size());
        if (array == nullptr || array->kind != JsonKind::array)
            return wrong("the path leads to no list");
        return array;
    }

    Answer<void> add(JsonValue operation) {
        FHIR_CHECK(only_one());
        FHIR_TRY(added, value(operation));
        const auto name = part(operation, "name")["valueString"].string();
        const auto& place = places_.front();
        const auto* element = place.type != nullptr ? place.type->element(name) : nullptr;
        if (element == nullptr) return wrong(fmt::format("there is no {} there", name));
        auto path = place.path;
        path.emplace_back(element->is_choice ? std::string(name) + added.type : std::string(name));
        auto* known = find(tree_, path, path.size());
        if (element->max > 1) {
            if (known == nullptr) {
                JsonTree array;
                array.kind = JsonKind::array;
                fhir::add(tree_, path, std::move(array));
                known = find(tree_, path, path.size());
            }
            if (known == nullptr || known->kind != JsonKind::array)
                return wrong(fmt::format("{} cannot be added to", name));
            known->elements.push_back(std::move(added.tree));
            return {};
        }
        if (known != nullptr) return wrong(fmt::format("{} is there already: replace it", name));
        if (!fhir::add(tree_, path, std::move(added.tree)))
            return wrong(fmt::format("{} cannot be added there", name));
        return {};
    }

    Answer<void> insert(JsonValue operation) {
        FHIR_TRY(at, index(operation, "index"));
        FHIR_TRY(inserted, value(operation));
        FHIR_TRY(array, list());
        if (at > array->elements.size()) return wrong("index is beyond the end");
        array->elements.insert(array->elements.begin() + static_cast<std::ptrdiff_t>(at),
                               std::move(inserted.tree));
        return {};
    }

    Answer<void> replace(JsonValue operation) {
        FHIR_CHECK(only_one());
        FHIR_TRY(other, value(operation));
        auto* target = find(tree_, places_.front().path, places_.front().path.size());
        if (target == nullptr) return wrong("there is nothing to replace");
        *target = std::move(other.tree);
        return {};
    }

    Answer<void> move(JsonValue operation) {
        FHIR_TRY(from, index(operation, "source"));
        FHIR_TRY(to, index(operation, "destination"));
        FHIR_TRY(array, list());
        auto& elements = array->elements;
        if (from >= elements.size() || to >= elements.size())
            return wrong("source or destination is beyond the end");
        auto moved = std::move(elements[from]);
        elements.erase(elements.begin() + static_cast<std::ptrdiff_t>(from));
        elements.insert(elements.begin() + static_cast<std::ptrdiff_t>(to), std::move(moved));
        return {};
    }

    Answer<void> remove() {
        FHIR_CHECK(only_one());
        if (!fhir::remove(tree_, places_.front().path)) return wrong("the resource itself stays");
        return {};
    }

    std::string text_;
    std::size_t number_;
    const RestContext& context_;
    std::optional<Resource> resource_;
    JsonTree tree_;
    std::vector<Place> places_;
};

}  // namespace

Answer<std::string> fhirpath_patch(JsonValue resource, std::string_view patch,
                                   const RestContext& context) {
    FHIR_TRY(sent, Resource::parse(std::string(patch)));
    if (sent.type() != "Parameters")
        return refuse(400, "structure",
                      "a patch is a JSON Patch (application/json-patch+json) or a Parameters");
    const auto operations = sent.json()["parameter"];
    if (operations.size() > operations_max)
        return refuse(413, "too-long", fmt::format("more than {} operations", operations_max));
    auto text = to_text(JsonTree(resource));
    std::size_t number = 0;
    for (const auto operation : operations) {
        if (operation["name"].string() != "operation")
            return refuse(400, "value", "each parameter of the patch is named operation",
                          fmt::format("Parameters.parameter[{}]", number));
        FHIR_TRY(next, PatchOperation(std::move(text), number, context).apply(operation));
        text = std::move(next);
        ++number;
    }
    return text;
}

}  // namespace vigil::fhir
