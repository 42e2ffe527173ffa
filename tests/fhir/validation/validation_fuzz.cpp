// Validates any JSON. Whatever comes, it answers within its bounds.

#include <cstdlib>
#include <string_view>

#include "fhir/validation/profiles.hpp"
#include "fhir/validation/validator.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    static const vigil::fhir::Definitions definitions;
    static const auto profiles = [] {
        vigil::fhir::Profiles made(definitions);
        made.add_vital_signs();
        if (!made.link().empty()) std::abort();
        return made;
    }();
    static const vigil::fhir::Validator validator(definitions, &profiles);
    constexpr std::size_t issues_max = 20;
    vigil::JsonDocument document;
    const auto root =
        document.parse({reinterpret_cast<const char*>(data), size});  // NOLINT(*-reinterpret-cast)
    if (!root) return 0;
    if (validator.validate(*root, {.issues_max = issues_max}).size() > issues_max + 1) std::abort();
    return 0;
}
