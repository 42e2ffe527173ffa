#pragma once
// The log as a list: the simplest thing that keeps the contract, and what other rooms test against.

#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "store/log.hpp"

namespace vigil::store::test {

class MemoryLog final : public Log {
public:
    using Sink = std::function<void(std::vector<Commit>)>;
    explicit MemoryLog(Sink committed, bool commit_at_once = true)
        : committed_(std::move(committed)), commit_at_once_(commit_at_once) {}

    Ticket append(EntryKind kind, PatientId subject, const Fingerprint& identity,
                  std::string_view body) override {
        waiting_.push_back({kind, subject, identity, std::string(body)});
        pending_bytes_ += body.size();
        ++appended_;
        if (commit_at_once_) commit();
        return appended_;
    }
    // Reports everything buffered as one commit; with an error, forgets it.
    void commit(Result<void> outcome = {}) {
        if (waiting_.empty()) return;
        Commit commit{.first = appended_ - waiting_.size() + 1,
                      .last = appended_,
                      .first_position = end(),
                      .time = now,
                      .outcome = outcome};
        {
            const std::lock_guard guard(mutex_);
            if (outcome)
                for (auto& entry : waiting_) kept_.push_back({now, std::move(entry)});
        }
        waiting_.clear();
        pending_bytes_ = 0;
        committed_({std::move(commit)});
    }
    std::size_t pending_bytes() const override { return pending_bytes_; }

    Result<Position> read(Position from, const std::function<bool(const Entry&)>& visit) override {
        auto at = std::max(from.offset, first().offset);
        for (; at < end().offset; ++at) {
            Kept kept;
            {
                const std::lock_guard guard(mutex_);
                kept = kept_[at - first_];
            }
            const Entry entry{
                {0, at},        kept.time, kept.entry.kind, kept.entry.subject, kept.entry.identity,
                kept.entry.body};
            if (!visit(entry)) return Position{0, at + 1};
        }
        return Position{0, at};
    }
    Position after_damage(Position position) override { return {0, position.offset + 1}; }
    Position first() override {
        const std::lock_guard guard(mutex_);
        return {0, first_};
    }
    Position end() override {
        const std::lock_guard guard(mutex_);
        return {0, first_ + kept_.size()};
    }
    Result<void> trim(Position before) override {
        const std::lock_guard guard(mutex_);
        while (!kept_.empty() && first_ < before.offset) kept_.pop_front(), ++first_;
        return {};
    }

    Timestamp now{};  // the commit time of what comes next

private:
    struct Waiting {
        EntryKind kind;
        PatientId subject;
        Fingerprint identity;
        std::string body;
    };
    struct Kept {
        Timestamp time;
        Waiting entry;
    };
    Sink committed_;
    bool commit_at_once_;
    std::vector<Waiting> waiting_;
    std::size_t pending_bytes_ = 0;
    Ticket appended_ = 0;
    std::mutex mutex_;
    std::deque<Kept> kept_;
    std::uint64_t first_ = 1;
};

}  // namespace vigil::store::test
