#pragma once
// What the addresses for programs have in common: forms, the errors of RFC 6749 5.2, and who asks.

#include <functional>
#include <string>
#include <string_view>

#include "fhir/rest/exchange.hpp"
#include "identity/apps.hpp"
#include "share/api/context.hpp"

namespace vigil::share {

// Each answers {"error": code, "error_description": message}.
session::HttpResponse oauth_error(int status, std::string_view code, std::string_view message);
void answer_oauth(ApiContext& api, const ApiCallPtr& call, int status, std::string_view code,
                  std::string_view message);

// The fields of a posted form, each once (RFC 6749 3.2). `malformed` says what is wrong.
Result<fhir::Parameters> read_oauth_form(const session::HttpRequest& request);
Result<fhir::Parameters> check_fields(fhir::Parameters fields);
std::string_view field(const fhir::Parameters& form, std::string_view name);

// The app that asks, once it has shown that it is itself; a public one has only its name. Whoever
// fails is answered.
void authenticate(ApiContext& api, const ApiCallPtr& call, const fhir::Parameters& form,
                  std::function<void(const identity::App&)> then);

// A line of audit: what an app was given, or not.
void note_app(ApiContext& api, const ApiCallPtr& call, const identity::Principal& who,
              std::string what, bool permitted, std::string reason = {});

}  // namespace vigil::share
