#include "fhir/validation/slicing.hpp"

#include <algorithm>
#include <array>

#include "fhir/path/navigation.hpp"
#include "fhir/validation/pattern.hpp"
#include "fhir/validation/reference.hpp"

namespace vigil::fhir {
namespace {

using Rules = std::vector<const ProfileElement*>;

std::string_view argument(std::string_view step, std::string_view function) {
    if (!step.starts_with(function) || !step.ends_with(')')) return {};
    step.remove_prefix(function.size());
    step.remove_suffix(1);
    if (step.size() >= 2 && (step.front() == '\'' || step.front() == '"'))
        step = step.substr(1, step.size() - 2);
    return step;
}

// Follows a discriminator's path in an element and, in step, in the rules that the slice has for
// it.
class Follower {
public:
    Follower(const Discriminator& discriminator, const SliceContext& context)
        : discriminator_(discriminator), context_(context) {}

    bool matches(const path::Item& item, const ProfileElement& slice) {
        return follow(item, {&slice}, 0, false);
    }

private:
    using Kind = Discriminator::Kind;

    // `is_constrained`: a rule on the way has already said what the value is.
    bool follow(const path::Item& item, const Rules& rules, std::size_t at, bool is_constrained) {
        if (discriminator_.kind == Kind::value) {
            for (const auto* rule : rules) {
                if (!fits(item, *rule)) return false;
                is_constrained = is_constrained || rule->fixed || rule->pattern;
            }
        }
        if (at == discriminator_.steps.size()) return arrived(item, rules, is_constrained);
        const std::string_view step = discriminator_.steps[at];
        if (step == "resolve()") return resolved(item, rules, at);
        if (const auto type = argument(step, "ofType("); !type.empty())
            return item.type()->is_or_derives_from(type) &&
                   follow(item, rules, at + 1, is_constrained);
        if (const auto url = argument(step, "extension("); !url.empty())
            return in_extension(item, rules, url, at);
        return in_member(item, rules, step, at, is_constrained);
    }

    static bool fits(const path::Item& item, const ProfileElement& rule) {
        if (rule.fixed && !matches_fixed(item.json(), rule.fixed)) return false;
        return !rule.pattern || matches_pattern(item.json(), rule.pattern);
    }

    bool arrived(const path::Item& item, const Rules& rules, bool is_constrained) {
        switch (discriminator_.kind) {
            case Kind::value:
                for (const auto* rule : rules) {
                    if (const auto bound = in_value_set(item, *rule)) {
                        if (!*bound) return false;
                        is_constrained = true;
                    }
                    if (!parts_fit(item, *rule, is_constrained)) return false;
                }
                return is_constrained;
            case Kind::exists:
                return true;
            case Kind::type:
                return std::ranges::all_of(rules, [&item](const ProfileElement* rule) {
                    return rule->types.empty() || has_type(item, rule->types);
                });
            case Kind::profile:
                return claims_profile(item, rules);
        }
        return false;
    }

    // Of $this, a rule may fix the parts: coding with a system and a code.
    bool parts_fit(const path::Item& item, const ProfileElement& rule, bool& is_constrained) {
        for (const auto& child : rule.children) {
            if (!child.fixed && !child.pattern && child.children.empty()) continue;
            const auto parts = members(item, child, context_.profiles.definitions());
            if (parts.empty() && child.min.value_or(0) > 0) return false;
            for (const auto& part : parts) {
                if (!fits(part, child) || !parts_fit(part, child, is_constrained)) return false;
                is_constrained = is_constrained || child.fixed || child.pattern;
            }
        }
        return true;
    }

    std::optional<bool> in_value_set(const path::Item& item, const ProfileElement& rule) const {
        if (rule.binding != BindingStrength::required) return std::nullopt;
        const auto* set = context_.profiles.value_set(rule.value_set);
        if (set == nullptr || item.type() == nullptr) return std::nullopt;
        const auto json = item.json();
        if (json.is(JsonKind::string)) return set->contains(json.text());
        const auto is_member = [set](JsonValue coding) {
            return set->contains(coding["system"].string(), coding["code"].string());
        };
        if (!json["coding"]) return is_member(json);
        for (const auto coding : json["coding"])
            if (is_member(coding)) return true;
        return false;
    }

    static bool claims_profile(const path::Item& item, const Rules& rules) {
        for (const auto profile : item.json()["meta"]["profile"])
            for (const auto* rule : rules)
                for (const auto& type : rule->types)
                    if (std::ranges::find(type.profiles, profile.string()) != type.profiles.end())
                        return true;
        return false;
    }

    bool in_member(const path::Item& item, const Rules& rules, std::string_view name,
                   std::size_t at, bool is_constrained) {
        ProfileElement named;
        named.name = name;
        named.beside_name = "_" + named.name;
        const auto parts = members(item, named, context_.profiles.definitions());
        const auto alternatives = rules_below(item, rules, name);
        if (discriminator_.kind == Kind::exists && at + 1 == discriminator_.steps.size())
            return exists_as_ruled(!parts.empty(), alternatives);
        if (alternatives.empty()) return url_of_extension(item, rules, name);
        return std::ranges::any_of(parts, [&](const path::Item& part) {
            return std::ranges::any_of(alternatives, [&](const Rules& below) {
                return follow(part, below, at + 1, is_constrained);
            });
        });
    }

