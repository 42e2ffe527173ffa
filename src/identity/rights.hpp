#pragma once
// What a principal may do, before asking with whose data. Issue by issue this widens to scopes,
// compartments and consent; every decision is made in access_desk.cpp from these.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "identity/people.hpp"
#include "store/access.hpp"

namespace vigil::identity {

struct Rights {
    bool read = false, write = false, administer = false;
    bool operator==(const Rights&) const = default;
    bool allow(store::Act act) const;
};

Rights operator&(const Rights& a, const Rights& b);

// Administrators do everything; clinicians read and write patient data; engineers read it, to find
// faults, and administer; services do what their tokens' scopes say.
Rights rights_of_role(Role role);

// SMART App Launch 2 system scopes over everything ("system/*.rs", "system/*.cruds": create, read,
// update, delete, search in this order), and "vigil/administer".
Result<Rights> rights_of_scope(std::string_view scope);
Rights rights_of_scopes(std::span<const std::string> scopes);

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
};

Principal nobody();
Principal principal_of(const Device& device);
Principal principal_of(const Account& account);  // signed in with a password
Principal principal_of(const Account& account, const ApiToken& token);

}  // namespace vigil::identity
