// The numbers of new Patients. identity/ gives them by an act in its own log, which stays whatever
// becomes of the write: it is asked once nothing but the store can refuse that.

#include <algorithm>

#include "fhir/rest/server_call.hpp"
#include "fhir/rest/try_out.hpp"

namespace vigil::fhir {
namespace {

// Why a write is refused, over what is in the store now; with numbers of nobody.
Answer<void> try_out(store::RecordStore& records, const store::Access& access, WriteJob& job,
                     const std::vector<std::size_t>& fresh, Timestamp now) {
    for (const auto index : fresh) job.number(index, PatientId{});
    Answer<void> ran;
    const auto read = records.read(access, [&](store::RecordReader& reader) {
        TryOut tried(reader, now);
        ran = job.run(tried);
        return Result<void>();
    });
    if (!read) return refuse(read.error());
    return ran;
}

}  // namespace

void Server::number_and_commit(const CallPtr& call) {
    if (auto found = find_views(call->access, call->job->entries()); !found)
        return call->answered(response_of(problem_of(found.error())));
    if (auto prepared = call->job->prepare(); !prepared)
        return call->answered(response_of(prepared.error()));
    const auto fresh = patients_to_number(call);
    if (!fresh) return call->answered(response_of(fresh.error()));
    if (fresh->empty()) return commit(call);
    if (!call->job->depends_on_store()) return number(call, *fresh);
    // What is made ready now, beside others, need not be when it has its turn.
    if (!call->job->depends_on_itself())
        if (auto ran = try_out(parts_.records, call->access, *call->job, *fresh, call->rest->now());
            !ran)
            return call->answered(response_of(ran.error()));
    take_turn(call);
}

Answer<std::vector<std::size_t>> Server::patients_to_number(const CallPtr& call) {
    auto& entries = call->job->entries();
    const bool may_be_new = std::ranges::any_of(
        entries, [](const WriteEntry& entry) { return entry.type == "Patient" && entry.resource; });
    if (!may_be_new) return std::vector<std::size_t>();
    std::optional<Answer<std::vector<std::size_t>>> fresh;
    const auto read = parts_.records.read(call->access, [&](store::RecordReader& reader) {
        fresh = new_patients(entries, reader, patients_, *call->rest);
        return Result<void>();
    });
    if (!read) return refuse(read.error());
    return std::move(*fresh);
}

// One such write at a time: of two that create a Patient if there is none, the second finds the
// first's, and needs no number.
void Server::take_turn(const CallPtr& call) {
    call->answered = [this, answered = std::move(call->answered)](Response response) {
        answered(std::move(response));
        turn_over();
    };
    {
        const std::lock_guard lock(turns_mutex_);
        turns_.push_back(call);
        if (turns_.size() > 1) return;
    }
    try_and_number(call);
}

void Server::turn_over() {
    CallPtr next;
    {
        const std::lock_guard lock(turns_mutex_);
        turns_.pop_front();
        if (turns_.empty()) return;
        next = turns_.front();
    }
    parts_.on_worker([this, next] { try_and_number(next); });
}

// What the store holds may refuse it: it is tried with numbers of nobody.
void Server::try_and_number(const CallPtr& call) {
    const auto found = patients_to_number(call);
    if (!found) return call->answered(response_of(found.error()));
    if (found->empty()) return commit(call);
    if (call->job->depends_on_itself()) return write_and_undo(call, *found);
    if (auto ran = try_out(parts_.records, call->access, *call->job, *found, call->rest->now());
        !ran)
        return call->answered(response_of(ran.error()));
    number(call, *found);
}

void Server::write_and_undo(const CallPtr& call, const std::vector<std::size_t>& fresh) {
    for (const auto index : fresh) call->job->number(index, PatientId{});
    const auto tried = std::make_shared<bool>(false);
    parts_.records.write(
        call->access,
        [this, call, tried](store::RecordTransaction& transaction) -> Result<void> {
            *tried = true;
            call->problem.reset();
            call->job->use(parameters_.now());
            auto ran = call->job->run(transaction);
            if (!ran) call->problem = std::move(ran).error();
            return fail(Error::Kind::conflict, "tried");
        },
        [this, call, tried, fresh](const Result<void>& undone) {
            if (!*tried) return call->answered(response_of(problem_of(undone.error())));
            if (call->problem) return call->answered(response_of(*call->problem));
            number(call, fresh);
        });
}

void Server::number(const CallPtr& call, const std::vector<std::size_t>& fresh) {
    std::vector<Demographics> patients;
    patients.reserve(fresh.size());
    for (const auto index : fresh) patients.push_back(demographics_of(call->job->entries()[index]));
    parts_.number_patients(std::move(patients), call->access.principal(),
                           [this, call, fresh](Result<std::vector<PatientId>> numbers) {
                               if (!numbers)
                                   return call->answered(response_of(problem_of(numbers.error())));
                               for (std::size_t i = 0; i < fresh.size(); ++i)
                                   call->job->number(fresh[i], (*numbers)[i]);
                               parts_.on_worker([this, call] { commit(call); });
                           });
}

}  // namespace vigil::fhir
