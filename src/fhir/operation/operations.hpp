#pragma once
// Operations that only read (R4 3.2): what stands after a $.

#include <span>
#include <string_view>

#include "fhir/rest/context.hpp"
#include "fhir/rest/exchange.hpp"
#include "fhir/view/view_reader.hpp"

namespace vigil::fhir {

// One operation at one place: "Patient/[id]/$everything".
struct Operation {
    std::string_view name;  // with the $
    std::string_view type;  // empty: any type, or none
    enum class At : std::uint8_t { system, type, instance };
    At at = At::system;
    bool by_get = true;  // else only POST
    using Answerer = Answer<Response> (*)(const Request&, ViewReader&, const RestContext&);
    Answerer answer = nullptr;
};
// All there are: the CapabilityStatement lists them from here.
std::span<const Operation> operations();

// `request` ends in a segment that starts with $.
Answer<Response> answer_operation(const Request& request, ViewReader& reader,
                                  const RestContext& context);

// --- each in a file of its own ---
Answer<Response> answer_everything(const Request&, ViewReader&, const RestContext&);
Answer<Response> answer_lastn(const Request&, ViewReader&, const RestContext&);
Answer<Response> answer_match(const Request&, ViewReader&, const RestContext&);
Answer<Response> answer_stats(const Request&, ViewReader&, const RestContext&);
Answer<Response> answer_summary(const Request&, ViewReader&, const RestContext&);
Answer<Response> answer_validate(const Request&, ViewReader&, const RestContext&);
Answer<Response> answer_meta(const Request&, ViewReader&, const RestContext&);
Answer<Response> answer_fhirpath(const Request&, ViewReader&, const RestContext&);
Answer<Response> answer_subscription_status(const Request&, ViewReader&, const RestContext&);
Answer<Response> answer_subscription_events(const Request&, ViewReader&, const RestContext&);
Answer<Response> answer_socket_token(const Request&, ViewReader&, const RestContext&);
Answer<Response> answer_expand(const Request&, ViewReader&, const RestContext&);
Answer<Response> answer_validate_code_in_value_set(const Request&, ViewReader&, const RestContext&);
Answer<Response> answer_validate_code_in_code_system(const Request&, ViewReader&,
                                                     const RestContext&);
Answer<Response> answer_lookup(const Request&, ViewReader&, const RestContext&);
Answer<Response> answer_subsumes(const Request&, ViewReader&, const RestContext&);
Answer<Response> answer_translate(const Request&, ViewReader&, const RestContext&);

}  // namespace vigil::fhir
