#include "identity/rights.hpp"

#include <array>
#include <utility>

#include "identity/scopes.hpp"

namespace vigil::identity {
namespace {

constexpr std::string_view administer_scope = "vigil/administer";

// The areas that a type of resource alone stands for, on this server's own API.
constexpr std::array areas_of_one_type{
    std::pair{Area::vitals, std::string_view("Observation")},
    std::pair{Area::patients, std::string_view("Patient")},
    std::pair{Area::devices, std::string_view("Device")},
    std::pair{Area::consents, std::string_view("Consent")},
    std::pair{Area::subscriptions, std::string_view("Subscription")}};

Acts acts_of(store::Interactions interactions) {
    return static_cast<Acts>(((interactions & store::looking) != 0 ? bit(store::Act::read) : 0) |
                             ((interactions & store::changing) != 0 ? bit(store::Act::write) : 0));
}

// A search narrows what is looked at; what is written is not searched.
std::optional<store::Conditional> conditional_of(const Scope& scope, const ScopeSearch& search) {
    const auto looks = static_cast<store::Interactions>(scope.interactions & store::looking);
    if (!search || looks == store::no_interaction) return std::nullopt;
    auto condition = search(scope.type, scope.query);
    if (!condition) return std::nullopt;
    return store::Conditional{looks, scope.query, std::move(*condition)};
}

}  // namespace

Rights rights_of_role(Role role) {
    const auto& rules = rules_of(role);
    return {rules.areas, rules.types};
}

Rights narrowed(const Rights& rights, std::span<const std::string> scopes,
                const ScopeSearch& search) {
    store::Interactions all = store::no_interaction;
    store::TypeRights::Narrowed of_type;
    store::TypeRights::Conditionals conditional;
    Acts administers = 0;
    for (const auto& text : scopes) {
        if (text == administer_scope) administers = bit(store::Act::administer);
        const auto scope = read_scope(text);
        if (!scope) continue;  // of a later version, or no right to data: "openid"
        if (scope->query.empty()) {
            (scope->type.empty() ? all : of_type[scope->type]) |= scope->interactions;
        } else if (auto condition = conditional_of(*scope, search)) {
            conditional[scope->type].push_back(std::move(*condition));
        }
    }
    Rights out;
    for (std::size_t i = 0; i < area_count; ++i)
        out.areas[i] = rights.areas[i] & static_cast<Acts>(acts_of(all) | administers);
    for (const auto& [area, type] : areas_of_one_type)
        if (const auto found = of_type.find(type); found != of_type.end()) {
            const auto i = static_cast<std::size_t>(area);
            out.areas[i] |= rights.areas[i] & acts_of(found->second);
        }
    if (rights.types)
        out.types = all == store::every_interaction
                        ? rights.types
                        : std::make_shared<const store::TypeRights>(rights.types->narrowed(
                              all, std::move(of_type), std::move(conditional)));
    return out;
}

Result<void> check_scope(std::string_view text) {
    if (text == administer_scope) return {};
    VIGIL_TRY(scope, read_scope(text));
    if (scope.context == Scope::Context::patient)
        return fail(Error::Kind::unsupported,
                    "a patient/ scope is for apps that are launched: a token has user/ or system/",
                    "scopes");
    if (!scope.query.empty())
        return fail(Error::Kind::unsupported, "a token's scope is of a whole type", "scopes");
    return {};
}

Principal nobody() {
    return {};
}

Principal principal_of(const Device& device) {
    return {.kind = Principal::Kind::device, .name = device.external_id, .device = device.id};
}

Principal principal_of(const Account& account) {
    // A service's rights are its tokens'; a password gives it none.
    return {.kind = Principal::Kind::account,
            .name = account.user_name,
            .account = account.id,
            .role = account.role,
            .rights = account.role == Role::service ? Rights{} : rights_of_role(account.role)};
}

Principal principal_of(const Account& account, const ApiToken& token) {
    auto principal = principal_of(account);
    principal.token = token.name;
    principal.token_id = token.id;
    principal.rights = narrowed(rights_of_role(account.role), token.scopes);
    return principal;
}

Principal operator_at_the_machine() {
    return {.kind = Principal::Kind::account,
            .name = "operator",
            .role = Role::administrator,
            .rights = rights_of_role(Role::administrator)};
}

}  // namespace vigil::identity
