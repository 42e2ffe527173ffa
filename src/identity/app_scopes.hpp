#pragma once
// The scopes of apps (SMART App Launch 2.2, "Scopes and Launch Context"): which there are, what an
// app gets of those that it asks for, and the rights that they come to.

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "identity/apps.hpp"
#include "identity/rights.hpp"

namespace vigil::identity {

constexpr std::string_view scope_launch = "launch", scope_launch_patient = "launch/patient",
                           scope_openid = "openid", scope_fhir_user = "fhirUser",
                           scope_profile = "profile", scope_offline = "offline_access",
                           scope_online = "online_access";

// Whether an app of that kind may be registered with it: system/ for services, the rest for apps
// that people use.
Result<void> check_app_scope(std::string_view scope, AppKind kind);

// "a b  c": a, b, c, without twins (RFC 6749 3.3). More than `app_scopes_max`: the first of them.
std::vector<std::string> split_scopes(std::string_view text);
std::string joined_scopes(std::span<const std::string> scopes);
bool has_scope(std::span<const std::string> scopes, std::string_view scope);
// One of them is of the patient for whom the app is opened.
bool of_a_patient(std::span<const std::string> scopes);

struct Available {
    std::vector<std::string> scopes{};   // what it gets, as it asked where it gets all of that
    std::vector<std::string> refused{};  // what it asked for and gets nothing of
};
// Of what is asked, what the app is registered for and the account's role has.
Available available_scopes(std::span<const std::string> asked, const App& app, const Account& who);

// The principal of an app that acts for a person, or of a service, with the scopes of one token. A
// scope whose search cannot be read grants nothing.
Principal principal_of(const Account& account, const App& app, const Grant* grant,
                       std::span<const std::string> scopes, Timestamp until,
                       const ScopeSearch& search);

}  // namespace vigil::identity
