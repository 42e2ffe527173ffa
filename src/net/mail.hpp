#pragma once
// Hands a message to a mail server: SMTP (RFC 5321) with STARTTLS (RFC 3207) or from the first byte
// under TLS (RFC 8314), signed in where it asks for that (RFC 4954). Blocking: never on a loop's
// thread.

#include <atomic>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"

namespace vigil::net {

struct MailServer {
    std::string url{};  // smtp://mail.example:587 or smtps://mail.example:465
    std::string user{}, password{};
    std::string ca_pem{};  // trusted beside nobody else; empty: the system's store
    Nanoseconds time_max = std::chrono::seconds(20);
};

// That it is such a URL and no password stands in it.
Result<void> check(const MailServer& server);

// What the server said once it had taken the message. Never without TLS but to this machine.
// `stop` ends it early. `forbidden`: it refuses it for good; `busy`: it cannot be reached or says
// to try again.
Result<std::string> send_mail(const MailServer& server, const std::string& from,
                              const std::string& to, const std::string& message,
                              const std::atomic<bool>& stop);

}  // namespace vigil::net
