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
    entry.is_imported = true;
    entry.request.method = "PUT";
    entry.request.segments = {entry.type, entry.id};
    entry.request.returned = Returned::minimal;
    entry.resource = std::move(resource);
    return entry;
}

// What the store is to blame for, and not the resource.
std::optional<Error> store_error(const Problem& problem) {
    constexpr int server_error = 500;
    if (problem.status < server_error) return std::nullopt;
    return Error{problem.status == 503 ? Error::Kind::busy : Error::Kind::internal,
                 problem.issues.empty() ? std::string() : problem.issues.front().diagnostics,
                 {}};
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
        if (!one.job || !one.entry().prepared) continue;
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

void ImportBatch::take_number_back(std::size_t place) {
    const auto& id = all[place].entry().id;
    for (auto& one : all)
        if (one.job && one.entry().type == "Patient" && one.entry().id == id)
            one.job->take_number_back(0);
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
        VIGIL_CHECK(make_ready(one, transaction, now));
        if (!one.is_written()) continue;
        one.job->use(now);
        auto ran = one.job->run(transaction);
        if (ran) continue;
        auto problem = std::move(ran).error();
        if (auto error = store_error(problem)) return tl::unexpected(std::move(*error));
        one.outcome.problem = std::move(problem);
        return false;
    }
    VIGIL_CHECK(put_on_record(first, count, transaction));
    return true;
}

Result<void> ImportBatch::put_on_record(std::size_t first, std::size_t count,
                                        store::RecordTransaction& transaction) {
    store::OwedLine owed{.line = line_, .by_emergency = {}, .emergency_purpose = {}};
    owed.line.time = transaction.time();
    bool wrote = false;
    for (std::size_t i = first; i < first + count; ++i) {
        if (!all[i].is_written()) continue;
        wrote = true;
        const auto& entry = all[i].entry();
        if (entry.removed_from) owed.touches(*entry.removed_from);
        if (entry.prepared && entry.prepared->subject) owed.touches(*entry.prepared->subject);
    }
    return wrote ? transaction.put_on_record(owed.line) : Result<void>();
}

// Whether it is to be written is known, and what its references lead to.
Result<void> ImportBatch::make_ready(One& one, store::RecordTransaction& transaction,
                                     const std::shared_ptr<const RestContext>& now) {
    one.stands = one.is_refused = false;
    const bool is_made_here = one.job->is_made_in_store();
    if (is_made_here) {
        one.job->use(now);
        if (auto made = one.job->prepare_in(transaction); !made) {
            one.outcome.problem = std::move(made).error();
            one.is_refused = true;
            const auto error = store_error(one.outcome.problem);
            return error ? tl::unexpected(*error) : Result<void>();
        }
    }
    if (!is_made_here && !one.same_as) return {};
    VIGIL_TRY(current, transaction.get(one.entry().type, one.entry().id));
    if (!current) return {};
    one.stands = is_made_here ? !current->deleted && current->body == one.entry().prepared->body
                              : current->version == *one.same_as;
    return {};
}

bool ImportBatch::may_be_refused(const std::vector<std::size_t>& patients) const {
    return std::ranges::any_of(
        patients, [this](std::size_t place) { return all[place].job->is_made_in_store(); });
}

bool ImportBatch::is_refused(std::size_t patient) const {
    const auto& id = all[patient].entry().id;
    return std::ranges::none_of(all, [&](const One& one) {
        return one.job && !one.is_refused && one.entry().type == "Patient" && one.entry().id == id;
    });
}

std::vector<Imported> ImportBatch::outcomes() && {
    std::vector<Imported> out;
    out.reserve(all.size());
    for (auto& one : all) {
        if (one.stands)
            one.outcome = {.how = Imported::How::unchanged};
        else if (one.is_written())
            one.outcome = {.how = one.entry().answer->status == 201 ? Imported::How::created
                                                                    : Imported::How::updated};
        out.push_back(std::move(one.outcome));
    }
    return out;
}

}  // namespace vigil::fhir
