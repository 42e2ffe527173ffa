#include "identity/token_session.hpp"

#define CRYPTOKI_GNU  // the header without its several hundred macros
#include <dlfcn.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/crypto.h>
#include <p11-kit/pkcs11.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "identity/key_file.hpp"

namespace vigil::identity {
namespace {

constexpr unsigned long slots_max = 1'024;
constexpr unsigned long cipher_bytes_max = master_wrap_bytes_max;
constexpr std::size_t pin_bytes_max = 255;

// Of the answers those that an operator meets; the others by number (PKCS #11 v2.40, 5.1).
std::string answer_text(ck_rv_t answer) {
    constexpr std::array<std::pair<ck_rv_t, const char*>, 16> known{
        {{CKR_GENERAL_ERROR, "CKR_GENERAL_ERROR"},
         {CKR_FUNCTION_FAILED, "CKR_FUNCTION_FAILED"},
         {CKR_ARGUMENTS_BAD, "CKR_ARGUMENTS_BAD"},
         {CKR_DEVICE_ERROR, "CKR_DEVICE_ERROR"},
         {CKR_DEVICE_REMOVED, "CKR_DEVICE_REMOVED"},
         {CKR_ENCRYPTED_DATA_INVALID, "CKR_ENCRYPTED_DATA_INVALID"},
         {CKR_KEY_FUNCTION_NOT_PERMITTED,
          "CKR_KEY_FUNCTION_NOT_PERMITTED: the key may not be used "
          "to encrypt and decrypt"},
         {CKR_MECHANISM_INVALID, "CKR_MECHANISM_INVALID: the token cannot do this"},
         {CKR_MECHANISM_PARAM_INVALID, "CKR_MECHANISM_PARAM_INVALID"},
         {CKR_PIN_EXPIRED, "CKR_PIN_EXPIRED: set a new PIN with the token's own tool"},
         {CKR_PIN_LOCKED, "CKR_PIN_LOCKED: unlock it with the security officer's PIN"},
         {CKR_SESSION_COUNT, "CKR_SESSION_COUNT: the token takes no more sessions"},
         {CKR_TOKEN_NOT_PRESENT, "CKR_TOKEN_NOT_PRESENT"},
         {CKR_TOKEN_NOT_RECOGNIZED, "CKR_TOKEN_NOT_RECOGNIZED"},
         {CKR_USER_NOT_LOGGED_IN,
          "CKR_USER_NOT_LOGGED_IN: name the file with its PIN "
          "(keys.pkcs11_pin_file)"},
         {CKR_USER_PIN_NOT_INITIALIZED, "CKR_USER_PIN_NOT_INITIALIZED"}}};
    const auto* found = std::ranges::find(known, answer, &std::pair<ck_rv_t, const char*>::first);
    return found == known.end() ? fmt::format("answer {:#x}", answer) : found->second;
}

tl::unexpected<Error> refused(std::string_view what, ck_rv_t answer, std::string place) {
    return fail(Error::Kind::internal, fmt::format("{}: {}", what, answer_text(answer)),
                std::move(place));
}

// What is loaded runs with all that this process may do.
Result<void> check_module(const std::string& path) {
    if (!path.starts_with('/'))
        return fail(Error::Kind::malformed,
                    "name the token's module by its absolute path (keys.pkcs11_module)", path);
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0)
        return fail(Error::Kind::not_found,
                    "the token's module is not there: install it, or correct keys.pkcs11_module",
                    path);
    const bool ours = status.st_uid == 0 || status.st_uid == ::geteuid();
    if (!ours || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return fail(Error::Kind::forbidden,
                    "others can change this module: it should be root's, and writable by nobody "
                    "else",
                    path);
    return {};
}

Result<ck_function_list*> load_module(const std::string& path) {
    VIGIL_CHECK(check_module(path));
    // Never unloaded: modules leave exit handlers behind. Loaded again, it is the same one.
    void* const library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr)
        return fail(Error::Kind::unsupported,
                    fmt::format("the token's module cannot be loaded: {}", ::dlerror()), path);
    // POSIX has a pointer to a function come back as one to void.
    const auto list = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library, "C_GetFunctionList"));
    ck_function_list* functions = nullptr;
    if (list == nullptr || list(&functions) != CKR_OK || functions == nullptr)
        return fail(Error::Kind::unsupported, "this is no PKCS #11 module", path);
    return functions;
}

