#include "share/oauth/redirect.hpp"

#include "fhir/rest/reading.hpp"

namespace vigil::share {

session::HttpResponse see_other(std::string location) {
    return {.status = 303,
            .headers = {{"location", std::move(location)},
                        {"cache-control", "no-store"},
                        {"referrer-policy", "no-referrer"}},
            .body = {},
            .next_part = {}};
}

std::string with_query(std::string_view address, const fhir::Parameters& parameters) {
    std::string out(address);
    out += out.find('?') == std::string::npos ? '?' : '&';
    return out + fhir::query_text(parameters);
}

std::string redirect_back(std::string_view redirect_uri, fhir::Parameters with,
                          std::string_view issuer) {
    with.emplace_back("iss", issuer);
    return with_query(redirect_uri, with);
}

}  // namespace vigil::share
