#include "app/audit_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace vigil::app {
namespace {

using identity::OnRecord;

std::size_t size_of(const store::AuditLine& line) {
    auto bytes = sizeof(line) + line.patients.size() * sizeof(PatientId);
    for (const auto* text : {&line.principal, &line.role, &line.token, &line.what, &line.purpose,
                             &line.from, &line.reason})
        bytes += text->size();
    return bytes;
}

}  // namespace

// Refusals take half the room at most: whoever is let in nowhere cannot use up what those who are
// need.
bool AuditWriter::has_room(std::size_t bytes, bool permitted) const {
    const std::size_t share = permitted ? 1 : 2;
    return lines_.size() + on_way_.size() < rules_.lines_max / share &&
           bytes_ + bytes <= rules_.bytes_max / share;
}

bool AuditWriter::record(identity::AuditLine line) {
    auto kept = identity::stored(std::move(line));
    const auto bytes = size_of(kept);
    if (!has_room(bytes, kept.permitted)) {
        ++not_kept_;
        if (kept.permitted && !std::exchange(full_, true))
            sources_.say(
                fmt::format("{} lines of the audit wait for the disk, and no more are held: what "
                            "would need one "
                            "is refused",
                            lines_.size() + on_way_.size()));
        return false;
    }
    bytes_ += bytes;
    ++recorded_;
    if (failing_) kept.written_late = kept.time;
    lines_.push_back(std::move(kept));
    return true;
}

void AuditWriter::flush() {
    if (lines_.empty() || !on_way_.empty()) return;
    const auto count = std::min(lines_.size(), commit_lines_max);
    const auto end = lines_.begin() + static_cast<std::ptrdiff_t>(count);
    on_way_.assign(std::make_move_iterator(lines_.begin()), std::make_move_iterator(end));
    lines_.erase(lines_.begin(), end);
    const auto now = sources_.now();
    for (auto& line : on_way_)
        if (line.written_late) line.written_late = now;
    audit_.append(on_way_, [this](Result<void> result) {
        sources_.on_loop([this, result = std::move(result)] { written(result); });
    });
}

void AuditWriter::when_on_record(OnRecord least, std::function<void(Result<void>)> done) {
    if (durable_ == recorded_) return done({});
    if (failing_ && rules_.hold && least == OnRecord::held) return done({});
    waiting_.push_back({recorded_, least, std::move(done)});
    flush();
}

// Lines are committed in order: what waits for a line waits for all before it.
void AuditWriter::written(const Result<void>& result) {
    failing_ = !result;
    if (result)
        went_well();
    else
        keep_for_later(result.error());
    std::deque<Waiting> answered;
    while (!waiting_.empty() && (failing_ || waiting_.front().line <= durable_)) {
        answered.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
    }
    for (const auto& each : answered)
        each.done(failing_ && rules_.hold && each.least == OnRecord::held ? Result<void>()
                                                                          : result);
    if (!failing_) flush();
}

void AuditWriter::went_well() {
    for (const auto& line : on_way_) {
        bytes_ -= size_of(line);
        if (line.written_late) ++late_since_;
    }
    durable_ += on_way_.size();
    on_way_.clear();
    full_ = false;
    if (!unwritable_since_ || (!lines_.empty() && lines_.front().written_late)) return;
    written_late_ += late_since_;
    sources_.say(fmt::format("the audit is written again; {} lines held since {} were written late",
                             late_since_, format_rfc3339(*unwritable_since_)));
    late_since_ = 0;
    unwritable_since_.reset();
    why_.clear();
}

void AuditWriter::keep_for_later(const Error& why) {
    for (auto& line : on_way_) line.written_late = line.time;
    // What came meanwhile is as late; before it stand those that were held already.
    for (auto line = lines_.rbegin(); line != lines_.rend() && !line->written_late; ++line)
        line->written_late = line->time;
    lines_.insert(lines_.begin(), std::make_move_iterator(on_way_.begin()),
                  std::make_move_iterator(on_way_.end()));
    on_way_.clear();
    why_ = why.message;
    if (unwritable_since_) return;
    unwritable_since_ = sources_.now();
    sources_.say(fmt::format("since {} the audit cannot be written: {}; {}",
                             format_rfc3339(*unwritable_since_), why_,
                             rules_.hold ? "people who are signed in may go on reading, and the "
                                           "lines of it are held in memory until the disk is well"
                                         : "nothing is answered that would have to stand in it"));
}

AuditState AuditWriter::state() const {
    return {.unwritable_since = unwritable_since_,
            .why = why_,
            .lines = lines_.size() + on_way_.size(),
            .bytes = bytes_,
            .full = full_,
            .written_late = written_late_ + late_since_,
            .not_kept = not_kept_};
}

}  // namespace vigil::app
