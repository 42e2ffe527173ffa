// A StructureDefinition, ValueSet or whole package from outside: read, and used on a resource.

#include <string>

#include "fhir/validation/package.hpp"
#include "fhir/validation/profile_check.hpp"

namespace {

using namespace vigil;

constexpr std::string_view observation = R"({"resourceType": "Observation", "status": "final",
    "category": [{"coding": [{"system": "http://x", "code": "a"}]}], "code": {"text": "x"},
    "subject": {"reference": "Patient/1"}, "extension": [{"url": "http://x/e", "valueCode": "a"}],
    "component": [{"code": {"text": "a"}, "valueQuantity": {"value": 1}}]})";

void read_as_package(std::string_view bytes) {
    const auto reader = [](std::string_view, std::string) -> Result<void> { return {}; };
    [[maybe_unused]] const auto read = fhir::read_package(bytes, reader, {.bytes_max = 1U << 20});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    static const fhir::Definitions definitions;
    const std::string_view bytes(reinterpret_cast<const char*>(data),  // NOLINT(*-reinterpret-cast)
                                 size);
    read_as_package(bytes);
    fhir::Profiles profiles(definitions);
    if (!profiles.add(std::string(bytes))) return 0;
    profiles.link();
    const auto source = fhir::read_profile_source(std::string(bytes));
    const auto* profile = profiles.find(source->get()->root["url"].string());
    JsonDocument document;
    const auto resource = document.parse(observation);
    if (profile == nullptr || !resource) return 0;
    const fhir::path::Item item(*definitions.type("Observation"), *resource);
    fhir::path::Environment environment;
    environment.definitions = &definitions;
    environment.now = {};
    environment.resource = environment.root_resource = item;
    constexpr std::size_t issues_max = 20;
    fhir::Report report(issues_max);
    const fhir::Place place{nullptr, "Observation"};
    if (profile->type->name == "Observation")
        fhir::check_profile(*profile, item, profiles, environment, place, report);
    return 0;
}
