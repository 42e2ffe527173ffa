#include "codec/mail/message.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "codec/binary_text.hpp"

namespace vigil::codec::mail {
namespace {

constexpr std::size_t local_max = 64, domain_max = 255;  // RFC 5321 4.5.3.1
constexpr std::size_t label_max = 63;
constexpr std::size_t base64_line = 76;     // RFC 2045 6.8
constexpr std::size_t word_bytes_max = 42;  // 56 characters of base64: a word has at most 75

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// RFC 5322 3.2.3 atext, and the dots between.
bool is_local(std::string_view local) {
    constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~.";
    return !local.empty() && local.size() <= local_max && local.front() != '.' &&
           local.back() != '.' && local.find("..") == std::string_view::npos &&
           std::ranges::all_of(local, [&](char c) {
               return is_letter_or_digit(c) || others.find(c) != std::string_view::npos;
           });
}

bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= label_max && label.front() != '-' &&
           label.back() != '-' &&
           std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

bool is_domain(std::string_view domain) {
    if (domain.size() > domain_max) return false;
    while (true) {
        const auto dot = domain.find('.');
        if (!is_label(domain.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        domain.remove_prefix(dot + 1);
    }
}

bool is_plain(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

// RFC 2047: words of base64, each of whole characters, folded.
std::string header_words(std::string_view text) {
    if (is_plain(text) && text.size() <= base64_line) return std::string(text);
    std::string out;
    while (!text.empty()) {
        auto size = std::min(text.size(), word_bytes_max);
        while (size > 1 && size < text.size() &&
               (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U)
            --size;
        if (!out.empty()) out += "\r\n ";
        out += fmt::format("=?UTF-8?B?{}?=", write_base64(text.substr(0, size)));
        text.remove_prefix(size);
    }
    return out;
}

std::string body_lines(std::string_view text) {
    std::string with_returns;
    for (const char c : text) {
        if (c == '\n') with_returns += '\r';
        with_returns += c;
    }
    const auto coded = write_base64(with_returns);
    std::string out;
    for (std::size_t at = 0; at < coded.size(); at += base64_line)
        out += fmt::format("{}\r\n", std::string_view(coded).substr(at, base64_line));
    return out;
}

// RFC 5322 3.3, in UTC.
std::string date_text(Timestamp date) {
    return fmt::format("{:%a, %d %b %Y %H:%M:%S} +0000",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(date)));
}

}  // namespace

Result<void> check_address(std::string_view address) {
    const auto at = address.rfind('@');
    if (at != std::string_view::npos && is_local(address.substr(0, at)) &&
        is_domain(address.substr(at + 1)))
        return {};
    return fail(Error::Kind::malformed, "an e-mail address such as ada@hospital.example",
                "address");
}

Result<std::string> encode(const Message& message) {
    VIGIL_CHECK(check_address(message.from));
    VIGIL_CHECK(check_address(message.to));
    VIGIL_CHECK(check_address(message.id));
    std::string out =
        fmt::format("Date: {}\r\nFrom: {}\r\nTo: {}\r\nMessage-ID: <{}>\r\nSubject: {}\r\n",
                    date_text(message.date), message.from, message.to, message.id,
                    header_words(message.subject));
    if (message.is_urgent) out += "Importance: high\r\n";
    // RFC 3834: nobody's out-of-office note is to answer it.
    out +=
        "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    out += body_lines(message.text);
    return out;
}

}  // namespace vigil::codec::mail
