#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "fhir/validation/profile.hpp"

namespace vigil::fhir {
namespace {

constexpr std::size_t elements_max = 20'000;  // of one profile
constexpr std::size_t path_depth_max = 50;

BindingStrength strength_of(std::string_view text) {
    if (text == "required") return BindingStrength::required;
    if (text == "extensible") return BindingStrength::extensible;
    if (text == "preferred") return BindingStrength::preferred;
    return BindingStrength::example;
}

std::vector<std::string_view> split_path(std::string_view path) {
    std::vector<std::string_view> segments;
    while (true) {
        const auto dot = path.find('.');
        segments.push_back(path.substr(0, dot));
        if (dot == std::string_view::npos || segments.size() > path_depth_max) return segments;
        path.remove_prefix(dot + 1);
    }
}

std::vector<std::string> strings(JsonValue list) {
    std::vector<std::string> found;
    for (const auto item : list) found.emplace_back(item.string());
    return found;
}

ProfileElement& named(std::vector<ProfileElement>& list, std::string_view name) {
    const auto found = std::ranges::find(list, name, &ProfileElement::name);
    if (found != list.end()) return *found;
    auto& added = list.emplace_back();
    added.name = name;
    added.beside_name = "_" + added.name;
    return added;
}

// "component:Systolic": the element, then its slice. "value[x]" is the element value.
ProfileElement& descend(ProfileElement& from, std::string_view segment) {
    const auto colon = segment.find(':');
    auto name = segment.substr(0, colon);
    if (name.ends_with("[x]")) name.remove_suffix(3);
    auto& child = named(from.children, name);
    if (colon == std::string_view::npos) return child;
    return named(child.slices, segment.substr(colon + 1));
}

// "code.coding.value", "value.ofType(Quantity)", "extension('http://…').value", "$this".
std::vector<std::string> steps_of(std::string_view path) {
    std::vector<std::string> steps;
    std::string step;
    int brackets = 0;
    for (const auto c : path) {
        brackets += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (c == '.' && brackets == 0) {
            steps.push_back(std::move(step));
            step.clear();
        } else {
            step += c;
        }
    }
    steps.push_back(std::move(step));
    std::erase(steps, "$this");
    std::erase(steps, "");
    return steps;
}

Discriminator discriminator_of(JsonValue json) {
    Discriminator made;
    const auto type = json["type"].string();
    if (type == "exists") made.kind = Discriminator::Kind::exists;
    if (type == "type") made.kind = Discriminator::Kind::type;
    if (type == "profile") made.kind = Discriminator::Kind::profile;
    made.steps = steps_of(json["path"].string());
    return made;
}

void read_slicing(JsonValue slicing, ProfileElement& element) {
    if (!slicing) return;
    element.is_closed = slicing["rules"].string() == "closed";
    if (!slicing["discriminator"]) return;
    element.discriminators.clear();
    for (const auto json : slicing["discriminator"])
        element.discriminators.push_back(discriminator_of(json));
}

void read_types(JsonValue types, ProfileElement& element) {
    if (!types) return;
    element.types.clear();
    for (const auto type : types)
        element.types.push_back({.code = std::string(type["code"].string()),
                                 .profiles = strings(type["profile"]),
                                 .targets = strings(type["targetProfile"])});
}

void read_cardinality(JsonValue json, ProfileElement& element) {
    if (const auto min = json["min"].integer(); min && *min >= 0)
        element.min = static_cast<std::uint32_t>(std::min<std::int64_t>(*min, Element::unbounded));
    const auto max = json["max"].string();
    if (max.empty()) return;
    std::uint32_t number = Element::unbounded;
    if (max != "*") std::from_chars(max.data(), max.data() + max.size(), number);
    element.max = number;
}

Result<void> read_constraints(JsonValue constraints, const std::vector<const Constraint*>& known,
                              ProfileElement& element) {
    for (const auto json : constraints) {
        const auto key = json["key"].string(), text = json["expression"].string();
        const bool is_known =
            std::ranges::any_of(known, [key](const auto* c) { return c->key == key; }) ||
            std::ranges::any_of(element.constraints, [key](const auto& c) { return c.key == key; });
        // Those of the base specification are checked with it; some others have XPath only.
        if (is_known || text.empty() || key == "ele-1" || key == "ext-1") continue;
        VIGIL_TRY(expression, path::Expression::parse(text));
        element.constraints.push_back({.key = std::string(key),
                                       .human = std::string(json["human"].string()),
                                       .is_error = json["severity"].string() != "warning",
                                       .expression = std::move(expression)});
    }
    return {};
}

// fixed[x], pattern[x]
void read_values(JsonValue json, ProfileElement& element) {
    for (auto at = json.begin(); at != json.end(); ++at) {
        if (at.key().starts_with("fixed")) element.fixed = *at;
        if (at.key().starts_with("pattern")) element.pattern = *at;
    }
}

// The rules that the base specification has at the place: "Observation.component.code".
std::vector<const Constraint*> known_constraints(std::string_view path,
                                                 const Definitions& definitions) {
    const auto segments = split_path(path);
    const auto* type = definitions.type(segments.front());
    if (type == nullptr) return {};
    auto known = type->constraints;
    for (std::size_t i = 1; i < segments.size() && type != nullptr; ++i) {
        auto name = segments[i];
        if (name.ends_with("[x]")) name.remove_suffix(3);
        const auto* element = type->element(name);
        if (element == nullptr) return {};
        type = element->types.size() == 1 ? element->types.front().type : nullptr;
        known = element->constraints;
        if (type != nullptr)
            known.insert(known.end(), type->constraints.begin(), type->constraints.end());
    }
    return known;
}

Result<void> read_element(JsonValue json, ProfileElement& root, const Definitions& definitions) {
    auto id = json["id"].string();
    const auto path = json["path"].string();
    std::string made_id;
    if (id.empty()) {
        made_id = path;
        if (const auto slice = json["sliceName"].string(); !slice.empty())
            made_id.append(":").append(slice);
        id = made_id;
    }
    auto segments = split_path(id);
    if (segments.size() > path_depth_max)
        return fail(Error::Kind::too_large, "a path of the profile is too deep", std::string(path));
    auto* element = &root;
    for (std::size_t i = 1; i < segments.size(); ++i) element = &descend(*element, segments[i]);
    if (element != &root) read_cardinality(json, *element);
    if (element != &root) read_types(json["type"], *element);
    read_values(json, *element);
    read_slicing(json["slicing"], *element);
    if (const auto binding = json["binding"]; binding["valueSet"]) {
        element->binding = strength_of(binding["strength"].string());
        const auto url = binding["valueSet"].string();
        element->value_set = url.substr(0, url.find('|'));
    }
    return read_constraints(json["constraint"], known_constraints(path, definitions), *element);
}

}  // namespace

const ProfileElement* ProfileElement::child(std::string_view element_name) const {
    const auto found = std::ranges::find(children, element_name, &ProfileElement::name);
    return found == children.end() ? nullptr : &*found;
}

Result<std::shared_ptr<const ProfileSource>> read_profile_source(std::string text) {
    auto source = std::make_shared<ProfileSource>();
    source->text = std::move(text);
    VIGIL_TRY(root, source->document.parse(source->text));
    if (root["resourceType"].string().empty())
        return fail(Error::Kind::malformed, "this is no FHIR resource: it has no resourceType");
    source->root = root;
    return source;
}

Result<Profile> read_profile(std::shared_ptr<const ProfileSource> source, const Profile* base,
                             const Definitions& definitions) {
    const auto json = source->root;
    Profile profile;
    profile.url = json["url"].string();
    profile.name = json["name"].string();
    profile.type = definitions.type(json["type"].string());
    profile.base = base;
    if (profile.type == nullptr)
        return fail(Error::Kind::unsupported,
                    fmt::format("profile {} is of a type that FHIR R4 has not", profile.url));
    if (base != nullptr) profile.root = base->root;
    const auto& use = base == nullptr && json["snapshot"] ? json["snapshot"] : json["differential"];
    if (use["element"].size() > elements_max)
        return fail(Error::Kind::too_large, fmt::format("profile {} is too large", profile.url));
    for (const auto element : use["element"])
        VIGIL_CHECK(read_element(element, profile.root, definitions));
    profile.root.name = profile.type->name;
    profile.source = std::move(source);
    return profile;
}

}  // namespace vigil::fhir
