#pragma once
// A FHIR interaction as asked for and answered: over HTTP, or as an entry of a batch or transaction
// (R4 3.1.0). Bodies are JSON text.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/resource/outcome.hpp"
#include "fhir/search/request.hpp"
#include "session/http.hpp"

namespace vigil::fhir {

enum class Returned : std::uint8_t { representation, minimal, outcome };  // Prefer: return=…

struct Request {
    std::string method;                 // "GET", … ; HEAD is asked as GET
    std::vector<std::string> segments;  // of the path after /fhir: {"Patient", "12", "_history"}
    Parameters query;                   // also of a form that was posted to _search
    std::string body;
    std::string content_type;  // without parameters, in lower case
    std::optional<std::string> if_match, if_none_match, if_none_exist, if_modified_since;
    std::optional<Returned> returned;
    bool strict = false;        // Prefer: handling=strict
    bool asynchronous = false;  // Prefer: respond-async
    bool pretty = false;
    bool by_server = false;  // its own: what only the server may write stands

    std::string_view segment(std::size_t index) const {
        return index < segments.size() ? std::string_view(segments[index]) : std::string_view();
    }
    std::optional<std::string_view> parameter(std::string_view name) const;
};

struct Response {
    int status = 200;
    std::string body;  // empty: none
    std::optional<std::uint64_t> version;
    std::optional<Timestamp> last_modified;
    std::string location;               // "Patient/12/_history/1", after the base
    session::HttpHeaders headers = {};  // beyond those that follow from the members above
    std::vector<Issue> hints = {};      // of what was done all the same
};

// The path is that after the server's base, without a leading slash: "Patient/12".
Answer<Request> read_request(session::HttpRequest request, std::string_view path);
// "Patient/12?_count=3" of Bundle.entry.request.url.
Answer<void> read_url(std::string_view url, Request& out);
Parameters read_form(std::string_view text);  // application/x-www-form-urlencoded

session::HttpResponse http_response(Response response, const Request& request,
                                    std::string_view base);
Response response_of(const Problem& problem);

}  // namespace vigil::fhir