Result<std::string> read_pin(const std::string& path) {
    VIGIL_TRY(bytes, read_key_file(path, KeyReaders::owner_and_group));
    if (!bytes) return fail(Error::Kind::not_found, "the token's PIN should be in this file", path);
    auto pin = bytes->substr(0, bytes->find_first_of("\r\n"));
    OPENSSL_cleanse(bytes->data(), bytes->size());
    if (pin.empty() || pin.size() > pin_bytes_max)
        return fail(Error::Kind::malformed, "the first line of this file should be the PIN", path);
    return pin;
}

// Padded with blanks (PKCS #11 v2.40, 3.2).
std::string label_of(const ck_token_info& info) {
    std::string label(reinterpret_cast<const char*>(info.label), sizeof info.label);
    label.erase(label.find_last_not_of(' ') + 1);
    return label;
}

// A mechanism with its parameters, which it points to.
class Mechanism {
public:
    Mechanism(TokenMechanism kind, std::string& nonce) {
        if (kind == TokenMechanism::aes_gcm) {
            gcm_ = {.iv_ptr = reinterpret_cast<unsigned char*>(nonce.data()),
                    .iv_len = nonce.size(),
                    .iv_bits = nonce.size() * 8,
                    .aad_ptr = reinterpret_cast<unsigned char*>(purpose_.data()),
                    .aad_len = purpose_.size(),
                    .tag_bits = 128};
            mechanism_ = {CKM_AES_GCM, &gcm_, sizeof gcm_};
        } else {
            const bool sha256 = kind == TokenMechanism::rsa_oaep_sha256;
            oaep_ = {.hash_alg = sha256 ? CKM_SHA256 : CKM_SHA_1,
                     .mgf = sha256 ? CKG_MGF1_SHA256 : CKG_MGF1_SHA1,
                     .source = CKZ_DATA_SPECIFIED,
                     .source_data = nullptr,
                     .source_data_len = 0};
            mechanism_ = {CKM_RSA_PKCS_OAEP, &oaep_, sizeof oaep_};
        }
    }
    Mechanism(const Mechanism&) = delete;
    Mechanism& operator=(const Mechanism&) = delete;
    Mechanism(Mechanism&&) = delete;
    Mechanism& operator=(Mechanism&&) = delete;
    ~Mechanism() = default;
    ck_mechanism* get() { return &mechanism_; }

private:
    std::string purpose_{master_purpose};
    ck_gcm_params gcm_{};
    ck_rsa_pkcs_oaep_params oaep_{};
    ck_mechanism mechanism_{};
};

}  // namespace

struct TokenSession::Open {
    ck_function_list* functions = nullptr;
    ck_session_handle_t session = 0;
    std::string token;
    bool initialized = false, has_session = false, signed_in = false;

    Open() = default;
    Open(const Open&) = delete;
    Open& operator=(const Open&) = delete;
    Open(Open&&) = delete;
    Open& operator=(Open&&) = delete;
    ~Open() {
        if (signed_in) functions->C_Logout(session);
        if (has_session) functions->C_CloseSession(session);
        if (initialized) functions->C_Finalize(nullptr);
    }

    Result<void> initialize(const std::string& module) {
        ck_c_initialize_args arguments{};
        arguments.flags = CKF_OS_LOCKING_OK;
        const auto answer = functions->C_Initialize(&arguments);
        initialized = answer == CKR_OK;
        if (answer != CKR_OK && answer != CKR_CRYPTOKI_ALREADY_INITIALIZED)
            return refused("the token's module does not start", answer, module);
        return {};
    }

