// Resources that are posted themselves, and answered at once: what the command line sends.
#include <fmt/format.h>

#include <algorithm>

#include "base/json_writer.hpp"
#include "fhir/bulk/imports.hpp"
#include "fhir/bulk/job_answer.hpp"

namespace vigil::fhir {
namespace {

constexpr std::size_t told_max = 1'000;  // lines of a body that are told of

}  // namespace

struct Imports::Posted {
    JobCaller caller;
    std::string body;
    Respond respond;
    std::size_t taken = 0;  // of the body
    std::uint64_t line = 0;
    std::vector<std::uint64_t> numbers;  // of the lines under way
    ImportCounts counts;
    std::vector<std::pair<std::uint64_t, Problem>> refused;
};

void Imports::take(JobCaller caller, std::string body, Respond respond) {
    take_next(std::make_shared<Posted>(Posted{.caller = std::move(caller),
                                              .body = std::move(body),
                                              .respond = std::move(respond),
                                              .numbers = {},
                                              .counts = {},
                                              .refused = {}}));
}

void Imports::take_next(const std::shared_ptr<Posted>& posted) {
    std::vector<ImportLine> lines;
    posted->numbers.clear();
    while (posted->taken < posted->body.size() && lines.size() < ImportRun::lines_together) {
        const auto end = std::min(posted->body.find('\n', posted->taken), posted->body.size());
        auto text = posted->body.substr(posted->taken, end - posted->taken);
        posted->taken = std::min(end + 1, posted->body.size());
        ++posted->line;
        if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
        lines.push_back({std::move(text), {}});
        posted->numbers.push_back(posted->line);
    }
    if (lines.empty()) {
        std::string text;
        JsonWriter json(text);
        json.begin_object().member("resourceType", "Parameters").key("parameter").begin_array();
        const auto& counts = posted->counts;
        for (const auto& [name, count] :
             {std::pair{"created", counts.created}, std::pair{"updated", counts.updated},
              std::pair{"unchanged", counts.unchanged}, std::pair{"refused", counts.refused}})
            json.begin_object().member("name", name).member("valueInteger", count).end_object();
        for (const auto& [line, problem] : posted->refused) {
            ImportFindings finding;
            finding.add(line, problem);
            finding.ndjson.pop_back();
            json.begin_object().member("name", "error");
            json.key("resource").verbatim(finding.ndjson).end_object();
        }
        json.end_array().end_object();
        posted->caller.ended(fmt::format("complete, {}", words_of(counts)), {});
        return posted->respond(
            {.status = 200,
             .headers = {{"content-type", "application/fhir+json; charset=utf-8"}},
             .body = std::move(text)});
    }
    auto batch = parts_.work.prepare({posted->caller.access, posted->caller.writes}, lines);
    if (!batch) return posted->respond(job_refused(problem_of(batch.error())));
    parts_.work.write(std::move(*batch), [this, posted](Result<std::vector<Imported>> result) {
        if (!result) return posted->respond(job_refused(problem_of(result.error())));
        auto& counts = posted->counts;
        for (std::size_t i = 0; i < result->size(); ++i) {
            auto& one = (*result)[i];
            if (one.how == Imported::How::created) ++counts.created;
            if (one.how == Imported::How::updated) ++counts.updated;
            if (one.how == Imported::How::unchanged) ++counts.unchanged;
            if (one.how != Imported::How::refused) continue;
            ++counts.refused;
            if (posted->refused.size() < told_max)
                posted->refused.emplace_back(posted->numbers[i], std::move(one.problem));
        }
        parts_.on_worker([this, posted] { take_next(posted); });
    });
}

}  // namespace vigil::fhir
