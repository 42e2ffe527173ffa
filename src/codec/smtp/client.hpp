#pragma once
// The sending side of SMTP (RFC 5321) as a machine between bytes and bytes: one message to one
// recipient, with STARTTLS (RFC 3207) and AUTH PLAIN or LOGIN (RFC 4954, RFC 4616).

#include <string>
#include <string_view>
#include <vector>

namespace vigil::codec::smtp {

struct Delivery {
    std::string client_name{};       // a domain, as EHLO tells it
    std::string user{}, password{};  // empty: it does not sign in
    std::string from{}, to{};        // addresses that mail::check_address takes
    std::string message{};           // lines end with \r\n
    // The conversation is under TLS, or must be before anything of it is said.
    bool secure = false, tls_required = true;
};

class Client {
public:
    explicit Client(Delivery delivery) : delivery_(std::move(delivery)) {}

    enum class Next {
        more,       // the server has the word
        start_tls,  // begin TLS, then call tls_started: nothing before it counts any more
        done,       // the server has taken the message; what `out` got ends the conversation
        failed      // it has not; said() has why
    };
    // What the server said; appends what is to be sent.
    Next feed(std::string_view bytes, std::string& out);
    Next tls_started(std::string& out);

    // The server's last word, in printable ASCII.
    const std::string& said() const { return said_; }
    // It will not be taken another time either (5yz, RFC 5321 4.2.1).
    bool refused_for_good() const { return for_good_; }

    static constexpr std::size_t line_bytes_max = 4'096, reply_lines_max = 100;

private:
    enum class Waits {
        greeting,
        ehlo,
        tls,
        plain,
        login_user,
        login_password,
        login,
        mail,
        recipient,
        data,
        message
    };

    Next on_line(std::string_view line, std::string& out);
    Next on_reply(int code, std::string& out);
    Next on_ehlo(std::string& out);
    Next sign_in(std::string& out);
    Next fail(std::string why, bool for_good);
    Next say(std::string_view command, Waits then, std::string& out);
    bool offers(std::string_view word) const;
    bool offers_sign_in(std::string_view mechanism) const;

    Delivery delivery_;
    Waits waits_ = Waits::greeting;
    std::string line_{};
    std::vector<std::string> reply_{};  // its lines, without the code
    std::string said_{};
    bool for_good_ = false, ended_ = false;
};

}  // namespace vigil::codec::smtp
