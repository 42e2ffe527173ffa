#pragma once
// What a principal may do, before asking with whose data. Every decision is made in
// access_desk.cpp from these and from reach.hpp.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "identity/apps.hpp"
#include "identity/people.hpp"
#include "identity/roles.hpp"
#include "store/access.hpp"

namespace vigil::identity {

struct Rights {
    AreaActs areas{};
    std::shared_ptr<const store::TypeRights> types;  // none: of no type

    bool allow(Area area, store::Act act) const {
        return (areas[static_cast<std::size_t>(area)] & bit(act)) != 0;
    }
    bool operator==(const Rights& other) const {
        return areas == other.areas &&
               (types == other.types || (types && other.types && *types == *other.types));
    }
};

Rights rights_of_role(Role role);

// No more than the scopes say, and no more than the role. A scope over one type opens the areas of
// data/record-areas.tsv that are of that type alone: system/Observation.rs reads series and the
// live stream; one that narrows by a search opens none. What is read of what a search comes to:
// `search`; without it, and where it cannot be read, such a scope grants nothing.
using ScopeSearch = std::function<Result<std::shared_ptr<const store::Condition>>(
    std::string_view type, std::string_view query)>;
Rights narrowed(const Rights& rights, std::span<const std::string> scopes,
                const ScopeSearch& search = {});

// Whether a token may be issued with it: user/ or system/, or vigil/administer.
Result<void> check_scope(std::string_view scope);

// Who asks. Made by whoever checked the credential: nobody() is the answer where none was shown.
struct Principal {
    enum class Kind : std::uint8_t { nobody, device, account };
    Kind kind = Kind::nobody;
    std::string name{};   // the device's external id, the account's user name
    std::string token{};  // the name of the API token it came with; empty: none
    TokenId token_id{};
    DeviceId device{};
    AccountId account{};
    Role role = Role::service;  // of an account
    Rights rights{};
    // The app that acts for the account; 0: none does (identity/apps.hpp).
    AppId app{};
    GrantId grant{};      // by which; 0: it acts for itself
    PatientId patient{};  // only with this one's data; 0: with all that the account reaches
    Timestamp app_changed{}, until = end_of_time;
};

Principal nobody();
Principal principal_of(const Device& device);
Principal principal_of(const Account& account);  // signed in with a password
Principal principal_of(const Account& account, const ApiToken& token);
// Whoever holds the machine and its files: on the command line, with the server not running.
Principal operator_at_the_machine();

}  // namespace vigil::identity
