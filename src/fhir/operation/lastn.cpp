// Observation/$lastn: the newest of each code (R4 operation-observation-lastn).
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "fhir/operation/newest.hpp"
#include "fhir/operation/operations.hpp"
#include "fhir/rest/reading.hpp"

namespace vigil::fhir {
namespace {

constexpr std::size_t max_of_code = 100;

bool is_code_parameter(std::string_view name) {
    const auto plain = name.substr(0, name.find(':'));
    return plain == "category" || plain == "code" || plain.ends_with("-code") ||
           plain.starts_with("code-") || plain.starts_with("combo-code");
}

}  // namespace

Answer<Response> answer_lastn(const Request& request, ViewReader& reader,
                              const RestContext& context) {
    std::size_t count = 1;
    Parameters filters;
    bool has_patient = false, has_code = false, has_status = false;
    for (const auto& [name, value] : request.query) {
        if (name == "max") {
            const auto [end, error] =
                std::from_chars(value.data(), value.data() + value.size(), count);
            if (error != std::errc() || end != value.data() + value.size() || count == 0)
                return refuse(400, "value", "max is a positive whole number");
            continue;
        }
        if (name == "_sort" || name == "_count" || name == "_cursor") continue;
        const auto plain = std::string_view(name).substr(0, name.find_first_of(":."));
        has_patient = has_patient || plain == "patient" || plain == "subject";
        has_code = has_code || is_code_parameter(name);
        has_status = has_status || plain == "status";
        filters.emplace_back(name, value);
    }
    if (!has_patient || !has_code)
        return refuse(400, "required",
                      "$lastn takes patient or subject, and category or a code parameter");
    count = std::min(count, max_of_code);
    if (!has_status) filters.emplace_back("status:not", "entered-in-error");
    filters.emplace_back("_sort", "-date");
    FHIR_TRY(search, read_search("Observation", filters, context.search(request.strict, reader)));

    FHIR_TRY(records, newest_of_each_code(std::move(search.queries.front()), count, reader));
    return answer_records(search, std::move(records),
                          fmt::format("{}/Observation/$lastn", context.base), reader, context);
}

}  // namespace vigil::fhir
