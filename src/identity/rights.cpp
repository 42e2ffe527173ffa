#include "identity/rights.hpp"

namespace vigil::identity {

bool Rights::allow(store::Act act) const {
    switch (act) {
        case store::Act::read:
            return read;
        case store::Act::write:
            return write;
        case store::Act::administer:
            return administer;
    }
    return false;
}

Rights operator&(const Rights& a, const Rights& b) {
    return {a.read && b.read, a.write && b.write, a.administer && b.administer};
}

Rights rights_of_role(Role role) {
    switch (role) {
        case Role::administrator:
        case Role::service:  // bounded by the scopes of its token
            return {true, true, true};
        case Role::clinician:
            return {true, true, false};
        case Role::engineer:
            return {true, false, true};
    }
    return {};
}

Result<Rights> rights_of_scope(std::string_view scope) {
    if (scope == "vigil/administer") return Rights{.administer = true};
    constexpr std::string_view everything = "system/*.";
    if (!scope.starts_with(everything) || scope == everything)
        return fail(Error::Kind::unsupported,
                    "a scope is vigil/administer or system/*. followed by any of c r u d s",
                    "scopes");
    Rights rights;
    std::string_view order = "cruds";
    for (const char letter : scope.substr(everything.size())) {
        const auto at = order.find(letter);
        if (at == std::string_view::npos)
            return fail(Error::Kind::unsupported,
                        "the letters of a scope are c r u d s, each once, in this order", "scopes");
        order.remove_prefix(at + 1);
        (letter == 'r' || letter == 's' ? rights.read : rights.write) = true;
    }
    return rights;
}

Rights rights_of_scopes(std::span<const std::string> scopes) {
    Rights all;
    for (const auto& scope : scopes) {
        const auto rights = rights_of_scope(scope);
        if (!rights) continue;  // of a later version: grants nothing here
        all = {all.read || rights->read, all.write || rights->write,
               all.administer || rights->administer};
    }
    return all;
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
    principal.rights = rights_of_role(account.role) & rights_of_scopes(token.scopes);
    return principal;
}

}  // namespace vigil::identity
