#include "fhir/consent/consent_keeper.hpp"

#include <fmt/format.h>

#include <utility>

#include "fhir/resource/resource.hpp"

namespace vigil::fhir {

Answer<void> ConsentKeeper::check(JsonValue consent) const {
    FHIR_CHECK(read_consent(consent, terms_));
    return {};
}

void ConsentKeeper::put(std::string_view id, std::uint64_t version, PatientId patient,
                        std::string_view body) {
    std::string text;
    append_resource(text, body, version, {});
    auto resource = Resource::parse(std::move(text));
    auto read =
        resource
            ? read_consent(resource->json(), terms_)
            : Answer<std::optional<identity::Consent>>(as_refusal(std::move(resource).error()));
    if (!read)
        fmt::print(stderr,
                   "vigil: Consent/{} cannot be held to ({}): until it is mended, its patient's "
                   "data is withheld\n",
                   id, read.error().issues.front().expression);
    auto consent = read ? std::move(*read) : closed_consent(std::string(id));
    if (!consent) return consents_.remove(id, version);
    consent->id = id;
    consent->patient = patient;
    consents_.put(std::move(*consent), version);
}

void ConsentKeeper::written(std::string_view id, std::uint64_t version,
                            std::optional<PatientId> patient, std::string_view body) {
    const auto before = consents_.generation();
    if (patient && !body.empty())
        put(id, version, *patient, body);
    else
        consents_.remove(id, version);
    if (consents_.generation() != before) changed_();
}

Result<void> ConsentKeeper::learn(store::RecordStore& records, const store::Access& access) {
    return records.read(access, [this](store::RecordReader& reader) -> Result<void> {
        store::RecordQuery query{.type = "Consent",
                                 .where = {store::AllOf{}},
                                 .sort = {},
                                 .after = {},
                                 .count_max = 1000};
        do {
            VIGIL_TRY(page, reader.search(query));
            for (const auto& record : page.records)
                if (record.subject) put(record.id, record.version, *record.subject, record.body);
            query.after = std::move(page.next);
        } while (!query.after.empty());
        return {};
    });
}

}  // namespace vigil::fhir
