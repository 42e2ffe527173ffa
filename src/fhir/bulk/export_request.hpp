#pragma once
// What a Bulk Data export is asked for with (Bulk Data Access IG 2.0.0, "Bulk Data Kick-off
// Request": http://hl7.org/fhir/uv/bulkdata/STU2/export.html).

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fhir/rest/context.hpp"
#include "fhir/rest/exchange.hpp"

namespace vigil::fhir {

struct ExportRequest {
    enum class Level : std::uint8_t { system, patient, group };
    Level level = Level::system;
    std::string group;                                // its id
    std::string url;                                  // as it was asked: the manifest's `request`
    std::optional<Timestamp> since;                   // changed then or later
    std::vector<std::string> types;                   // what is exported, each once
    std::map<std::string, store::Condition> filters;  // of a type: what _typeFilter leaves of it
    std::vector<std::string> elements;  // "name" or "Type.name"; none: whole resources
    std::vector<std::string> patients;  // ids; none: all of the level
};

// The kick-off as it was sent. A parameter that is not known is refused, and left out where the
// client is lenient.
Answer<ExportRequest> read_export_request(const Request& request, bool lenient,
                                          store::RecordReader& reader, const RestContext& context);

// Those of _elements that are about `type`; none: it is exported whole.
std::vector<std::string> elements_of(const ExportRequest& request, std::string_view type);

}  // namespace vigil::fhir
