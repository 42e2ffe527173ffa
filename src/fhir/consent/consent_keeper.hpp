#pragma once
// Keeps identity/'s Consents as the record has them.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "fhir/consent/consent_reader.hpp"
#include "identity/consents.hpp"
#include "store/records.hpp"

namespace vigil::fhir {

// From any thread.
class ConsentKeeper {
public:
    // `changed` is called after what was in force is not what it was, from any thread.
    ConsentKeeper(identity::Consents& consents, ConsentTerms terms, std::function<void()> changed)
        : consents_(consents), terms_(std::move(terms)), changed_(std::move(changed)) {}

    // That one may be kept: it says nothing that could not be held to.
    Answer<void> check(JsonValue consent) const;
    // A version was kept, with a body as stored_body() makes it; without one it was deleted. Before
    // whoever wrote it is answered.
    void written(std::string_view id, std::uint64_t version, std::optional<PatientId> patient,
                 std::string_view body);
    // All that the record has: at start. Names on stderr what cannot be read: nobody sees anything
    // of its patient.
    Result<void> learn(store::RecordStore& records, const store::Access& access);

private:
    void put(std::string_view id, std::uint64_t version, PatientId patient, std::string_view body);

    identity::Consents& consents_;
    ConsentTerms terms_;
    std::function<void()> changed_;
};

}  // namespace vigil::fhir
