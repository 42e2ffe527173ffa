#pragma once
// The addresses of the authorisation server (docs/reference/oauth.md), each in the file of its
// name.

#include "share/api/context.hpp"

namespace vigil::share {

void answer_authorization(ApiContext& api, const ApiCallPtr& call);  // authorize.cpp
void answer_token_request(ApiContext& api, const ApiCallPtr& call);  // token.cpp
void answer_introspection(ApiContext& api, const ApiCallPtr& call);
void answer_revocation(ApiContext& api, const ApiCallPtr& call);
void answer_registration(ApiContext& api, const ApiCallPtr& call);         // registration.cpp
void answer_smart_configuration(ApiContext& api, const ApiCallPtr& call);  // discovery.cpp
void answer_openid_configuration(ApiContext& api, const ApiCallPtr& call);
void answer_keys(ApiContext& api, const ApiCallPtr& call);
void answer_userinfo(ApiContext& api, const ApiCallPtr& call);

}  // namespace vigil::share
