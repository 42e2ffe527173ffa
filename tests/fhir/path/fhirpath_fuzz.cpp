// An expression from outside on a small resource: whatever it is, it ends, and says the same twice.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fhir/path/expression.hpp"

namespace {

constexpr std::string_view patient = R"({"resourceType":"Patient","id":"p","contained":[
{"resourceType":"Organization","id":"o","name":"Ward"}],"active":true,
"name":[{"use":"official","family":"Chalmers","given":["Peter",null],"_given":[null,{"id":"g"}]}],
"birthDate":"1974-12-25","_birthDate":{"extension":[{"url":"u","valueDateTime":"1974-12-25T14:35:45-05:00"}]},
"multipleBirthInteger":2,"managingOrganization":{"reference":"#o"},
"extension":[{"url":"q","valueQuantity":{"value":1.50,"system":"http://unitsofmeasure.org","code":"mg"}}]})";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil;
    using namespace vigil::fhir;
    static const Definitions definitions;
    static JsonDocument document;
    static const auto root = document.parse(patient);
    const auto expression = path::Expression::parse({reinterpret_cast<const char*>(data), size});
    if (!expression) return 0;
    const path::Item resource(*definitions.type("Patient"), *root);
    path::Environment environment{.definitions = &definitions, .resource = resource};
    environment.steps_max = 20'000;
    const auto once = expression->evaluate(resource, environment);
    const auto twice = expression->evaluate(resource, environment);
    if (once.has_value() != twice.has_value() || (once && once->size() != twice->size()))
        std::abort();
    (void)expression->holds(resource, environment);
    return 0;
}
