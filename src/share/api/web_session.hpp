#pragma once
// A person's session at a browser: how it is opened, and who stands behind a request of it.

#include <optional>
#include <string>
#include <string_view>

#include "share/api/context.hpp"

namespace vigil::share {

// Who is signed in, as the page shows it.
std::string session_json(const ApiContext& api, const identity::Account& account,
                         const identity::SignIn& session, std::string_view csrf, Timestamp now);

// Opens a session; the answer holds its cookie.
session::HttpResponse admitted(ApiContext& api, const ApiCall& call,
                               const identity::Account& account, bool setting_up = false);

// 401: now the second factor, to be shown with this ticket (identity/second_factor.hpp).
session::HttpResponse factor_asked(const ApiContext& api, const identity::Account& account,
                                   std::string_view ticket);

// Both are good until the registry or the sessions change.
struct Person {
    const identity::Account& account;
    const identity::SignIn& session;
    std::string_view cookie;
};
// Nothing: the request came with a token or from the command line, and has been answered.
std::optional<Person> person(ApiContext& api, const ApiCallPtr& call);
// Who has shown within the last minutes who they are (SessionRules::fresh); the same.
std::optional<Person> fresh_person(ApiContext& api, const ApiCallPtr& call);
// For what an administrator does to others' credentials: a session must be fresh; a token and the
// command line are taken as they are. False: it was answered.
bool fresh_enough(ApiContext& api, const ApiCallPtr& call);

// A line of audit about an account, which is no patient's data.
void note(ApiContext& api, const ApiCallPtr& call, std::string what);

// 429 for `busy`, whose place is the seconds to wait.
session::HttpResponse sign_in_error(const Error& error);

}  // namespace vigil::share
