#include "fhir/rest/importing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace vigil::fhir {
namespace {

Answer<WriteEntry> entry_of(const ImportLine& line, const RestContext& context) {
    FHIR_TRY(resource, Resource::parse(line.text));
    WriteEntry entry;
    entry.type = resource.type();
    entry.id = resource.id();
    if (!context.definitions.is_resource_type(entry.type))
        return refuse(
            422, "not-supported",
            fmt::format("there is no resource type {} in FHIR R4", entry.type.substr(0, 64)),
            "resourceType");
    if (!line.type.empty() && entry.type != line.type)
        return refuse(422, "invalid",
                      fmt::format("a {} stands in a file of {}", entry.type, line.type),
                      "resourceType");
    if (!is_id(entry.id))
        return refuse(422, entry.id.empty() ? "required" : "value",
                      "a resource that is imported has an id: 1 to 64 letters, digits, - and .",
                      fmt::format("{}.id", entry.type));
    entry.request.method = "PUT";
    entry.request.segments = {entry.type, entry.id};
    entry.request.returned = Returned::minimal;
    entry.resource = std::move(resource);
    return entry;
}

}  // namespace

void ImportBatch::add(const ImportLine& line, PatientNumbers& numbers) {
    auto& one = all.emplace_back();
    auto entry = entry_of(line, *rest);
    if (!entry) {
        one.outcome.problem = std::move(entry).error();
        return;
    }
    std::vector<WriteEntry> entries;
    entries.push_back(std::move(*entry));
    auto job = std::make_unique<WriteJob>(std::move(entries), numbers, rest);
    if (auto prepared = job->prepare(); !prepared)
        one.outcome.problem = std::move(prepared).error();
    else
        one.job = std::move(job);
}

Result<void> ImportBatch::find_unchanged(store::RecordReader& reader) {
    for (auto& one : all) {
        if (!one.job) continue;
        const auto& prepared = one.entry().prepared;
        VIGIL_TRY(current, reader.get(prepared->type, prepared->id));
        if (current && !current->deleted && current->body == prepared->body)
            one.same_as = current->version;
    }
    return {};
}

Answer<std::vector<std::size_t>> ImportBatch::new_patients(store::RecordReader& reader,
                                                           const PatientNumbers& numbers) {
    std::vector<std::size_t> fresh;
    std::unordered_map<std::string_view, std::size_t> seen;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!all[i].job || all[i].entry().type != "Patient") continue;
        FHIR_TRY(found, fhir::new_patients(all[i].job->entries(), reader, numbers, *rest));
        if (!found.empty() && seen.try_emplace(all[i].entry().id, i).second) fresh.push_back(i);
    }
    return fresh;
}

void ImportBatch::number(std::size_t place, PatientId number) {
    const auto& id = all[place].entry().id;
    for (auto& one : all)
        if (one.job && one.entry().type == "Patient" && one.entry().id == id)
            one.job->number(0, number);
}

bool ImportBatch::may_observe() const {
    return std::ranges::any_of(
        all, [](const One& one) { return one.job && fhir::may_observe(*one.job); });
}

bool ImportBatch::has_observed() const {
    return std::ranges::any_of(
        all, [](const One& one) { return one.is_written() && fhir::has_observed(*one.job); });
}

Result<bool> ImportBatch::run(std::size_t first, std::size_t count,
                              store::RecordTransaction& transaction,
                              const std::shared_ptr<const RestContext>& now) {
    for (std::size_t i = first; i < first + count; ++i) {
        auto& one = all[i];
        if (!one.job) continue;
        one.stands = false;
        if (one.same_as) {
            VIGIL_TRY(current, transaction.get(one.entry().type, one.entry().id));
            one.stands = current && current->version == *one.same_as;
        }
        if (one.stands) continue;
        one.job->use(now);
        auto ran = one.job->run(transaction);
        if (ran) continue;
        auto problem = std::move(ran).error();
        constexpr int server_error = 500;
        if (problem.status >= server_error)
            return fail(
                problem.status == 503 ? Error::Kind::busy : Error::Kind::internal,
                problem.issues.empty() ? std::string() : problem.issues.front().diagnostics);
        one.outcome.problem = std::move(problem);
        return false;
    }
    return true;
}

std::vector<Imported> ImportBatch::outcomes() && {
    std::vector<Imported> out;
    out.reserve(all.size());
    for (auto& one : all) {
        if (one.stands)
            one.outcome = {.how = Imported::How::unchanged};
        else if (one.job)
            one.outcome = {.how = one.entry().answer->status == 201 ? Imported::How::created
                                                                    : Imported::How::updated};
        out.push_back(std::move(one.outcome));
    }
    return out;
}

}  // namespace vigil::fhir
