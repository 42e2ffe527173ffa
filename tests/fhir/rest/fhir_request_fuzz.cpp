// What arrives at /fhir: a body of a kind that its first byte says, or the query of a search.
#include <cstdint>
#include <string>

#include "fhir/operation/patient_match.hpp"
#include "fhir/operation/summary_text.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/rest/bundle.hpp"
#include "fhir/rest/json_patch.hpp"
#include "fhir/search/index_rows.hpp"
#include "fhir/search/parameter_definition.hpp"

namespace vigil::fhir {
namespace {

struct Fixed {
    Definitions definitions;
    SearchParameters parameters{definitions};
    RestContext context{.definitions = definitions,
                        .parameters = parameters,
                        .base = "https://vigil.example/fhir",
                        .limits = {},
                        .now = [] { return Timestamp(); },
                        .new_id = [] { return std::string("id"); },
                        .validate = {}};
    Resource patched = *Resource::parse(
        R"({"resourceType":"Patient","id":"1","name":[{"given":["a","b"]}],"x":{"y":[1.00]}})");
};

const Fixed& fixed() {
    static const Fixed all;
    return all;
}

void search(std::string_view text) {
    Request request;
    static_cast<void>(read_url(text, request));
    for (const auto* type : {"Observation", "Patient", ""})
        static_cast<void>(read_search(type, request.query, fixed().context.search(true)));
}

void keep(std::string text) {
    const auto resource = Resource::parse(std::move(text));
    if (!resource) return;
    static_cast<void>(extract(resource->json(), fixed().context.extraction()));
    static_cast<void>(definition_issues(resource->json(), fixed().parameters));
    const auto person = person_of(resource->json());
    static_cast<void>(likeness(person, person));
    static_cast<void>(summary_table({resource->json()}, false,
                                    [&](std::string_view) { return resource->json(); }));
    std::string out;
    append_resource(out, stored_body(resource->json(), "id"), 1, {});
    if (!Resource::parse(out)) __builtin_trap();  // what was kept can be read
}

void bundle(std::string text) {
    const auto resource = Resource::parse(std::move(text));
    if (!resource) return;
    const auto read = read_bundle(*resource, fixed().context);
    if (!read) return;
    for (const auto& entry : read->entries)
        static_cast<void>(read_entry(entry.request, fixed().context));
}

}  // namespace
}  // namespace vigil::fhir

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil::fhir;
    if (size == 0) return 0;
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0]) {
        case 'p':
            static_cast<void>(json_patch(fixed().patched.json(), text));
            break;
        case 'r':
            keep(text);
            break;
        case 'b':
            bundle(text);
            break;
        default:
            search(text);
    }
    return 0;
}