    Result<std::pair<ck_slot_id_t, ck_token_info>> slot_of(const std::string& label) const {
        std::array<ck_slot_id_t, slots_max> slots{};
        unsigned long count = slots.size();
        if (const auto answer = functions->C_GetSlotList(1, slots.data(), &count); answer != CKR_OK)
            return refused("the tokens cannot be listed", answer, label);
        std::vector<std::pair<ck_slot_id_t, ck_token_info>> found;
        std::vector<std::string> others;
        for (unsigned long i = 0; i < std::min(count, slots_max); ++i) {
            ck_token_info info{};
            if (functions->C_GetTokenInfo(slots.at(i), &info) != CKR_OK) continue;
            if (label_of(info) == label)
                found.emplace_back(slots.at(i), info);
            else if (!label_of(info).empty())
                others.push_back(label_of(info));
        }
        if (found.size() == 1) return found.front();
        if (!found.empty())
            return fail(Error::Kind::conflict, "several tokens are called so: name one otherwise",
                        label);
        return fail(
            Error::Kind::not_found,
            fmt::format("there is no PKCS #11 token of this name: plug it in, or correct "
                        "keys.pkcs11_token (there {} {})",
                        others.empty() ? "is" : "are",
                        others.empty() ? "none" : fmt::format("{}", fmt::join(others, ", "))),
            label);
    }

    Result<void> sign_in(const ck_token_info& info, const std::string& pin_file) {
        if ((info.flags & CKF_LOGIN_REQUIRED) == 0) return {};
        if ((info.flags & CKF_USER_PIN_LOCKED) != 0)
            return fail(Error::Kind::forbidden,
                        "the PIN of this token is locked: unlock it with the security officer's",
                        token);
        if ((info.flags & CKF_USER_PIN_FINAL_TRY) != 0)
            return fail(Error::Kind::forbidden,
                        "one more wrong PIN locks this token, so none is tried: sign in once with "
                        "the token's own tool, and correct keys.pkcs11_pin_file",
                        token);
        if (pin_file.empty())
            return fail(Error::Kind::not_found,
                        "this token wants a PIN: name the file with it (keys.pkcs11_pin_file)",
                        token);
        VIGIL_TRY(pin, read_pin(pin_file));
        const auto answer = functions->C_Login(
            session, CKU_USER, reinterpret_cast<unsigned char*>(pin.data()), pin.size());
        OPENSSL_cleanse(pin.data(), pin.size());
        signed_in = answer == CKR_OK;
        if (answer == CKR_OK || answer == CKR_USER_ALREADY_LOGGED_IN) return {};
        if (answer == CKR_PIN_INCORRECT || answer == CKR_PIN_INVALID ||
            answer == CKR_PIN_LEN_RANGE || answer == CKR_PIN_LOCKED)
            return fail(Error::Kind::forbidden,
                        fmt::format("the token '{}' does not take the PIN in this file; correct it "
                                    "before the next start, tokens lock after a few wrong ones",
                                    token),
                        pin_file);
        return refused("the token takes no sign-in", answer, token);
    }

    // Of this class and label; nothing: there is none.
    Result<std::optional<ck_object_handle_t>> find(ck_object_class_t of_class,
                                                   std::string label) const {
        std::array<ck_attribute, 2> wanted{
            {{CKA_CLASS, &of_class, sizeof of_class}, {CKA_LABEL, label.data(), label.size()}}};
        if (const auto answer = functions->C_FindObjectsInit(session, wanted.data(), wanted.size());
            answer != CKR_OK)
            return refused("the keys of the token cannot be listed", answer, token);
        std::array<ck_object_handle_t, 2> found{};
        unsigned long count = 0;
        const auto answer = functions->C_FindObjects(session, found.data(), found.size(), &count);
        functions->C_FindObjectsFinal(session);
        if (answer != CKR_OK)
            return refused("the keys of the token cannot be listed", answer, token);
        if (count > 1)
            return fail(Error::Kind::conflict,
                        fmt::format("several keys of the token '{}' are called so: name one "
                                    "otherwise",
                                    token),
                        label);
        return count == 0 ? std::nullopt : std::optional(found[0]);
    }

