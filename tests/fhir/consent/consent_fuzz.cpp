// A Consent, and what follows from it for somebody.
#include <cstdint>
#include <string_view>

#include "base/json.hpp"
#include "fhir/consent/terms.hpp"
#include "identity/withholding.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil;
    const auto& world = fhir::consent_world();
    JsonDocument document;
    const auto json = document.parse({reinterpret_cast<const char*>(data), size});
    if (!json) return 0;
    auto consent = fhir::read_consent(*json, world.terms);
    if (!consent || !*consent) return 0;
    constexpr PatientId patient{1};
    (*consent)->patient = patient;
    identity::Consents consents;
    consents.put(std::move(**consent), 1);
    const identity::PersonsWithholding withholding(
        consents, {.account = "bo", .role = identity::Role::physician, .purpose = "TREAT"},
        std::make_shared<const identity::Reached>());
    const auto withheld = withholding.from(patient);
    if (!withheld) return 0;
    const auto metric = world.catalogue.find("heart_rate")->id;
    const store::Span span{Timestamp(Nanoseconds(0)), Timestamp(Nanoseconds(1'000'000))};
    auto from = span.from;
    for (const auto& part : withheld->seen(metric, span)) {
        if (part.from < from || part.from >= part.to || part.to > span.to) __builtin_trap();
        from = part.to;
    }
    for (const auto* type : {"Observation", "Condition", "DocumentReference", "Patient"}) {
        const auto condition = withheld->of_type(type);
        if (withheld->all() && !condition) __builtin_trap();
    }
    return 0;
}
