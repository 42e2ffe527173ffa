// Whatever a mail server says, no password and no message goes out before TLS, and what is kept of
// it is bounded.
#include <cstdlib>
#include <string_view>

#include "codec/smtp/client.hpp"

using namespace vigil::codec::smtp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Client client({.client_name = "hospital.example",
                   .user = "vigil",
                   .password = "secret",
                   .from = "vigil@hospital.example",
                   .to = "ada@hospital.example",
                   .message = "Subject: SpO2\r\n\r\nlow\r\n"});
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    bool secure = false;
    while (!rest.empty()) {
        const auto part = rest.substr(0, std::min<std::size_t>(rest.size(), 40));
        rest.remove_prefix(part.size());
        std::string out;
        const auto next = client.feed(part, out);
        if (!secure &&
            (out.find("AUTH") != std::string::npos || out.find("SpO2") != std::string::npos ||
             out.find("MAIL") != std::string::npos))
            std::abort();
        if (client.said().size() > 600) std::abort();
        if (next == Client::Next::done || next == Client::Next::failed) break;
        if (next == Client::Next::start_tls) {
            secure = true;
            client.tls_started(out);
        }
    }
    return 0;
}