    Result<ck_object_handle_t> key(const std::string& label, TokenMechanism mechanism,
                                   bool to_encrypt) const {
        const bool symmetric = mechanism == TokenMechanism::aes_gcm;
        const ck_object_class_t of_class =
            symmetric ? CKO_SECRET_KEY : (to_encrypt ? CKO_PUBLIC_KEY : CKO_PRIVATE_KEY);
        VIGIL_TRY(found, find(of_class, label));
        if (found) return *found;
        return fail(
            Error::Kind::not_found,
            fmt::format("the token '{}' has no {} key of this name: make it with the "
                        "token's own tool, or correct keys.pkcs11_key",
                        token, symmetric ? "AES" : (to_encrypt ? "public RSA" : "private RSA")),
            label);
    }
};

TokenSession::TokenSession(std::unique_ptr<Open> open) : open_(std::move(open)) {}
TokenSession::TokenSession(TokenSession&&) noexcept = default;
TokenSession& TokenSession::operator=(TokenSession&&) noexcept = default;
TokenSession::~TokenSession() = default;

Result<TokenSession> TokenSession::open(const TokenSettings& settings, const std::string& token) {
    VIGIL_TRY(functions, load_module(settings.module));
    auto open = std::make_unique<Open>();
    open->functions = functions;
    open->token = token;
    VIGIL_CHECK(open->initialize(settings.module));
    VIGIL_TRY(slot, open->slot_of(token));
    const auto answer =
        functions->C_OpenSession(slot.first, CKF_SERIAL_SESSION, nullptr, nullptr, &open->session);
    open->has_session = answer == CKR_OK;
    if (answer != CKR_OK) return refused("the token opens no session", answer, token);
    VIGIL_CHECK(open->sign_in(slot.second, settings.pin_file));
    return TokenSession(std::move(open));
}

Result<std::vector<TokenMechanism>> TokenSession::mechanisms(const std::string& key) {
    VIGIL_TRY(secret, open_->find(CKO_SECRET_KEY, key));
    if (secret) return std::vector{TokenMechanism::aes_gcm};
    VIGIL_TRY(pair, open_->find(CKO_PRIVATE_KEY, key));
    if (pair) return std::vector{TokenMechanism::rsa_oaep_sha256, TokenMechanism::rsa_oaep_sha1};
    return fail(Error::Kind::not_found,
                fmt::format("the token '{}' has no key of this name: make an AES or RSA key with "
                            "the token's own tool, or correct keys.pkcs11_key",
                            open_->token),
                key);
}

Result<std::string> TokenSession::encrypt(const std::string& key, TokenMechanism mechanism,
                                          std::string& nonce, std::string_view clear) {
    VIGIL_TRY(handle, open_->key(key, mechanism, true));
    Mechanism with(mechanism, nonce);
    auto answer = open_->functions->C_EncryptInit(open_->session, with.get(), handle);
    if (answer != CKR_OK) return refused("the token's key does not encrypt", answer, key);
    std::string in(clear), out(cipher_bytes_max, '\0');
    unsigned long length = out.size();
    answer = open_->functions->C_Encrypt(open_->session,
                                         reinterpret_cast<unsigned char*>(in.data()), in.size(),
                                         reinterpret_cast<unsigned char*>(out.data()), &length);
    OPENSSL_cleanse(in.data(), in.size());
    if (answer != CKR_OK) return refused("the token's key does not encrypt", answer, key);
    out.resize(length);
    return out;
}

Result<std::string> TokenSession::decrypt(const std::string& key, TokenMechanism mechanism,
                                          const std::string& nonce, std::string_view encrypted) {
    VIGIL_TRY(handle, open_->key(key, mechanism, false));
    auto own_nonce = nonce;
    Mechanism with(mechanism, own_nonce);
    auto answer = open_->functions->C_DecryptInit(open_->session, with.get(), handle);
    if (answer != CKR_OK) return refused("the token's key does not decrypt", answer, key);
    std::string in(encrypted), out(cipher_bytes_max, '\0');
    unsigned long length = out.size();
    answer = open_->functions->C_Decrypt(open_->session,
                                         reinterpret_cast<unsigned char*>(in.data()), in.size(),
                                         reinterpret_cast<unsigned char*>(out.data()), &length);
    if (answer != CKR_OK)
        return refused("the token's key does not decrypt what should be the master key", answer,
                       key);
    out.resize(length);
    return out;
}

}  // namespace vigil::identity
