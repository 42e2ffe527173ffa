// The way of a commit: what it holds becomes readable, then its acknowledgements leave.
#include <fmt/format.h>

#include <algorithm>

#include "app/core.hpp"

namespace vigil::app {
namespace {

store::Sample sample_of(const FiledReading& filed, Timestamp receive_time, std::uint32_t sequence) {
    return {.filed_time = filed.filed_time,
            .device_time = filed.reading.device_time,
            .receive_time = receive_time,
            .sequence = sequence,
            .status = filed.reading.status,
            .value = filed.reading.value};
}

}  // namespace

void put_all(store::SeriesStore& series, const collect::FiledMessage& message) {
    auto sequence = message.first_sequence;
    for (const auto& filed : message.readings)
        series.put({message.device, filed.reading.metric, filed.reading.channel}, message.patient,
                   sample_of(filed, message.receive_time, sequence++));
}

void Server::Core::on_commits(const std::vector<store::Commit>& commits) {
    for (const auto& commit : commits) on_commit(commit);
    unread_->flush();
    if (fhir_) fhir_->commit_ended();
}

void Server::Core::on_commit(const store::Commit& commit) {
    acts_->on_commit(commit);
    intake_->on_commit(commit);
    watch_->on_commit(commit);
    if (commit.outcome) {
        auto last = commit.first_position;
        last.offset += commit.last - commit.first;
        folder_->series().advance(last);
        unread_->seen(last);
        taken_ = last;
    }
    // Acknowledgements leave here: what they promise is readable by now.
    broker_->on_commit(commit);
    durable_ticket_ = commit.last;
    while (!durable_waiters_.empty() && durable_waiters_.begin()->first <= commit.last) {
        const auto done = std::move(durable_waiters_.begin()->second);
        durable_waiters_.erase(durable_waiters_.begin());
        done(commit.outcome);
    }
    const std::lock_guard lock(measures_mutex_);
    if (commit.outcome) {
        failing_.reset();
    } else if (!failing_) {
        failing_ = fmt::format("since {} nothing can be stored: {}", format_rfc3339(commit.time),
                               commit.outcome.error().message);
        fmt::print(stderr, "vigil: {}\n", *failing_);
    }
    ++(commit.outcome ? commit_count_ : failed_commits_);
    if (first_received_) {
        const auto latency = std::max(Nanoseconds(0), loop_.now() - *first_received_);
        commit_latency_.add(latency);
        commit_histogram_.add(latency);
    }
    first_received_.reset();
}

void Server::Core::arrived(const collect::FiledMessage& message) {
    if (!first_received_) first_received_ = message.receive_time;
    if (message.stored()) put_all(folder_->series(), message);
    if (!message.stored()) watch_->arrived_unstored(message);
    live_->arrived(message, loop_.now());
    if (fhir_) fhir_->arrived(message);
}

void Server::Core::when_durable(store::Ticket ticket, std::function<void(Result<void>)> done) {
    if (ticket <= durable_ticket_) return done({});
    durable_waiters_.emplace(ticket, std::move(done));
}

void Server::Core::request(broker::SessionNumber session, std::vector<Position> wanted) {
    workers_->post([this, session, wanted = std::move(wanted)] {
        auto entries = broker::read_messages(folder_->log(), *intake_, wanted);
        loop_.post([this, session, entries = std::move(entries)] {
            broker_->on_backlog(session, entries);
        });
    });
}

}  // namespace vigil::app
