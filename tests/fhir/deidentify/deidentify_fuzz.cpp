// Any JSON through each method: whatever comes, what leaves is one JSON object without line breaks,
// under a code and not its own id, and a text planted where people write is not in it.

#include <cstdlib>
#include <string>

#include "fhir/deidentify/release.hpp"
#include "fhir/resource/resource.hpp"

namespace vigil::fhir::deidentify {
namespace {

constexpr std::string_view planted = "Rivera of Boise";

struct Fixed {
    explicit Fixed(Method method, Times times)
        : table(method),
          plan(definitions(), table, times),
          deidentifier(plan, pseudonyms, {.method = method, .times = times}) {}
    static const Definitions& definitions() {
        static const Definitions all;
        return all;
    }
    RuleTable table;
    Plan plan;
    Pseudonyms pseudonyms{"0123456789abcdef0123456789abcdef", "fuzz"};
    Deidentifier deidentifier;
};

class Anything final : public Surroundings {
public:
    bool holds(std::string_view /*type*/, std::string_view id) override {
        return id.size() % 2 == 0;
    }
};

void check(Fixed& by, JsonValue resource, const Person* person) {
    Anything around;
    std::string out;
    if (by.deidentifier.append(out, resource, person, around) != Fate::released) return;
    JsonDocument document;
    const auto made = document.parse(out, resource_limits);
    if (!made || !is_id((*made)["id"].string())) std::abort();
    if ((*made)["resourceType"].string() != resource["resourceType"].string()) std::abort();
    if (out.find('\n') != std::string::npos) std::abort();
    // The table keeps what a Device says of its maker and model, whatever that is.
    const bool keeps_words = resource["resourceType"].string() == "Device";
    if (!keeps_words && out.find(planted) != std::string::npos) std::abort();
}

}  // namespace
}  // namespace vigil::fhir::deidentify

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace vigil::fhir::deidentify;  // NOLINT(google-build-using-namespace)
    static Fixed harbor(Method::safe_harbor, Times::relative),
        years(Method::safe_harbor, Times::year), shift(Method::date_shift, Times::relative);
    vigil::JsonDocument document;
    const auto root =
        document.parse({reinterpret_cast<const char*>(data), size});  // NOLINT(*-reinterpret-cast)
    if (!root || !root->is(vigil::JsonKind::object)) return 0;
    Person person;
    person.first = event_time("2026-03-01T08:00:00Z");
    person.shift_days = 30;
    for (auto* by : {&harbor, &years, &shift}) {
        check(*by, *root, nullptr);
        check(*by, *root, &person);
    }
    Survey survey(harbor.plan, harbor.pseudonyms, {});
    if (!survey.take(*root)) return 0;
    ReleaseSettings settings;
    settings.gate = *gate_of("none");
    static_cast<void>(decide(survey, harbor.pseudonyms, settings));
    survey.look(*root);
    return 0;
}
