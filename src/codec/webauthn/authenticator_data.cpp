#include "codec/webauthn/authenticator_data.hpp"

#include <utility>

#include "base/bytes.hpp"
#include "codec/cbor/cbor.hpp"
#include "codec/webauthn/cbor_map.hpp"

namespace vigil::codec::webauthn {
namespace {

constexpr std::size_t rp_id_hash_bytes = 32, aaguid_bytes = 16;
constexpr std::uint8_t flag_up = 0x01, flag_uv = 0x04, flag_be = 0x08, flag_bs = 0x10,
                       flag_attested = 0x40, flag_extensions = 0x80;

tl::unexpected<Error> problem(const ByteReader& reader, const char* what) {
    return fail(Error::Kind::malformed, what, "byte " + std::to_string(reader.position()));
}

// The bytes of the CBOR item that the rest begins with.
Result<std::string_view> next_item(ByteReader& reader) {
    auto ahead = reader;
    const auto rest = ahead.rest();
    cbor::CborReader items(rest);
    VIGIL_TRY(item, items.next());
    VIGIL_CHECK(items.skip_content(item));
    return *reader.take(items.position());
}

Result<AttestedCredential> read_credential(ByteReader& reader) {
    const auto aaguid = reader.take(aaguid_bytes);
    const auto length = reader.big_endian<std::uint16_t>();
    if (!aaguid || !length) return problem(reader, "it ends within the credential");
    if (*length == 0 || *length > credential_id_bytes_max)
        return problem(reader, "a credential id has 1 to 1023 bytes");
    const auto id = reader.take(*length);
    if (!id) return problem(reader, "it ends within the credential id");
    VIGIL_TRY(key_bytes, next_item(reader));
    VIGIL_TRY(key, decode_cose_key(key_bytes));
    return AttestedCredential{
        .aaguid = std::string(*aaguid), .id = std::string(*id), .key = std::move(key)};
}

}  // namespace

Result<AuthenticatorData> decode_authenticator_data(std::string_view bytes) {
    ByteReader reader(bytes);
    const auto hash = reader.take(rp_id_hash_bytes);
    const auto flags = reader.u8();
    const auto count = reader.big_endian<std::uint32_t>();
    if (!hash || !flags || !count)
        return problem(reader, "authenticator data has 37 bytes at least");
    AuthenticatorData data{.rp_id_hash = std::string(*hash),
                           .user_present = (*flags & flag_up) != 0,
                           .user_verified = (*flags & flag_uv) != 0,
                           .backup_eligible = (*flags & flag_be) != 0,
                           .backed_up = (*flags & flag_bs) != 0,
                           .sign_count = *count};
    if ((*flags & flag_attested) != 0) {
        VIGIL_TRY(credential, read_credential(reader));
        data.credential = std::move(credential);
    }
    if ((*flags & flag_extensions) != 0) VIGIL_CHECK(next_item(reader));
    if (!reader.empty()) return problem(reader, "something stands after the authenticator data");
    return data;
}

Result<std::string_view> authenticator_data_of(std::string_view attestation_object) {
    constexpr std::size_t members_max = 8;
    if (attestation_object.size() > attestation_object_bytes_max)
        return fail(Error::Kind::too_large, "an attestation is not as long as this");
    cbor::CborReader reader(attestation_object);
    VIGIL_TRY(count, read_map(reader, members_max));
    std::optional<std::string_view> found;
    for (std::size_t i = 0; i < count; ++i) {
        VIGIL_TRY(name, read_text(reader));
        if (name == "authData") {
            if (found)
                return fail(Error::Kind::malformed, "authData stands twice", "attestation object");
            VIGIL_TRY(data, read_bytes(reader));
            found = data;
            continue;
        }
        VIGIL_TRY(item, reader.next());
        VIGIL_CHECK(reader.skip_content(item));
    }
    if (!found || !reader.empty())
        return fail(Error::Kind::malformed, "not an attestation object", "attestation object");
    return *found;
}

}  // namespace vigil::codec::webauthn
