#pragma once
// What the interactions work with.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "fhir/resource/outcome.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/search/index_rows.hpp"
#include "fhir/search/request.hpp"
#include "store/records.hpp"

namespace vigil::fhir {

class Subscriptions;
class SocketTokens;

struct RestLimits {
    SearchLimits search;
    std::size_t entries_max = 10'000;  // of a batch or transaction
};

enum class ValidationMode : std::uint8_t { off, warn, enforce };

struct RestContext {
    const Definitions& definitions;
    const SearchParameters& parameters;
    std::string base;  // this server's address as clients see it: "https://vigil.example/fhir"
    RestLimits limits;
    std::function<Timestamp()> now;       // from any thread
    std::function<std::string()> new_id;  // from any thread
    // What is wrong with a resource, that claims profiles or is asked to conform to these.
    std::function<std::vector<Issue>(JsonValue, std::vector<std::string> profiles)> validate;
    // Of one that is to be kept: `enforce` refuses what has an error, `off` does not look.
    ValidationMode validation = ValidationMode::enforce;
    // A Subscription that a client writes, as it is kept.
    std::function<Answer<Resource>(JsonValue)> admit_subscription = {};
    std::function<Subscriptions*()> subscriptions = {};  // none: there are none on this server
    SocketTokens* socket_tokens = nullptr;
    bool is_shared = false;  // with pages of other origins (CORS)

    ExtractionContext extraction() const {
        return {.parameters = parameters, .base = base, .now = now()};
    }
    SearchContext search(bool strict) const {
        return {.parameters = parameters,
                .base = base,
                .now = now(),
                .limits = limits.search,
                .strict = strict,
                .expand = {}};
    }
};

}  // namespace vigil::fhir
