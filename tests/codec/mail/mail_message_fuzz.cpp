// Whatever is said in it, a message has the headers it is to have and no others.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

#include "codec/mail/message.hpp"

using namespace vigil::codec::mail;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto part = [&text] {
        const auto end = std::min(text.find('\0'), text.size());
        const auto taken = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        return std::string(taken);
    };
    Message message{.from = "vigil@hospital.example", .id = "a@hospital.example"};
    message.to = part();
    message.subject = part();
    message.text = part();
    const auto encoded = encode(message);
    if (!encoded) return 0;
    constexpr std::array<std::string_view, 9> known{
        "Date: ",         "From: ",         "To: ",
        "Message-ID: ",   "Subject: ",      "Auto-Submitted: ",
        "MIME-Version: ", "Content-Type: ", "Content-Transfer-Encoding: "};
    std::string_view rest = *encoded;
    while (!rest.starts_with("\r\n")) {
        const auto line = rest.substr(0, rest.find("\r\n"));
        const bool is_known = std::ranges::any_of(
            known, [&](std::string_view name) { return line.starts_with(name); });
        if (!is_known && !line.starts_with(" =?UTF-8?B?")) std::abort();
        if (line.find_first_of("\r\n") != std::string_view::npos) std::abort();
        rest.remove_prefix(line.size() + 2);
    }
    return 0;
}
