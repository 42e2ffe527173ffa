#pragma once
// TerminologyCapabilities (FHIR R4 2.10, http://hl7.org/fhir/R4/terminologycapabilities.html): what
// `metadata?mode=terminology` answers, from what is at hand.

#include "fhir/rest/context.hpp"
#include "fhir/rest/exchange.hpp"

namespace vigil::fhir {

Answer<Response> answer_terminology_capabilities(store::RecordReader& reader,
                                                 const RestContext& context,
                                                 std::string_view software_version,
                                                 Timestamp started);

}  // namespace vigil::fhir
