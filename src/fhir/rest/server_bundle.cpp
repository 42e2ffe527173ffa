// Batches and transactions (R4 3.1.0.11).

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>

#include "fhir/rest/server_call.hpp"

namespace vigil::fhir {

void Server::bundle(const CallPtr& call) {
    auto resource = Resource::parse(std::move(call->request.body));
    if (!resource) return call->answered(response_of(problem_of(resource.error())));
    auto bundle = read_bundle(*resource, *call->rest);
    if (!bundle) return call->answered(response_of(bundle.error()));
    for (auto& entry : bundle->entries)
        if (!entry.request.returned)
            entry.request.returned = call->request.returned.value_or(Returned::minimal);
    if (bundle->is_transaction) return transaction(call, std::move(*bundle));
    if (!call->owed) return batch(call, std::move(*bundle));
    // Its entries commit each for itself: the line comes before the first of them.
    auto waiting = std::make_shared<IncomingBundle>(std::move(*bundle));
    parts_.records.write(
        call->access,
        [call](store::RecordTransaction& transaction) {
            return transaction.put_on_record(call->owed->line);
        },
        [this, call, waiting](const Result<void>& done) {
            if (!done) return call->answered(response_of(problem_of(done.error())));
            call->owed->on_record = true;
            parts_.on_worker([this, call, waiting] { batch(call, std::move(*waiting)); });
        });
}

void Server::transaction(const CallPtr& call, IncomingBundle bundle) {
    std::vector<WriteEntry> entries;
    for (std::size_t i = 0; i < bundle.entries.size(); ++i) {
        auto& from = bundle.entries[i];
        WriteEntry entry;
        if (auto may = check_may(call->access, from.request); !may) {
            may.error().issues.front().expression = fmt::format("Bundle.entry[{}]", i);
            return call->answered(response_of(may.error()));
        }
        if (from.request.method == "GET") {
            entry.request = std::move(from.request);
        } else {
            auto read = read_entry(std::move(from.request), *call->rest);
            if (!read) {
                auto problem = std::move(read).error();
                for (auto& issue : problem.issues)
                    issue.expression =
                        issue.expression.empty()
                            ? fmt::format("Bundle.entry[{}]", i)
                            : fmt::format("Bundle.entry[{}].resource.{}", i, issue.expression);
                return call->answered(response_of(problem));
            }
            entry = std::move(*read);
        }
        // A name for the entry, so that references in it are looked at even where it gave none.
        entry.full_url =
            from.full_url.empty() ? fmt::format("#entry-{}", i) : std::move(from.full_url);
        entries.push_back(std::move(entry));
    }
    call->job = std::make_unique<WriteJob>(std::move(entries), patients_, call->rest);
    call->done = [this](WriteJob& job) {
        std::vector<Response> answers;
        for (auto& entry : job.entries()) answers.push_back(std::move(*entry.answer));
        return Response{.status = 200,
                        .body = bundle_response(true, answers, parts_.rest.base),
                        .version = {},
                        .last_modified = {},
                        .location = {}};
    };
    number_and_commit(call);
}

// What an entry owes the audit: its write has a line of its own, like one that is asked alone; of
// those that only read, one line tells whose data they showed.
struct Server::BatchEntries {
    std::vector<Response> answers;
    std::vector<std::pair<std::size_t, Request>> reads;
    std::atomic<std::size_t> open = 1;
    std::mutex mutex;
    std::set<PatientId> shown;  // by operations, which run beside each other, and reads

    static std::shared_ptr<store::OwedLine> line_of(const store::OwedLine& whole,
                                                    const Request& request) {
        auto owed = std::make_shared<store::OwedLine>();
        owed->line = whole.line;
        owed->line.what = said_of(request);
        owed->by_emergency = whole.by_emergency;
        owed->emergency_purpose = whole.emergency_purpose;
        return owed;
    }
    void answered(std::size_t entry, Response response, const store::OwedLine* owed) {
        if (owed != nullptr && !owed->on_record) {
            const std::lock_guard lock(mutex);
            shown.insert(owed->line.patients.begin(), owed->line.patients.end());
        }
        answers[entry] = std::move(response);
    }
};

// Entries stand for themselves: writes go to the store together, reads follow once all are done.
void Server::batch(const CallPtr& call, IncomingBundle bundle) {
    auto batch = std::make_shared<BatchEntries>();
    batch->answers.resize(bundle.entries.size());
    const auto one_less = [this, call, batch] {
        if (--batch->open > 0) return;
        parts_.on_worker([this, call, batch] { end_batch(call, *batch); });
    };
    for (std::size_t i = 0; i < bundle.entries.size(); ++i) {
        auto& request = bundle.entries[i].request;
        if (request.method == "GET" && !is_operation(request)) {
            batch->reads.emplace_back(i, std::move(request));
            continue;
        }
        ++batch->open;
        auto owed = call->owed ? BatchEntries::line_of(*call->owed, request) : nullptr;
        auto one = std::make_shared<Call>(Call{.access = call->access,
                                               .request = std::move(request),
                                               .answered = {},
                                               .rest = parameters_.now(),
                                               .job = {},
                                               .problem = {},
                                               .observed = {},
                                               .done = {},
                                               .owed = owed});
        one->answered = [batch, i, one_less, owed = std::move(owed)](Response response) {
            batch->answered(i, std::move(response), owed.get());
            one_less();
        };
        answer_one(one);
    }
    one_less();
}

void Server::end_batch(const CallPtr& call, BatchEntries& batch) {
    for (auto& [index, request] : batch.reads) {
        auto owed = call->owed ? BatchEntries::line_of(*call->owed, request) : nullptr;
        Call one{.access = call->access,
                 .request = std::move(request),
                 .answered = {},
                 .rest = parameters_.now(),
                 .job = {},
                 .problem = {},
                 .observed = {},
                 .done = {},
                 .owed = owed};
        batch.answered(index, read(one), owed.get());
    }
    if (const auto& owed = call->owed; owed && !(batch.reads.empty() && batch.shown.empty())) {
        owed->on_record = false;
        auto& line = owed->line;
        line.patients.assign(batch.shown.begin(), batch.shown.end());
        if (std::ranges::any_of(batch.shown, [&](PatientId patient) {
                return owed->by_emergency.contains(patient);
            }))
            line.purpose = owed->emergency_purpose;
    }
    call->answered({.status = 200,
                    .body = bundle_response(false, batch.answers, parts_.rest.base),
                    .version = {},
                    .last_modified = {},
                    .location = {}});
}

}  // namespace vigil::fhir
