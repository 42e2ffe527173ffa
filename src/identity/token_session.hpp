#pragma once
// One sign-in to one PKCS #11 token (OASIS PKCS #11 v2.40): the module is loaded, the token found
// by its label, the PIN shown once. What a module does, it does in this process: it is the site's
// own, named by an absolute path that nobody else may write.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "identity/master_wrap.hpp"

namespace vigil::identity {

struct TokenSettings {
    std::string module;    // "/usr/lib/softhsm/libsofthsm2.so"
    std::string token;     // its label
    std::string key;       // label of an AES or RSA key in it
    std::string pin_file;  // its first line is the PIN; empty: the token asks for none
};

class TokenSession {
public:
    // `forbidden`: the PIN was wrong, or one more wrong one would lock the token. It was shown at
    // most once: tokens lock after a few.
    static Result<TokenSession> open(const TokenSettings& settings, const std::string& token);
    TokenSession(TokenSession&&) noexcept;
    TokenSession& operator=(TokenSession&&) noexcept;
    ~TokenSession();  // signs out

    // What the key that is called so is good for, best first: AES-GCM, or RSA-OAEP in two ways.
    Result<std::vector<TokenMechanism>> mechanisms(const std::string& key);
    // In and out of the token; the key does not leave it. `nonce` is of GCM, and may be the token's
    // own choice.
    Result<std::string> encrypt(const std::string& key, TokenMechanism mechanism,
                                std::string& nonce, std::string_view clear);
    Result<std::string> decrypt(const std::string& key, TokenMechanism mechanism,
                                const std::string& nonce, std::string_view encrypted);

private:
    struct Open;
    explicit TokenSession(std::unique_ptr<Open> open);
    std::unique_ptr<Open> open_;
};

}  // namespace vigil::identity
