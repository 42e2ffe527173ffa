#include "fhir/validation/profile_check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fhir/validation/binding.hpp"
#include "fhir/validation/pattern.hpp"
#include "fhir/validation/reference.hpp"
#include "fhir/validation/slicing.hpp"

namespace vigil::fhir {
namespace {

// A fixed or pattern value as an issue shows it.
std::string shown(JsonValue value) {
    if (value.is(JsonKind::object)) {
        std::string text;
        for (auto at = value.begin(); at != value.end(); ++at)
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", at.key(), shown(*at));
        return text;
    }
    if (value.is(JsonKind::array)) return value.size() == 0 ? std::string() : shown(value[0]);
    return in_quotes(value.text());
}

class ProfileCheck {
public:
    ProfileCheck(const Profile& profile, const Profiles& profiles,
                 const path::Environment& environment, Report& report)
        : profile_(profile), profiles_(profiles), environment_(environment), report_(report) {}

    // The rules for one element, and for what is in it.
    void element(const ProfileElement& rule, const path::Item& item, const Place& place) {
        if (report_.is_full()) return;
        if (!rule.types.empty() && !has_type(item, rule.types))
            return error("structure", place,
                         fmt::format("{} is of type {}: use {}", rule.name, item.type()->name,
                                     types(rule.types)));
        value(rule, item, place);
        if (item.type()->name == "Reference") target(rule, item, place);
        of_type(rule, item, place);
        if (rule.binding != BindingStrength::none && item.json())
            if (const auto* set = profiles_.value_set(rule.value_set))
                check_binding(item.json(), *item.type(), rule.binding, *set, place, report_);
        for (const auto& constraint : rule.constraints) invariant(constraint, item, place);
        for (const auto& child : rule.children)
            list(child, members(item, child, profiles_.definitions()), *item.type(), place);
    }

private:
    void error(std::string_view code, const Place& place, std::string_view words) {
        report_.error(code, place, fmt::format("{} (profile {})", words, profile_.url));
    }

    static std::string types(const std::vector<ProfileType>& types) {
        std::string text;
        for (const auto& type : types) text.append(text.empty() ? "" : " or ").append(type.code);
        return text;
    }

    void value(const ProfileElement& rule, const path::Item& item, const Place& place) {
        if (rule.fixed && !matches_fixed(item.json(), rule.fixed))
            error("value", place, fmt::format("{} must be {}", rule.name, shown(rule.fixed)));
        if (rule.pattern && !matches_pattern(item.json(), rule.pattern))
            error("value", place, fmt::format("{} must have {}", rule.name, shown(rule.pattern)));
    }

    // What a reference leads to, as far as it and the profile's targets are known.
    void target(const ProfileElement& rule, const path::Item& item, const Place& place) {
        const auto reference = item.json()["reference"].string();
        const auto found =
            environment_.resolve ? environment_.resolve(reference) : std::optional<path::Item>();
        const auto type =
            found ? found->type()->name : type_of_reference(reference, profiles_.definitions());
        if (type.empty()) return;
        std::string allowed;
        for (const auto& use : rule.types)
            for (const auto& canonical : use.targets) {
                const auto name = profiles_.type_of(canonical);
                if (name.empty() || name == "Resource" || name == type) return;
                allowed.append(allowed.empty() ? "" : ", ").append(name);
            }
        if (!allowed.empty())
            error("value", place,
                  fmt::format("a {} cannot be referred to here, only {}", type, allowed));
    }

    // The profile that the element's type is narrowed to. Those of extensions are found by their
    // url wherever they stand (walk.cpp); one of several would do, and which was meant is not
    // known.
    void of_type(const ProfileElement& rule, const path::Item& item, const Place& place) {
        if (item.type()->name == "Extension") return;
        for (const auto& type : rule.types)
            if (type.profiles.size() == 1 && item.type()->is_or_derives_from(type.code))
                if (const auto* profile = profiles_.find(type.profiles.front()))
                    ProfileCheck(*profile, profiles_, environment_, report_)
                        .element(profile->root, item, place);
    }

    void invariant(const ProfileConstraint& constraint, const path::Item& item,
                   const Place& place) {
        const auto holds = constraint.expression.holds(item, environment_);
        if (!holds)
            report_.add(
                Severity::information, "processing", place,
                fmt::format("{} could not be checked: {}", constraint.key, holds.error().message));
        else if (!*holds)
            report_.add(
                constraint.is_error ? Severity::error : Severity::warning, "invariant", place,
                fmt::format("{} ({}; profile {})", constraint.human, constraint.key, profile_.url));
    }

    // All elements of a name below `above`.
    void list(const ProfileElement& rule, const path::Collection& items, const Type& owner,
              const Place& above) {
        if (report_.is_full()) return;
        auto* element = owner.element(rule.name);
        const bool is_choice_name = element == nullptr;
        if (is_choice_name) element = owner.property(rule.name).element;
        if (element == nullptr) return;
        // What the base specification requires is reported once, by it.
        const bool is_base_min = !is_choice_name && rule.min.value_or(0) <= element->min;
        const Place place{&above, element->name};
        if (!is_base_min || !items.empty()) count(rule, rule.name, items.size(), place);
        std::vector<std::size_t> of_slice(rule.slices.size());
        const SliceContext context{profiles_, environment_, rule.name};
        for (std::size_t i = 0; i < items.size(); ++i) {
            const Place here{&above, element->name, element->max > 1 ? i : Place::no_index};
            this->element(rule, items[i], here);
            slice(rule, items[i], context, of_slice, here);
        }
        for (std::size_t i = 0; i < rule.slices.size(); ++i)
            count(rule.slices[i], fmt::format("{}:{}", rule.name, rule.slices[i].name), of_slice[i],
                  place);
    }

    void slice(const ProfileElement& rule, const path::Item& item, const SliceContext& context,
               std::vector<std::size_t>& counts, const Place& place) {
        for (std::size_t i = 0; i < rule.slices.size(); ++i) {
            if (!is_of_slice(item, rule, rule.slices[i], context)) continue;
            ++counts[i];
            return element(rule.slices[i], item, place);
        }
        if (rule.is_closed && !rule.slices.empty())
            error("structure", place,
                  fmt::format("{} is none of the slices that are allowed", rule.name));
    }

    void count(const ProfileElement& rule, std::string_view name, std::size_t count,
               const Place& place) {
        if (count < rule.min.value_or(0))
            error("required", place,
                  fmt::format("{} must be there{}: add it", name,
                              *rule.min == 1 ? "" : fmt::format(" {} times", *rule.min)));
        if (count > rule.max.value_or(Element::unbounded))
            error("structure", place,
                  *rule.max == 0 ? fmt::format("{} is not allowed: remove it", name)
                                 : fmt::format("{} may be there only {} time(s)", name, *rule.max));
    }

    const Profile& profile_;
    const Profiles& profiles_;
    const path::Environment& environment_;
    Report& report_;
};

}  // namespace

void check_profile(const Profile& profile, const path::Item& item, const Profiles& profiles,
                   const path::Environment& environment, const Place& place, Report& report) {
    ProfileCheck(profile, profiles, environment, report).element(profile.root, item, place);
}

}  // namespace vigil::fhir
