// What an import brings, by the same way as every other write.
#include <atomic>

#include "fhir/rest/importing.hpp"
#include "fhir/rest/server.hpp"

namespace vigil::fhir {

Result<std::shared_ptr<ImportBatch>> Server::prepare_import(const ImportedBy& by,
                                                            const std::vector<ImportLine>& lines) {
    auto batch = std::make_shared<ImportBatch>(by, parameters_.now());
    for (const auto& line : lines) batch->add(line, patients_);
    VIGIL_CHECK(parts_.records.read(
        by.access, [&](store::RecordReader& reader) { return batch->find_unchanged(reader); }));
    for (auto& one : batch->all) {
        if (!one.job || one.same_as) continue;
        if (auto& prepared = one.entry().prepared)
            prepared->compressed = parts_.records.compress(prepared->body);
        VIGIL_CHECK(find_views(by.access, one.job->entries()));
    }
    return batch;
}

void Server::write_import(std::shared_ptr<ImportBatch> batch, ImportDone done) {
    std::optional<Answer<std::vector<std::size_t>>> fresh;
    const auto read = parts_.records.read(batch->access, [&](store::RecordReader& reader) {
        fresh = batch->new_patients(reader, patients_);
        return Result<void>();
    });
    if (!read) return done(tl::unexpected(read.error()));
    if (!*fresh) return done(fail(Error::Kind::internal, "the Patients cannot be looked up"));
    if (!batch->may_be_refused(**fresh))
        return number_import(std::move(**fresh), std::move(batch), std::move(done));
    // As in server_numbering.cpp: written with numbers of nobody, and undone.
    for (const auto place : **fresh) batch->number(place, PatientId{});
    const auto ran = std::make_shared<Result<bool>>(fail(Error::Kind::busy, "not tried"));
    parts_.records.write(
        batch->access,
        [this, batch, ran](store::RecordTransaction& transaction) -> Result<void> {
            *ran = batch->run(0, batch->all.size(), transaction, parameters_.now());
            return fail(Error::Kind::conflict, "tried");
        },
        [this, batch, ran, places = std::move(**fresh),
         done = std::move(done)](const Result<void>&) mutable {
            if (!*ran) return done(tl::unexpected(ran->error()));
            for (const auto place : places)
                if (batch->is_refused(place)) batch->take_number_back(place);
            std::erase_if(places, [&](std::size_t place) { return batch->is_refused(place); });
            number_import(std::move(places), std::move(batch), std::move(done));
        });
}

void Server::number_import(std::vector<std::size_t> places, std::shared_ptr<ImportBatch> batch,
                           ImportDone done) {
    if (places.empty()) return commit_import(std::move(batch), std::move(done));
    std::vector<Demographics> patients;
    patients.reserve(places.size());
    for (const auto place : places) patients.push_back(demographics_of(batch->all[place].entry()));
    const auto by = batch->access.principal();
    parts_.number_patients(
        std::move(patients), by,
        [this, batch = std::move(batch), places = std::move(places),
         done = std::move(done)](Result<std::vector<PatientId>> numbers) mutable {
            if (!numbers) return done(tl::unexpected(numbers.error()));
            for (std::size_t i = 0; i < places.size(); ++i) batch->number(places[i], (*numbers)[i]);
            parts_.on_worker([this, batch = std::move(batch), done = std::move(done)]() mutable {
                commit_import(std::move(batch), std::move(done));
            });
        });
}

// All in one commit; where one of them is refused, each in its own, which tells which.
void Server::commit_import(std::shared_ptr<ImportBatch> batch, ImportDone done) {
    if (parts_.observation_begins && batch->may_observe())
        done = [done = std::move(done), batch,
                observed = parts_.observation_begins()](Result<std::vector<Imported>> outcome) {
            observed(!outcome || batch->has_observed());
            done(std::move(outcome));
        };
    const auto ran = std::make_shared<Result<bool>>(true);
    parts_.records.write(
        batch->access,
        [this, batch, ran](store::RecordTransaction& transaction) -> Result<void> {
            *ran = batch->run(0, batch->all.size(), transaction, parameters_.now());
            if (*ran && **ran) return {};
            return fail(Error::Kind::conflict, "refused");
        },
        [this, batch, ran, done = std::move(done)](const Result<void>& committed) mutable {
            if (!*ran) return done(tl::unexpected(ran->error()));
            if (!**ran) return commit_import_from(0, std::move(batch), std::move(done));
            if (!committed) return done(tl::unexpected(committed.error()));
            parts_.on_worker([this, batch = std::move(batch), done = std::move(done)]() mutable {
                import_committed(std::move(batch), std::move(done));
            });
        });
}

void Server::commit_import_from(std::size_t place, std::shared_ptr<ImportBatch> batch,
                                ImportDone done) {
    while (place < batch->all.size() && !batch->all[place].job) ++place;
    if (place == batch->all.size())
        return parts_.on_worker([this, batch = std::move(batch), done = std::move(done)]() mutable {
            import_committed(std::move(batch), std::move(done));
        });
    const auto ran = std::make_shared<Result<bool>>(true);
    parts_.records.write(
        batch->access,
        [this, batch, ran, place](store::RecordTransaction& transaction) -> Result<void> {
            *ran = batch->run(place, 1, transaction, parameters_.now());
            if (*ran && **ran) return {};
            return fail(Error::Kind::conflict, "refused");
        },
        [this, batch, ran, place, done = std::move(done)](const Result<void>& committed) mutable {
            if (!*ran) return done(tl::unexpected(ran->error()));
            if (**ran && !committed) return done(tl::unexpected(committed.error()));
            if (!**ran) batch->all[place].job.reset();
            commit_import_from(place + 1, std::move(batch), std::move(done));
        });
}

// What follows from a write follows from these before they count as imported.
void Server::import_committed(std::shared_ptr<ImportBatch> batch, ImportDone done) {
    std::vector<const WriteEntry*> entries;
    bool reloads = false;
    for (auto& one : batch->all) {
        if (!one.is_written()) continue;
        one.job->remember_patients();
        forget_terms(*one.job);
        tell_patients(*one.job);
        reloads = reloads || one.job->has_search_parameters();
        entries.push_back(&one.entry());
    }
    if (reloads) parameters_.reload();
    tell_consents(entries);
    const auto access = batch->access;
    tell_subscriptions(entries, access,
                       [batch = std::move(batch), done = std::move(done)]() mutable {
                           done(std::move(*batch).outcomes());
                       });
}

// Calls on once it is known whose the Subscriptions among them are.
void Server::tell_subscriptions(const std::vector<const WriteEntry*>& entries,
                                const store::Access& by, const std::function<void()>& then) {
    std::vector<const WriteEntry*> subscriptions;
    for (const auto* entry : entries) {
        const bool is_written =
            entry->type == "Subscription" && entry->is_put() && !entry->request.by_server;
        if (is_written && parts_.subscription_written) subscriptions.push_back(entry);
    }
    if (parts_.records_written) parts_.records_written();
    if (subscriptions.empty()) return then();
    auto open = std::make_shared<std::atomic<std::size_t>>(subscriptions.size());
    for (const auto* entry : subscriptions)
        parts_.subscription_written(entry->id, *entry->answer->version, by, [then, open] {
            if (--*open == 0) then();
        });
}

}  // namespace vigil::fhir
