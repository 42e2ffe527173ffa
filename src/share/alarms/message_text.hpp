#pragma once
// What a message about an alarm says: to a person by e-mail, to a system as JSON.

#include <string>

#include "codec/mail/message.hpp"
#include "share/alarms/dissemination.hpp"

namespace vigil::share {

struct MessageSite {
    std::string name{};        // of the site
    std::string public_url{};  // without a slash at the end
    std::string mail_from{};
    bool names_patients = false;
};

// "HIGH alarm: SpO2 low, ICU 1, bed 01": whose it is stands in it only where the site wishes.
codec::mail::Message mail_of(const AlarmMessage& message, const AlarmWords& words,
                             const MessageSite& site);

// docs/reference/alarm-webhooks.md.
std::string webhook_body(const AlarmMessage& message, const AlarmWords& words,
                         const MessageSite& site);
// "t=1790000000,v1=…": HMAC-SHA-256 of the time, a dot and the body, under the contact's secret.
std::string webhook_signature(const AlarmMessage& message, const std::string& body);

}  // namespace vigil::share