    // The rules for the member `name`: of the element, and of each of its slices in turn.
    std::vector<Rules> rules_below(const path::Item& item, const Rules& rules,
                                   std::string_view name) const {
        Rules direct;
        std::vector<Rules> alternatives;
        for (const auto* rule : rules) {
            const auto* below = rule->child(name);
            if (below == nullptr) below = below_in_profile(item, *rule, name);
            if (below != nullptr) direct.push_back(below);
        }
        for (const auto* below : direct)
            for (const auto& slice : below->slices) {
                alternatives.push_back(direct);
                alternatives.back().push_back(&slice);
            }
        // An element that has parts in a slice is ruled by the slice.
        if (alternatives.empty() && !direct.empty()) alternatives.push_back(direct);
        return alternatives;
    }

    const ProfileElement* below_in_profile(const path::Item& item, const ProfileElement& rule,
                                           std::string_view name) const {
        for (const auto& type : rule.types)
            for (const auto& url : type.profiles)
                if (const auto* profile = context_.profiles.find(url))
                    if (item.type()->is_or_derives_from(profile->type->name))
                        return profile->root.child(name);
        return nullptr;
    }

    static bool exists_as_ruled(bool exists, const std::vector<Rules>& alternatives) {
        for (const auto& rules : alternatives)
            for (const auto* rule : rules) {
                if (rule->max == 0U) return !exists;
                if (rule->min.value_or(0) > 0) return exists;
            }
        return exists;
    }

    // An extension's url is the canonical of its definition, known or not.
    static bool url_of_extension(const path::Item& item, const Rules& rules,
                                 std::string_view name) {
        if (name != "url") return false;
        const auto url = item.json()["url"].string();
        return std::ranges::any_of(rules, [url](const ProfileElement* rule) {
            return std::ranges::any_of(rule->types, [url](const ProfileType& type) {
                return std::ranges::any_of(type.profiles, [url](std::string_view profile) {
                    return profile.substr(0, profile.find('|')) == url;
                });
            });
        });
    }

    bool in_extension(const path::Item& item, const Rules& rules, std::string_view url,
                      std::size_t at) {
        ProfileElement named;
        named.name = "extension";
        named.beside_name = "_extension";
        for (const auto& part : members(item, named, context_.profiles.definitions())) {
            if (part.json()["url"].string() != url) continue;
            for (const auto& below : rules_below(item, rules, "extension"))
                if (follow(part, below, at + 1, false)) return true;
        }
        return false;
    }

    // What a reference leads to is known by its type at least.
    bool resolved(const path::Item& item, const Rules& rules, std::size_t at) {
        const auto reference = item.json()["reference"].string();
        const auto found = context_.environment.resolve ? context_.environment.resolve(reference)
                                                        : std::optional<path::Item>();
        const auto& definitions = context_.profiles.definitions();
        const auto type = found ? found->type()->name : type_of_reference(reference, definitions);
        if (discriminator_.kind == Kind::value)
            return found && follow(*found, rules, at + 1, false);
        return std::ranges::all_of(rules, [&](const ProfileElement* rule) {
            return std::ranges::any_of(rule->types, [&](const ProfileType& allowed) {
                return std::ranges::any_of(allowed.targets, [&](const std::string& target) {
                    return context_.profiles.type_of(target) == type;
                });
            });
        });
    }

    const Discriminator& discriminator_;
    const SliceContext& context_;
};

// Without a discriminator, slices are by type: "valueQuantity" of value[x].
bool is_of_type_slice(const path::Item& item, const ProfileElement& slice,
                      std::string_view element_name) {
    if (!slice.types.empty()) return has_type(item, slice.types);
    const std::string_view name = slice.name;
    return name.starts_with(element_name) && item.type() != nullptr &&
           name.substr(element_name.size()).size() == item.type()->name.size() &&
           name.ends_with(item.type()->name.substr(1));
}

}  // namespace

bool is_of_slice(const path::Item& item, const ProfileElement& sliced, const ProfileElement& slice,
                 const SliceContext& context) {
    if (sliced.discriminators.empty()) return is_of_type_slice(item, slice, context.element_name);
    return std::ranges::all_of(sliced.discriminators, [&](const Discriminator& discriminator) {
        return Follower(discriminator, context).matches(item, slice);
    });
}

bool has_type(const path::Item& item, const std::vector<ProfileType>& types) {
    return std::ranges::any_of(types, [&item](const ProfileType& type) {
        if (item.type() == nullptr) return false;
        // Ids and urls are System types in definitions; parts derive from what their element says.
        return type.code.starts_with("http://") || item.type()->is_or_derives_from(type.code);
    });
}

path::Collection members(const path::Item& item, const ProfileElement& rule,
                         const Definitions& definitions) {
    path::Collection found;
    if (item.type() == nullptr || !item.json()) return found;
    if (item.type()->element(rule.name) != nullptr) {
        path::append_members(item, rule.name, rule.beside_name, &definitions, found);
        return found;
    }
    const auto property = item.type()->property(rule.name);
    if (property.element == nullptr) return found;
    const auto name = property.element->name;
    path::append_members(item, name, "_" + std::string(name), &definitions, found);
    std::erase_if(
        found, [&property](const path::Item& part) { return part.type() != property.use->type; });
    return found;
}

}  // namespace vigil::fhir
