#include "identity/tpm_root_key.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_tctildr.h>

#include <algorithm>
#include <array>
#include <memory>

namespace vigil::identity {
namespace {

constexpr std::size_t marshalled_bytes_max = 4'096;

// What ESAPI gives out.
struct Free {
    void operator()(void* memory) const { Esys_Free(memory); }
};
template <class T>
using Given = std::unique_ptr<T, Free>;

// TPM 2.0 Library, Part 2, 6.6: a response code as the libraries' own tools print it.
tl::unexpected<Error> refused(std::string_view what, TSS2_RC code, const std::string& place) {
    return fail(Error::Kind::internal, fmt::format("{} (TPM code {:#x})", what, code), place);
}

// The same template each time, so that the TPM makes the same key.
TPM2B_PUBLIC storage_key_template() {
    TPM2B_PUBLIC key{};
    auto& area = key.publicArea;
    area.type = TPM2_ALG_ECC;
    area.nameAlg = TPM2_ALG_SHA256;
    area.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                            TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |
                            TPMA_OBJECT_NODA | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT;
    auto& ecc = area.parameters.eccDetail;
    ecc.symmetric.algorithm = TPM2_ALG_AES;
    ecc.symmetric.keyBits.aes = 128;
    ecc.symmetric.mode.aes = TPM2_ALG_CFB;
    ecc.scheme.scheme = TPM2_ALG_NULL;
    ecc.curveID = TPM2_ECC_NIST_P256;
    ecc.kdf.scheme = TPM2_ALG_NULL;
    return key;
}

// No password of its own: who may use the TPM as this process does may unseal it, and nobody
// guesses at anything (so no lockout either).
TPM2B_PUBLIC sealed_data_template() {
    TPM2B_PUBLIC data{};
    auto& area = data.publicArea;
    area.type = TPM2_ALG_KEYEDHASH;
    area.nameAlg = TPM2_ALG_SHA256;
    area.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                            TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA;
    area.parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL;
    return data;
}

// As the TPM writes it; empty: longer than it can be.
template <class Part, class Marshal>
std::string marshalled(const Part& part, Marshal marshal) {
    std::string bytes(marshalled_bytes_max, '\0');
    std::size_t end = 0;
    if (marshal(&part, reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size(), &end) != 0)
        return {};
    bytes.resize(end);
    return bytes;
}

// One connection to the TPM, with the storage key loaded and a session that encrypts what goes over
// the wires between processor and TPM.
class Tpm {
public:
    explicit Tpm(std::string tcti) : tcti_(std::move(tcti)) {}
    Tpm(const Tpm&) = delete;
    Tpm& operator=(const Tpm&) = delete;
    Tpm(Tpm&&) = delete;
    Tpm& operator=(Tpm&&) = delete;
    ~Tpm() {
        for (const auto handle : {object_, session_, storage_key_})
            if (handle != ESYS_TR_NONE) Esys_FlushContext(context_, handle);
        if (context_ != nullptr) Esys_Finalize(&context_);
        if (transport_ != nullptr) Tss2_TctiLdr_Finalize(&transport_);
    }

    Result<void> open() {
        if (const auto code = Tss2_TctiLdr_Initialize(tcti_.c_str(), &transport_); code != 0)
            return fail(Error::Kind::not_found,
                        fmt::format("there is no TPM here, or this user may not use it: look at "
                                    "keys.tpm and at who may open the device (TPM code {:#x})",
                                    code),
                        tcti_);
        if (const auto code = Esys_Initialize(&context_, transport_, nullptr); code != 0)
            return refused("the TPM cannot be spoken to", code, tcti_);
        VIGIL_CHECK(load_storage_key());
        return begin_session();
    }

    Result<TpmWrap> seal(const Key256& secret) {
        TPM2B_SENSITIVE_CREATE sensitive{};
        sensitive.sensitive.data.size = static_cast<UINT16>(secret.size());
        std::ranges::copy(secret, std::begin(sensitive.sensitive.data.buffer));
        const auto data = sealed_data_template();
        const TPM2B_DATA outside{};
        const TPML_PCR_SELECTION pcrs{};
        TPM2B_PRIVATE* private_part = nullptr;
        TPM2B_PUBLIC* public_part = nullptr;
        const auto code = Esys_Create(context_, storage_key_, session_, ESYS_TR_NONE, ESYS_TR_NONE,
                                      &sensitive, &data, &outside, &pcrs, &private_part,
                                      &public_part, nullptr, nullptr, nullptr);
        OPENSSL_cleanse(&sensitive, sizeof sensitive);
        if (code != 0) return refused("the TPM does not seal", code, tcti_);
        const Given<TPM2B_PRIVATE> own_private(private_part);
        const Given<TPM2B_PUBLIC> own_public(public_part);
        TpmWrap wrap{.public_part = marshalled(*public_part, Tss2_MU_TPM2B_PUBLIC_Marshal),
                     .private_part = marshalled(*private_part, Tss2_MU_TPM2B_PRIVATE_Marshal)};
        if (wrap.public_part.empty() || wrap.private_part.empty())
            return fail(Error::Kind::internal, "what the TPM sealed is too long to keep", tcti_);
        return wrap;
    }

