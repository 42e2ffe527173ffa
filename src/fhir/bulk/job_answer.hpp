#pragma once
// What jobs that are asked for now and answered later say over HTTP (R4 3.1.6, asynchronous
// request pattern).

#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "fhir/resource/outcome.hpp"
#include "session/http.hpp"

namespace vigil::fhir {

// "$export/12/Patient.ndjson" → its parts; more than four are five at most.
std::vector<std::string_view> job_segments(std::string_view path);
// Prefer: handling=lenient.
bool is_lenient(const session::HttpRequest& request);

session::HttpResponse job_refused(const Problem& problem);
session::HttpResponse job_refused(int status, std::string_view code, std::string diagnostics);
// The same with Retry-After: it may be asked again.
session::HttpResponse job_later(int status, std::string_view code, std::string diagnostics);
// 202: how far it is, and when to look again: seldom where it takes long.
session::HttpResponse job_under_way(std::string progress, Nanoseconds since_begun);
// What it has come to, which is kept for so long still.
session::HttpResponse job_result(std::string json, Nanoseconds kept_for);

}  // namespace vigil::fhir
