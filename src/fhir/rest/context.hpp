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
#include "fhir/terminology/record_library.hpp"
#include "store/records.hpp"

namespace vigil::fhir {

class Subscriptions;
class SocketTokens;

struct RestLimits {
    SearchLimits search;
    std::size_t entries_max = 10'000;  // of a batch or transaction
};

enum class ValidationMode : std::uint8_t { off, warn, enforce };

// Codes: what of them is not in the record, and what was learned of those that are.
struct Terms {
    terminology::Shelf& shelf;
    terminology::Memory& memory;
};

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
    // Whether a Consent says only what can be held to; none: it is not asked.
    std::function<Answer<void>(JsonValue)> check_consent = {};
    std::function<Subscriptions*()> subscriptions = {};  // none: there are none on this server
    SocketTokens* socket_tokens = nullptr;
    bool is_shared = false;          // with pages of other origins (CORS)
    std::string authorization = {};  // where apps are let in: "https://vigil.example/oauth"
    std::optional<Terms> terms = std::nullopt;
    // See terminology::RecordLibrary.
    std::optional<std::uint64_t> memory_as_of = std::nullopt;

    ExtractionContext extraction() const {
        return {.parameters = parameters, .base = base, .now = now()};
    }
    // Without a reader there are no value sets to search by.
    SearchContext search(bool strict) const {
        return {.parameters = parameters,
                .base = base,
                .now = now(),
                .limits = limits.search,
                .strict = strict,
                .expand = {},
                .related = {}};
    }
    // `reader` and this outlive what is made here.
    SearchContext search(bool strict, store::RecordReader& reader) const;
    Answer<terminology::RecordLibrary> library(store::RecordReader& reader) const;
    // The same, for a snapshot that is opened after this.
    RestContext for_reading() const {
        auto context = *this;
        if (terms) context.memory_as_of = terms->memory.generation();
        return context;
    }
};

}  // namespace vigil::fhir