    Result<Key256> unseal(const TpmWrap& wrap) {
        VIGIL_CHECK(load(wrap));
        TPM2B_SENSITIVE_DATA* data = nullptr;
        const auto code =
            Esys_Unseal(context_, object_, session_, ESYS_TR_NONE, ESYS_TR_NONE, &data);
        if (code != 0) return refused("the TPM does not unseal the master key", code, tcti_);
        const Given<TPM2B_SENSITIVE_DATA> own(data);
        Key256 secret{};
        if (data->size != secret.size())
            return fail(Error::Kind::malformed, "what the TPM unseals is no master key", tcti_);
        std::copy_n(std::begin(data->buffer), secret.size(), secret.begin());
        OPENSSL_cleanse(data, sizeof *data);
        return secret;
    }

private:
    Result<void> load_storage_key() {
        const auto key = storage_key_template();
        const TPM2B_SENSITIVE_CREATE none{};
        const TPM2B_DATA outside{};
        const TPML_PCR_SELECTION pcrs{};
        const auto code = Esys_CreatePrimary(
            context_, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &none, &key,
            &outside, &pcrs, &storage_key_, nullptr, nullptr, nullptr, nullptr);
        if (code != 0)
            return refused(
                "the TPM makes no storage key: its owner hierarchy must be enabled, and "
                "have no password",
                code, tcti_);
        return {};
    }

    Result<void> begin_session() {
        TPMT_SYM_DEF cipher{};
        cipher.algorithm = TPM2_ALG_AES;
        cipher.keyBits.aes = 128;
        cipher.mode.aes = TPM2_ALG_CFB;
        auto code = Esys_StartAuthSession(context_, storage_key_, ESYS_TR_NONE, ESYS_TR_NONE,
                                          ESYS_TR_NONE, ESYS_TR_NONE, nullptr, TPM2_SE_HMAC,
                                          &cipher, TPM2_ALG_SHA256, &session_);
        if (code == 0)
            code = Esys_TRSess_SetAttributes(
                context_, session_,
                TPMA_SESSION_CONTINUESESSION | TPMA_SESSION_DECRYPT | TPMA_SESSION_ENCRYPT, 0xFF);
        if (code != 0) return refused("the TPM begins no session", code, tcti_);
        return {};
    }

    Result<void> load(const TpmWrap& wrap) {
        const auto bytes_of = [](const std::string& part) {
            return reinterpret_cast<const std::uint8_t*>(part.data());
        };
        TPM2B_PUBLIC public_part{};
        TPM2B_PRIVATE private_part{};
        std::size_t end = 0, after = 0;
        if (Tss2_MU_TPM2B_PUBLIC_Unmarshal(bytes_of(wrap.public_part), wrap.public_part.size(),
                                           &end, &public_part) != 0 ||
            Tss2_MU_TPM2B_PRIVATE_Unmarshal(bytes_of(wrap.private_part), wrap.private_part.size(),
                                            &after, &private_part) != 0)
            return fail(Error::Kind::malformed,
                        "the sealed master key is damaged: restore keys/subject.keys from its own "
                        "copy",
                        tcti_);
        const auto code = Esys_Load(context_, storage_key_, session_, ESYS_TR_NONE, ESYS_TR_NONE,
                                    &private_part, &public_part, &object_);
        if (code == 0) return {};
        // TPM_RC_INTEGRITY: made under another storage key.
        return fail(Error::Kind::conflict,
                    fmt::format("the master key was sealed to another TPM, or this one was cleared "
                                "since: use the recovery key (TPM code {:#x})",
                                code),
                    tcti_);
    }

    std::string tcti_;
    TSS2_TCTI_CONTEXT* transport_ = nullptr;
    ESYS_CONTEXT* context_ = nullptr;
    ESYS_TR storage_key_ = ESYS_TR_NONE, session_ = ESYS_TR_NONE, object_ = ESYS_TR_NONE;
};

}  // namespace

Result<MasterWrap> TpmRootKey::wrap(const Key256& master, const RandomSource&) {
    Tpm tpm(tcti_);
    VIGIL_CHECK(tpm.open());
    VIGIL_TRY(sealed, tpm.seal(master));
    VIGIL_TRY(again, tpm.unseal(sealed));
    if (again != master)
        return fail(Error::Kind::internal, "the TPM does not give back what it sealed", tcti_);
    return MasterWrap(std::move(sealed));
}

Result<Key256> TpmRootKey::unwrap(const MasterWrap& wrap) {
    const auto* sealed = std::get_if<TpmWrap>(&wrap);
    if (sealed == nullptr)
        return fail(Error::Kind::conflict, "no TPM sealed this master key", describe());
    Tpm tpm(tcti_);
    VIGIL_CHECK(tpm.open());
    return tpm.unseal(*sealed);
}

bool TpmRootKey::is_of_kind(const MasterWrap& wrap) const {
    return std::holds_alternative<TpmWrap>(wrap);
}

}  // namespace vigil::identity
