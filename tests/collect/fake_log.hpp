#pragma once
// A log in memory whose commits the test releases.

#include <deque>
#include <string>
#include <vector>

#include "store/log.hpp"

namespace vigil::collect {

class FakeLog : public store::Log {
public:
    struct Kept {
        store::EntryKind kind;
        PatientId subject;
        Fingerprint identity;
        std::string body;
    };

    store::Ticket append(store::EntryKind kind, PatientId subject, const Fingerprint& identity,
                         std::string_view body) override {
        waiting.push_back({kind, subject, identity, std::string(body)});
        return ++last_ticket;
    }
    std::size_t pending_bytes() const override { return waiting.size(); }

    // Everything appended so far becomes durable, or fails.
    store::Commit commit(bool succeeds = true) {
        store::Commit commit{.first = last_ticket - waiting.size() + 1,
                             .last = last_ticket,
                             .first_position = {0, forgotten + kept.size() + 1},
                             .time = from_unix_ns(1'767'268'800'000'000'000),
                             .outcome = {}};
        if (succeeds)
            kept.insert(kept.end(), waiting.begin(), waiting.end());
        else
            commit.outcome = fail(Error::Kind::busy, "disk full");
        waiting.clear();
        return commit;
    }

    Result<Position> read(Position from,
                          const std::function<bool(const store::Entry&)>& visit) override {
        for (auto offset = std::max<std::uint64_t>(from.offset, 1); offset <= kept.size();
             ++offset) {
            const auto& entry = kept[offset - 1];
            if (!visit({.position = {0, offset},
                        .commit_time = from_unix_ns(1'767'268'800'000'000'000),
                        .kind = entry.kind,
                        .subject = entry.subject,
                        .identity = entry.identity,
                        .body = entry.body}))
                return Position{0, offset + 1};
        }
        return end();
    }
    Position after_damage(Position position) override { return {0, position.offset + 1}; }
    Position first() override { return {0, forgotten + 1}; }
    Position end() override { return {0, forgotten + kept.size() + 1}; }
    Result<void> trim(Position) override { return {}; }

    // What the test is no longer interested in.
    void forget() {
        forgotten += kept.size();
        kept.clear();
    }

    std::uint64_t forgotten = 0;
    store::Ticket last_ticket = 0;
    std::vector<Kept> waiting, kept;
};

}  // namespace vigil::collect
