#pragma once
// What a device signs in with: made, shown once, and taken back.

#include <string>
#include <string_view>

#include "share/api/context.hpp"

namespace vigil::share {

std::string device_json(ApiContext& api, DeviceId id);

// "token", "certificate" or "enrolment": a one-time code by which it gets a certificate.
bool is_credential(std::string_view word);
Error no_credential(std::string_view place);
// Answers with the device and its new credential; "none": it has none, a gateway speaks for it.
void answer_added(ApiContext& api, const ApiCallPtr& call, DeviceId id,
                  std::string_view credential);

void renew_credential(ApiContext& api, const ApiCallPtr& call);
void revoke_credentials(ApiContext& api, const ApiCallPtr& call);

}  // namespace vigil::share
