#include "codec/webauthn/cose_key.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "base/bytes.hpp"
#include "codec/cbor/cbor.hpp"
#include "codec/webauthn/cbor_map.hpp"

namespace vigil::codec::webauthn {
namespace {

// RFC 9052 7.1 and RFC 9053 7: labels of a key, and of what it is made of.
constexpr std::int64_t label_kty = 1, label_alg = 3, label_crv = -1, label_x = -2, label_y = -3;
constexpr std::int64_t label_n = -1, label_e = -2;  // RFC 8230 4
constexpr std::int64_t kty_okp = 1, kty_ec2 = 2, kty_rsa = 3;
constexpr std::int64_t crv_p256 = 1, crv_ed25519 = 6;
constexpr std::size_t members_max = 8;
constexpr std::size_t coordinate_bytes = 32;

// What stands in the key, by label.
struct Members {
    std::map<std::int64_t, std::int64_t> numbers{};
    std::map<std::int64_t, std::string> bytes{};

    std::int64_t number(std::int64_t label) const {
        const auto found = numbers.find(label);
        return found == numbers.end() ? 0 : found->second;
    }
    std::string text(std::int64_t label) const {
        const auto found = bytes.find(label);
        return found == bytes.end() ? std::string() : found->second;
    }
};

Result<Members> read_members(cbor::CborReader& reader) {
    Members members;
    VIGIL_TRY(count, read_map(reader, members_max));
    std::set<std::int64_t> labels;
    for (std::size_t i = 0; i < count; ++i) {
        VIGIL_TRY(label, read_integer(reader));
        if (!labels.insert(label).second)
            return fail(Error::Kind::malformed, "a label stands twice in a key",
                        fmt::format("label {}", label));
        VIGIL_TRY(item, reader.next());
        if (item.kind == cbor::CborItem::Kind::integer)
            members.numbers.emplace(label, item.number.mantissa);
        else if (item.kind == cbor::CborItem::Kind::bytes)
            members.bytes.emplace(label, item.text);
        else
            VIGIL_CHECK(reader.skip_content(item));
    }
    return members;
}

tl::unexpected<Error> not_taken(const char* what) {
    return fail(Error::Kind::unsupported, what, "public key");
}

Result<PublicKey> elliptic(const Members& members) {
    PublicKey key{
        .algorithm = CoseAlgorithm::es256, .x = members.text(label_x), .y = members.text(label_y)};
    if (members.number(label_kty) != kty_ec2 || members.number(label_crv) != crv_p256)
        return not_taken("ES256 is taken on the curve P-256 only");
    if (key.x.size() != coordinate_bytes || key.y.size() != coordinate_bytes)
        return fail(Error::Kind::malformed, "a coordinate of P-256 has 32 bytes", "public key");
    return key;
}

Result<PublicKey> edwards(const Members& members) {
    PublicKey key{.algorithm = CoseAlgorithm::eddsa, .x = members.text(label_x)};
    if (members.number(label_kty) != kty_okp || members.number(label_crv) != crv_ed25519)
        return not_taken("EdDSA is taken on the curve Ed25519 only");
    if (key.x.size() != coordinate_bytes)
        return fail(Error::Kind::malformed, "a key of Ed25519 has 32 bytes", "public key");
    return key;
}

Result<PublicKey> rsa(const Members& members) {
    PublicKey key{.algorithm = CoseAlgorithm::rs256,
                  .modulus = members.text(label_n),
                  .exponent = members.text(label_e)};
    if (members.number(label_kty) != kty_rsa) return not_taken("RS256 takes an RSA key");
    const bool sizes_fit = key.modulus.size() >= rsa_modulus_bytes_min &&
                           key.modulus.size() <= rsa_modulus_bytes_max && !key.exponent.empty() &&
                           key.exponent.size() <= 4;
    if (!sizes_fit || key.modulus.front() == '\0' || key.exponent.front() == '\0')
        return not_taken("an RSA key of 2048 to 4096 bits is taken, written without zeros ahead");
    return key;
}

// The head of a CBOR item (RFC 8949 3), shortest form.
void head(ByteWriter& writer, std::uint8_t major, std::uint64_t argument) {
    const auto type = static_cast<std::uint8_t>(major << 5);
    if (argument < 24) {
        writer.u8(static_cast<std::uint8_t>(type | argument));
    } else if (argument < 256) {
        writer.u8(static_cast<std::uint8_t>(type | 24));
        writer.u8(static_cast<std::uint8_t>(argument));
    } else {
        writer.u8(static_cast<std::uint8_t>(type | 25));
        writer.big_endian(static_cast<std::uint16_t>(argument));
    }
}
void number(ByteWriter& writer, std::int64_t value) {
    const bool negative = value < 0;
    head(writer, negative ? 1 : 0, static_cast<std::uint64_t>(negative ? -1 - value : value));
}
void member(ByteWriter& writer, std::int64_t label, std::int64_t value) {
    number(writer, label);
    number(writer, value);
}
void member(std::string& out, std::int64_t label, std::string_view bytes) {
    ByteWriter writer(out);
    number(writer, label);
    head(writer, 2, bytes.size());
    out += bytes;
}

}  // namespace

Result<PublicKey> decode_cose_key(std::string_view bytes) {
    if (bytes.size() > cose_key_bytes_max)
        return fail(Error::Kind::too_large, "a key is not as long as this", "public key");
    cbor::CborReader reader(bytes);
    VIGIL_TRY(members, read_members(reader));
    if (!reader.empty())
        return fail(Error::Kind::malformed, "something stands after the key", "public key");
    switch (members.number(label_alg)) {
        case static_cast<std::int64_t>(CoseAlgorithm::es256):
            return elliptic(members);
        case static_cast<std::int64_t>(CoseAlgorithm::eddsa):
            return edwards(members);
        case static_cast<std::int64_t>(CoseAlgorithm::rs256):
            return rsa(members);
        default:
            return not_taken("ES256, EdDSA and RS256 are taken");
    }
}

std::string encode(const PublicKey& key) {
    std::string out;
    ByteWriter writer(out);
    const auto begin = [&](std::uint8_t members, std::int64_t kty) {
        head(writer, 5, members);
        member(writer, label_kty, kty);
        member(writer, label_alg, static_cast<std::int64_t>(key.algorithm));
    };
    switch (key.algorithm) {
        case CoseAlgorithm::es256:
            begin(5, kty_ec2);
            member(writer, label_crv, crv_p256);
            member(out, label_x, key.x);
            member(out, label_y, key.y);
            break;
        case CoseAlgorithm::eddsa:
            begin(4, kty_okp);
            member(writer, label_crv, crv_ed25519);
            member(out, label_x, key.x);
            break;
        case CoseAlgorithm::rs256:
            begin(4, kty_rsa);
            member(out, label_n, key.modulus);
            member(out, label_e, key.exponent);
            break;
    }
    return out;
}

}  // namespace vigil::codec::webauthn
