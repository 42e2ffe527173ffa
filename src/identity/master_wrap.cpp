#include "identity/master_wrap.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace vigil::identity {
namespace {

constexpr std::uint8_t of_key = 1, of_token = 2, of_tpm = 3;

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};

std::optional<std::string> read_sized(ByteReader& reader, std::size_t at_most) {
    const auto bytes = reader.sized();
    if (!bytes || bytes->size() > at_most) return std::nullopt;
    return std::string(*bytes);
}

std::optional<MasterWrap> read_key(ByteReader& reader) {
    KeyWrap wrap;
    const auto root = reader.take(wrap.root.size());
    const auto wrapped = reader.take(wrap.wrapped.size());
    if (!root || !wrapped) return std::nullopt;
    std::ranges::copy(*root, wrap.root.begin());
    std::ranges::copy(*wrapped, wrap.wrapped.begin());
    return wrap;
}

std::optional<MasterWrap> read_token(ByteReader& reader) {
    auto token = read_sized(reader, token_label_bytes_max);
    auto key = read_sized(reader, token_label_bytes_max);
    const auto mechanism = reader.u8();
    auto nonce = read_sized(reader, token_label_bytes_max);
    auto wrapped = read_sized(reader, master_wrap_bytes_max);
    if (!token || !key || !mechanism || !nonce || !wrapped) return std::nullopt;
    const auto known = static_cast<TokenMechanism>(*mechanism);
    if (known != TokenMechanism::aes_gcm && known != TokenMechanism::rsa_oaep_sha256 &&
        known != TokenMechanism::rsa_oaep_sha1)
        return std::nullopt;
    return TokenWrap{.token = std::move(*token),
                     .key = std::move(*key),
                     .mechanism = known,
                     .nonce = std::move(*nonce),
                     .wrapped = std::move(*wrapped)};
}

std::optional<MasterWrap> read_tpm(ByteReader& reader) {
    auto public_part = read_sized(reader, master_wrap_bytes_max);
    auto private_part = read_sized(reader, master_wrap_bytes_max);
    if (!public_part || !private_part) return std::nullopt;
    return TpmWrap{.public_part = std::move(*public_part),
                   .private_part = std::move(*private_part)};
}

}  // namespace

KeyFingerprint fingerprint_of(const Key256& root) {
    const auto digest = sha256("vigil root key " + std::string(root.begin(), root.end()));
    KeyFingerprint out{};
    std::copy_n(digest.bytes.begin(), out.size(), out.begin());
    return out;
}

std::string to_text(const KeyFingerprint& fingerprint) {
    std::string out;
    for (std::size_t i = 0; i < fingerprint.size(); ++i)
        out += fmt::format("{}{:02x}", i != 0 && i % 2 == 0 ? " " : "", fingerprint.at(i));
    return out;
}

std::string encode(const MasterWrap& wrap) {
    std::string out;
    ByteWriter writer(out);
    std::visit(Overloaded{[&](const KeyWrap& key) {
                              writer.u8(of_key);
                              out.append(key.root.begin(), key.root.end());
                              out.append(key.wrapped.begin(), key.wrapped.end());
                          },
                          [&](const TokenWrap& token) {
                              writer.u8(of_token);
                              writer.sized(token.token);
                              writer.sized(token.key);
                              writer.u8(static_cast<std::uint8_t>(token.mechanism));
                              writer.sized(token.nonce);
                              writer.sized(token.wrapped);
                          },
                          [&](const TpmWrap& tpm) {
                              writer.u8(of_tpm);
                              writer.sized(tpm.public_part);
                              writer.sized(tpm.private_part);
                          }},
               wrap);
    return out;
}

std::optional<MasterWrap> decode_master_wrap(std::string_view bytes) {
    ByteReader reader(bytes);
    const auto kind = reader.u8();
    std::optional<MasterWrap> wrap;
    if (kind == of_key) wrap = read_key(reader);
    if (kind == of_token) wrap = read_token(reader);
    if (kind == of_tpm) wrap = read_tpm(reader);
    return reader.empty() ? wrap : std::nullopt;
}

std::string describe(const MasterWrap& wrap) {
    return std::visit(
        Overloaded{
            [](const KeyWrap& key) {
                return fmt::format("a key of 32 bytes, fingerprint {}", to_text(key.root));
            },
            [](const TokenWrap& token) {
                return fmt::format("the PKCS #11 token '{}', key '{}'", token.token, token.key);
            },
            [](const TpmWrap&) { return std::string("the TPM of the machine it was made on"); }},
        wrap);
}

std::string_view kind_word(const MasterWrap& wrap) {
    constexpr std::array<std::string_view, 3> words{"key", "pkcs11", "tpm"};
    return words.at(wrap.index());
}

}  // namespace vigil::identity
