#pragma once
// Which interactions an access allows, type of resource by type. Knows no FHIR: types are names.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vigil::store {

struct Condition;  // records.hpp

// In the order of the letters of SMART App Launch 2 scopes ("cruds").
enum class Interaction : std::uint8_t { create, read, update, remove, search };

// A set of interactions, a bit each.
using Interactions = std::uint8_t;
constexpr Interactions bit(Interaction interaction) {
    return static_cast<Interactions>(1U << static_cast<unsigned>(interaction));
}
constexpr Interactions no_interaction = 0, every_interaction = 0b11111;
constexpr Interactions looking = bit(Interaction::read) | bit(Interaction::search);
constexpr Interactions changing =
    bit(Interaction::create) | bit(Interaction::update) | bit(Interaction::remove);

struct TypeRule {
    Interactions allowed = no_interaction;
    bool shared = false;  // also those that are no patient's
    bool operator==(const TypeRule&) const = default;
};

// Allowed with those resources that meet the condition.
struct Conditional {
    Interactions allowed = no_interaction;
    std::string search{};  // as it was written
    std::shared_ptr<const Condition> condition;
    bool operator==(const Conditional& other) const {
        return allowed == other.allowed && search == other.search;
    }
};

class TypeRights {
public:
    using Rules = std::map<std::string, TypeRule, std::less<>>;
    using Narrowed = std::map<std::string, Interactions, std::less<>>;
    using Conditionals = std::map<std::string, std::vector<Conditional>, std::less<>>;

    // What a type has that `rules` does not name.
    TypeRights(Rules rules, TypeRule others)
        : rules_(std::make_shared<const Rules>(std::move(rules))), others_(others) {}

    // No more than `all` of every type and, beside, what the others say of one.
    TypeRights narrowed(Interactions all, Narrowed of_type, Conditionals conditional = {}) const {
        auto out = *this;
        out.all_ = all;
        out.of_type_ = std::move(of_type);
        out.conditional_ = std::move(conditional);
        return out;
    }

    bool allow(Interaction interaction, std::string_view type) const {
        return allow_any(bit(interaction), type);
    }
    bool allow_any(Interactions any_of, std::string_view type) const {
        return (role(type) & limit(type) & any_of) != 0;
    }
    // Where none of `any_of` is allowed with all of the type: with which; else nothing. Each is
    // still bounded by what allow_any() says.
    const std::vector<Conditional>* only_if(Interactions any_of, std::string_view type) const {
        const auto found = conditional_.find(type);
        if (found == conditional_.end() || (role(type) & unconditional(type) & any_of) != 0)
            return nullptr;
        return &found->second;
    }
    bool shared(std::string_view type) const {
        const auto found = rules_->find(type);
        return found == rules_->end() ? others_.shared : found->second.shared;
    }
    // Of any type at all.
    bool allow_any(Interactions any_of) const {
        if ((others_.allowed & all_ & any_of) != 0) return true;
        const auto is_allowed = [&](const auto& named) { return allow_any(any_of, named.first); };
        return std::ranges::any_of(*rules_, is_allowed) ||
               std::ranges::any_of(of_type_, is_allowed) ||
               std::ranges::any_of(conditional_, is_allowed);
    }

    bool operator==(const TypeRights& other) const {
        return (rules_ == other.rules_ || *rules_ == *other.rules_) && others_ == other.others_ &&
               all_ == other.all_ && of_type_ == other.of_type_ &&
               conditional_ == other.conditional_;
    }

private:
    Interactions role(std::string_view type) const {
        const auto found = rules_->find(type);
        return found == rules_->end() ? others_.allowed : found->second.allowed;
    }
    Interactions unconditional(std::string_view type) const {
        const auto found = of_type_.find(type);
        return found == of_type_.end() ? all_ : all_ | found->second;
    }
    Interactions limit(std::string_view type) const {
        auto allowed = unconditional(type);
        if (const auto found = conditional_.find(type); found != conditional_.end())
            for (const auto& each : found->second) allowed |= each.allowed;
        return allowed;
    }

    std::shared_ptr<const Rules> rules_;  // of a role: shared by all who have it
    TypeRule others_;
    Interactions all_ = every_interaction;
    Narrowed of_type_;
    Conditionals conditional_;
};

}  // namespace vigil::store
