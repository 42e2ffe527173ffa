#include "app/audit_writer.hpp"

#include <iterator>
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
    if (lines_.empty() || !on_way_.empty()) return;
    on_way_ = std::exchange(lines_, {});
    audit_.append(on_way_, [this, number = recorded_](Result<void> result) {
        on_loop_([this, number, result = std::move(result)] { written(number, result); });
    });
}

void AuditWriter::when_durable(std::function<void(Result<void>)> done) {
    if (durable_ == recorded_) return done({});
    waiting_.push_back({recorded_, std::move(done)});
    flush();
}

// Lines are committed in order: what waits for a line waits for all before it.
void AuditWriter::written(std::uint64_t line, const Result<void>& result) {
    auto lines = std::exchange(on_way_, {});
    if (result) {
        durable_ = line;
    } else {
        lines.insert(lines.end(), std::make_move_iterator(lines_.begin()),
                     std::make_move_iterator(lines_.end()));
        if (lines.size() > kept_lines_max) lines.resize(kept_lines_max);
        lines_ = std::move(lines);
    }
    while (!waiting_.empty() && waiting_.front().line <= line) {
        const auto done = std::move(waiting_.front().done);
        waiting_.pop_front();
        done(result);
    }
    if (!waiting_.empty()) flush();
}

}  // namespace vigil::app
