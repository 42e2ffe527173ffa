#include "app/audit_writer.hpp"

#include <utility>

namespace vigil::app {

void AuditWriter::record(identity::AuditLine line) {
    ++recorded_;
    lines_.push_back({.time = line.at,
                      .principal = std::move(line.who),
                      .role = std::move(line.role),
                      .token = std::move(line.token),
                      .act = line.act,
                      .what = std::move(line.what),
                      .everyone = line.subjects.everyone,
                      .patients = std::move(line.subjects.patients),
                      .purpose = std::move(line.purpose),
                      .from = std::move(line.from),
                      .permitted = line.permitted,
                      .reason = std::move(line.reason)});
}

void AuditWriter::flush() {
    if (lines_.empty()) return;
    audit_.append(std::exchange(lines_, {}), [this, number = recorded_](Result<void> result) {
        on_loop_([this, number, result = std::move(result)]() mutable {
            written(number, std::move(result));
        });
    });
}

void AuditWriter::when_durable(std::function<void(Result<void>)> done) {
    if (durable_ == recorded_) return done({});
    flush();
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
