#pragma once
// What is read: a resource, a version of it, histories, searches (R4 3.1.0.2 to .11, 3.1.1).

#include "fhir/rest/context.hpp"
#include "fhir/rest/exchange.hpp"

namespace vigil::fhir {

// GET of a resource, a version, a history or a search; what the path leads to decides.
Answer<Response> answer_read(const Request& request, store::RecordReader& reader,
                             const RestContext& context);

// The resource as clients see it.
std::string resource_text(const store::Record& record);

// The resources of `type` that a condition written as a query leads to, two at most: for
// conditional interactions (3.1.0.3.1).
Answer<std::vector<store::Record>> matches(std::string_view type, const Parameters& query,
                                           store::RecordReader& reader, const RestContext& context);

// Pages: the body of a Bundle of matches and of what they bring along.
Answer<Response> answer_search(std::string_view type, const Request& request,
                               const std::vector<store::Condition>& within,
                               store::RecordReader& reader, const RestContext& context);
// A search that is read already: a Bundle of its page. `address` is where it was asked.
Answer<Response> answer_page(SearchRequest& search, std::string_view address,
                             store::RecordReader& reader, const RestContext& context);
// The same of matches that were found otherwise.
Answer<Response> answer_records(SearchRequest& search, std::vector<store::Record> matches,
                                std::string_view address, store::RecordReader& reader,
                                const RestContext& context);
Answer<Response> answer_history(const Request& request, store::RecordReader& reader,
                                const RestContext& context);

std::string query_text(const Parameters& parameters);  // percent-encoded

}  // namespace vigil::fhir
