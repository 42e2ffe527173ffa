// A snapshot is the shortest list of acts that makes the same registry, behind a line that says
// what of the log it stands for: so there is one format, and one way to read it. In version 2 each
// act stands behind the number of whose data it is, sealed under that patient's key.

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "base/bytes.hpp"
#include "identity/registry.hpp"
#include "store/log.hpp"

namespace vigil::identity {
namespace {

constexpr std::uint8_t plain_version = 1, sealed_version = 2;

// Nothing: it was of a patient who is erased.
Result<std::optional<std::string>> opened(ByteReader& reader, store::Sealer& sealer) {
    const auto subject = reader.varint();
    const auto bytes = reader.sized();
    if (!subject || *subject > UINT32_MAX || !bytes)
        return fail(Error::Kind::malformed, "the registry's snapshot is damaged");
    if (*subject == 0) return std::optional(std::string(*bytes));
    std::string clear;
    auto done = sealer.open(PatientId{static_cast<std::uint32_t>(*subject)}, *bytes, clear);
    if (!done && done.error().kind == Error::Kind::not_found) return std::optional<std::string>();
    if (!done) return tl::unexpected(std::move(done).error());
    return std::optional(std::move(clear));
}

}  // namespace

std::string Registry::snapshot(store::Sealer* sealer) const {
    std::string out;
    ByteWriter writer(out);
    writer.u8(sealer != nullptr ? sealed_version : plain_version);
    writer.varint(applied_.partition);
    writer.varint(applied_.offset);
    for (const auto next : {next_patient_, next_device_, next_account_, next_token_})
        writer.varint(next);
    const auto write = [&](Timestamp recorded, const std::string& by, Act::Body body) {
        const Act act{recorded, by, std::move(body)};
        const auto text = encode(act);
        if (sealer == nullptr) return writer.sized(text);
        const auto whose = subject(act);
        writer.varint(whose.value);
        if (!whose) return writer.sized(text);
        std::string sealed;
        sealer->seal(whose, text, sealed);
        writer.sized(sealed);
    };
    const std::string nobody_in_particular;
    const auto plain = [&](Act::Body body) { write({}, nobody_in_particular, std::move(body)); };

    // Before the devices: what they were on since stands below as it is.
    for (const auto& [id, erased] : erased_) write(erased.at, erased.by, erased.act);
    for (const auto& [id, patient] : patients_) plain(PatientAdded{patient});
    // Gateways before the devices that they speak for.
    for (const bool behind_gateway : {false, true})
        for (const auto& [id, device] : devices_)
            if (static_cast<bool>(device.gateway) == behind_gateway) plain(DeviceAdded{device});
    for (const auto& [id, device] : devices_)
        for (const auto& [patient, from, to, rank, recorded, by] : spans(id))
            write(recorded, by, DeviceAssociated{id, patient, from, to, rank});
    for (const auto& [device, secret] : device_tokens_) plain(DeviceTokenSet{device, secret});
    for (const auto& [serial, certificate] : certificates_) {
        plain(CertificateIssued{certificate});
        if (certificate.revoked) plain(CertificateRevoked{serial});
    }
    for (const auto& [device, offered] : enrolments_) plain(offered);
    for (const auto& [id, account] : accounts_) plain(AccountAdded{account});
    for (const auto& [id, token] : tokens_) plain(TokenIssued{token});
    factors_.each_act(plain);
    for (const auto& [id, relation] : relations_) plain(RelationGiven{relation});
    apps_.each_act(plain);
    for (const auto& [id, standing] : holds_)
        write(standing.since, standing.by, HoldSet{id, true, standing.reason});
    for (const auto& [id, standing] : restrictions_)
        write(standing.since, standing.by, RestrictionSet{id, true, standing.reason});
    return out;
}

Result<Registry> Registry::restore(std::string_view bytes, store::Sealer* sealer) {
    ByteReader reader(bytes);
    const auto damaged = [&] {
        return fail(Error::Kind::malformed, "the registry's snapshot is damaged",
                    "byte " + std::to_string(reader.position()));
    };
    const auto version = reader.u8();
    const bool is_sealed = version == sealed_version && sealer != nullptr;
    if (version != plain_version && !is_sealed) return damaged();
    const auto partition = reader.varint();
    const auto offset = reader.varint();
    std::array<std::uint32_t, 4> next{};
    for (auto& number : next) {
        const auto read = reader.varint();
        if (!read || *read == 0 || *read > registered_max + 1) return damaged();
        number = static_cast<std::uint32_t>(*read);
    }
    if (!partition || !offset || *partition > UINT32_MAX) return damaged();

    Registry registry;
    while (!reader.empty()) {
        std::optional<std::string> encoded;
        if (is_sealed) {
            VIGIL_TRY(clear, opened(reader, *sealer));
            if (!clear) continue;
            encoded = std::move(clear);
        } else if (const auto clear = reader.sized()) {
            encoded = *clear;
        } else {
            return damaged();
        }
        VIGIL_TRY(act, decode_act(*encoded));
        VIGIL_CHECK(
            std::visit([&](const auto& body) { return registry.take(act, body); }, act.body));
    }
    registry.next_patient_ = std::max(next[0], registry.next_patient_);
    registry.next_device_ = std::max(next[1], registry.next_device_);
    registry.next_account_ = std::max(next[2], registry.next_account_);
    registry.next_token_ = std::max(next[3], registry.next_token_);
    registry.applied_ = {static_cast<std::uint32_t>(*partition), *offset};
    return registry;
}

}  // namespace vigil::identity
