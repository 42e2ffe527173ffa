#include "fhir/bulk/import_address.hpp"

#include "fhir/subscription/subscription.hpp"

namespace vigil::fhir {

Answer<void> check_import_address(std::string_view url, const ImportRules& rules) {
    if (url.starts_with("file:")) {
        if (!file_of(url).empty()) return {};
        return refuse(400, "value",
                      "a file is file:NAME, of letters, digits, - _ . and /, below the folder "
                      "import of the server's data folder",
                      "input.url");
    }
    if (rules.sources.empty())
        return refuse(403, "forbidden",
                      "this site imports from no other server: its operator sets "
                      "fhir.import_sources to the addresses that may be read",
                      "input.url");
    if (url.size() > ImportRules::url_bytes_max || !is_allowed(url, rules.sources))
        return refuse(403, "forbidden",
                      "the url is none of those that the operator allows (fhir.import_sources)",
                      "input.url");
    return {};
}

}  // namespace vigil::fhir
