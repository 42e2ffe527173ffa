#include "fhir/bulk/job_answer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fhir/rest/exchange.hpp"

namespace vigil::fhir {
namespace {

constexpr std::size_t segments_max = 5;
constexpr auto busy_retry_s = 30;

std::int64_t seconds_in(Nanoseconds time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time).count();
}

}  // namespace

std::vector<std::string_view> job_segments(std::string_view path) {
    std::vector<std::string_view> out;
    while (!path.empty() && out.size() < segments_max) {
        const auto slash = std::min(path.find('/'), path.size());
        if (slash > 0) out.push_back(path.substr(0, slash));
        path.remove_prefix(std::min(slash + 1, path.size()));
    }
    return out;
}

bool is_lenient(const session::HttpRequest& request) {
    return request.header("prefer").value_or("").find("handling=lenient") != std::string_view::npos;
}

session::HttpResponse job_refused(const Problem& problem) {
    return http_response(response_of(problem), {}, {});
}

session::HttpResponse job_refused(int status, std::string_view code, std::string diagnostics) {
    return job_refused({status, {{Severity::error, code, std::move(diagnostics), {}}}});
}

session::HttpResponse job_later(int status, std::string_view code, std::string diagnostics) {
    auto response = job_refused(status, code, std::move(diagnostics));
    std::erase_if(response.headers, [](const auto& one) { return one.first == "retry-after"; });
    response.headers.emplace_back("retry-after", fmt::format("{}", busy_retry_s));
    return response;
}

session::HttpResponse job_under_way(std::string progress, Nanoseconds since_begun) {
    const auto retry = std::clamp<std::int64_t>(seconds_in(since_begun) / 10, 1, 60);
    return {.status = 202,
            .headers = {{"x-progress", std::move(progress)},
                        {"retry-after", fmt::format("{}", retry)}}};
}

session::HttpResponse job_result(std::string json, Nanoseconds kept_for) {
    return {.status = 200,
            .headers = {{"content-type", "application/json"},
                        {"cache-control",
                         fmt::format("private, max-age={}",
                                     std::max<std::int64_t>(seconds_in(kept_for), 0))}},
            .body = std::move(json)};
}

}  // namespace vigil::fhir
