#include "codec/smtp/client.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "codec/binary_text.hpp"

namespace vigil::codec::smtp {
namespace {

constexpr std::size_t said_bytes_max = 500;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string upper(std::string_view text) {
    std::string out(text);
    for (auto& c : out)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return out;
}

std::string printable(std::string_view text) {
    std::string out(text.substr(0, said_bytes_max));
    std::ranges::replace_if(out, [](char c) { return c < ' ' || c > '~'; }, '?');
    return out;
}

// RFC 5321 4.5.2: a line that begins with a dot gets another.
std::string with_dots(std::string_view message) {
    std::string out;
    bool begins = true;
    for (const char c : message) {
        if (begins && c == '.') out += '.';
        out += c;
        begins = c == '\n';
    }
    if (!out.ends_with("\r\n")) out += "\r\n";
    return out + ".\r\n";
}

}  // namespace

Client::Next Client::feed(std::string_view bytes, std::string& out) {
    for (const char c : bytes) {
        if (ended_) return fail(said_, for_good_);
        if (c != '\n') {
            if (line_.size() == line_bytes_max) return fail("a line without an end", false);
            line_ += c;
            continue;
        }
        if (line_.ends_with('\r')) line_.pop_back();
        const auto line = std::exchange(line_, {});
        const auto next = on_line(line, out);
        if (next != Next::more) return next;  // what came along with it is not listened to
    }
    return Next::more;
}

// "250-SIZE 1000" goes on, "250 OK" ends a reply.
Client::Next Client::on_line(std::string_view line, std::string& out) {
    const bool is_reply = line.size() >= 3 && is_digit(line[0]) && is_digit(line[1]) &&
                          is_digit(line[2]) &&
                          (line.size() == 3 || line[3] == ' ' || line[3] == '-');
    if (!is_reply || reply_.size() == reply_lines_max)
        return fail("this is no mail server: " + printable(line), false);
    reply_.emplace_back(line.substr(std::min<std::size_t>(line.size(), 4)));
    if (line.size() > 3 && line[3] == '-') return Next::more;
    said_ = printable(line);
    const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    const auto next = on_reply(code, out);
    reply_.clear();
    return next;
}

Client::Next Client::on_reply(int code, std::string& out) {
    const int wanted = waits_ == Waits::greeting || waits_ == Waits::tls                ? 220
                       : waits_ == Waits::login_user || waits_ == Waits::login_password ? 334
                       : waits_ == Waits::plain || waits_ == Waits::login               ? 235
                       : waits_ == Waits::data                                          ? 354
                                                                                        : 250;
    const bool forwards = waits_ == Waits::recipient && code == 251;
    if (code != wanted && !forwards) return fail(said_, code >= 500);
    switch (waits_) {
        case Waits::greeting:
            return say("EHLO " + delivery_.client_name, Waits::ehlo, out);
        case Waits::ehlo:
            return on_ehlo(out);
        case Waits::tls:
            return Next::start_tls;
        case Waits::login_user:
            return say(write_base64(delivery_.user), Waits::login_password, out);
        case Waits::login_password:
            return say(write_base64(delivery_.password), Waits::login, out);
        case Waits::plain:
        case Waits::login:
            return say(fmt::format("MAIL FROM:<{}>", delivery_.from), Waits::mail, out);
        case Waits::mail:
            return say(fmt::format("RCPT TO:<{}>", delivery_.to), Waits::recipient, out);
        case Waits::recipient:
            return say("DATA", Waits::data, out);
        case Waits::data:
            out += with_dots(delivery_.message);
            waits_ = Waits::message;
            return Next::more;
        case Waits::message:
            break;
    }
    out += "QUIT\r\n";
    ended_ = true;
    return Next::done;
}

Client::Next Client::on_ehlo(std::string& out) {
    if (delivery_.secure) return sign_in(out);
    if (offers("STARTTLS")) return say("STARTTLS", Waits::tls, out);
    if (delivery_.tls_required)
        return fail("the mail server offers no TLS: nothing is sent readable", true);
    return sign_in(out);
}

Client::Next Client::tls_started(std::string& out) {
    delivery_.secure = true;
    line_.clear();
    reply_.clear();
    return say("EHLO " + delivery_.client_name, Waits::ehlo, out);
}

Client::Next Client::sign_in(std::string& out) {
    if (delivery_.user.empty())
        return say(fmt::format("MAIL FROM:<{}>", delivery_.from), Waits::mail, out);
    if (offers_sign_in("PLAIN")) {
        std::string response;
        response += '\0';
        response += delivery_.user;
        response += '\0';
        response += delivery_.password;
        return say("AUTH PLAIN " + write_base64(response), Waits::plain, out);
    }
    if (offers_sign_in("LOGIN")) return say("AUTH LOGIN", Waits::login_user, out);
    return fail("the mail server offers no way to sign in that Vigil knows", true);
}

Client::Next Client::fail(std::string why, bool for_good) {
    said_ = std::move(why);
    for_good_ = for_good;
    ended_ = true;
    return Next::failed;
}

Client::Next Client::say(std::string_view command, Waits then, std::string& out) {
    out += command;
    out += "\r\n";
    waits_ = then;
    return Next::more;
}

bool Client::offers(std::string_view word) const {
    return std::ranges::any_of(reply_,
                               [&](const std::string& line) { return upper(line) == word; });
}

// "AUTH PLAIN LOGIN"
bool Client::offers_sign_in(std::string_view mechanism) const {
    return std::ranges::any_of(reply_, [&](const std::string& line) {
        const auto words = upper(line) + ' ';
        return words.starts_with("AUTH ") &&
               words.find(fmt::format(" {} ", mechanism)) != std::string::npos;
    });
}

}  // namespace vigil::codec::smtp
