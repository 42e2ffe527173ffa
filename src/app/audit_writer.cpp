#include "app/audit_writer.hpp"

#include <utility>

namespace vigil::app {

void AuditWriter::record(identity::AuditLine line) {
    const auto number = ++recorded_;
    const auto subject =
        line.subjects.patients.size() == 1 ? line.subjects.patients[0] : PatientId{};
    auto what = std::move(line.what);
    if (!line.from.empty()) what += " from " + line.from;
    if (!line.reason.empty()) what += ": " + line.reason;
    auto principal = std::move(line.who) + " (" + line.role + ")";
    audit_.append({.time = line.at,
                   .principal = std::move(principal),
                   .purpose = std::move(line.purpose),
                   .act = line.act,
                   .subject = subject,
                   .what = std::move(what),
                   .allowed = line.permitted},
                  [this, number](Result<void> result) {
                      on_loop_([this, number, result = std::move(result)]() mutable {
                          written(number, std::move(result));
                      });
                  });
}

void AuditWriter::when_durable(std::function<void(Result<void>)> done) {
    if (durable_ == recorded_) return done({});
    waiting_.push_back({recorded_, std::move(done)});
}

// Lines are committed in order: what waits for a line waits for all before it.
void AuditWriter::written(std::uint64_t line, Result<void> result) {
    durable_ = line;
    while (!waiting_.empty() && waiting_.front().line <= line) {
        const auto done = std::move(waiting_.front().done);
        waiting_.pop_front();
        done(result);
    }
}

}  // namespace vigil::app
