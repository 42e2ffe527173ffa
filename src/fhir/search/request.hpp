#pragma once
// A search's parameters (FHIR R4 3.1.1) as what is asked of the store, and how its page is to look.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fhir/resource/outcome.hpp"
#include "fhir/search/near.hpp"
#include "fhir/search/parameters.hpp"
#include "store/records.hpp"

namespace vigil::fhir {

using Parameters = std::vector<std::pair<std::string, std::string>>;

struct SearchLimits {
    std::size_t page_default = 50, page_max = 1000;
    std::size_t values_max = 500;  // of one parameter, separated by commas
    std::size_t parameters_max = 100;
    std::size_t chain_max = 4;        // references followed by one parameter, _has included
    std::size_t ways_max = 2000;      // of a chain whose links do not name a type
    std::size_t includes_max = 1000;  // resources a page may bring along
};

// _include and _revinclude: "Observation:subject:Patient".
struct Include {
    std::string source, parameter, target;  // parameter "*": all; target may be empty
    bool iterate = false;
};

enum class Summary : std::uint8_t { no, yes, text, data, count };
enum class Total : std::uint8_t { none, estimate, accurate };

struct SearchRequest {
    std::vector<std::string> types;  // one, or those of a search over the whole server
    // For each of `types`, in their order, with the same sort and page.
    std::vector<store::RecordQuery> queries;
    std::string cursor;
    std::size_t count_max = 50;
    std::vector<Include> includes, reverse_includes;
    Summary summary = Summary::no;
    Total total = Total::none;
    std::vector<std::string> elements;
    Parameters used;              // what was understood: the self link
    std::vector<Issue> warnings;  // of what was not, where the client is lenient
};

struct SearchContext {
    const SearchParameters& parameters;
    std::string_view base;
    Timestamp now;
    SearchLimits limits;
    bool strict = false;  // Prefer: handling=strict: what is not known is refused
    // The codes of a value set, for :in and :not-in: by its url, or "ValueSet/12".
    std::function<Answer<std::vector<store::TokenValue>>(std::string_view url)> expand;
    // A code and those below it in its code system, for :below; those above it, for :above.
    std::function<Answer<std::vector<store::TokenValue>>(const store::TokenValue&, bool below)>
        related{};
    // The Locations in an area, by their ids, for `near`.
    std::function<Answer<std::vector<std::string>>(const NearArea&)> nearby{};
};

// `type` empty: over the whole server (_type says which). The parameter that carries a page's
// cursor is `_cursor`.
Answer<SearchRequest> read_search(std::string_view type, const Parameters& parameters,
                                  const SearchContext& context);

// One parameter as a condition, for conditional requests, subscriptions and compartments.
Answer<store::Condition> read_condition(std::string_view type, std::string_view name,
                                        std::string_view value, const SearchContext& context);

// Of a parameter that not all resources are indexed by yet: it would find too few (503, transient).
tl::unexpected<Problem> not_ready(const IndexedParameter& parameter);

// How a value is written that holds what separates values: "a,b" is "a\,b" (3.1.1.4.0.1).
std::vector<std::string_view> split_escaped(std::string_view text, char separator);
std::string unescaped(std::string_view text);

}  // namespace vigil::fhir
