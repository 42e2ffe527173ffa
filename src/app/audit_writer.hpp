#pragma once
// Puts the desk's audit lines on disk, many a commit, and lets answers leave after them.

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "identity/access_desk.hpp"
#include "store/audit.hpp"

namespace vigil::app {

struct AuditRules {
    bool hold = true;  // audit.when_unwritable; false: no answer leaves before its line is on disk
    std::size_t lines_max = 100'000;
    std::size_t bytes_max = std::size_t{64} << 20;  // of memory, as good as it can be counted
};

// What is shown of it.
struct AuditState {
    std::optional<Timestamp> unwritable_since{};  // until all that was held is written
    std::string why{};
    std::size_t lines = 0, bytes = 0;  // recorded and not on disk yet
    bool full = false;                 // the newest line found no room: accesses are refused
    std::uint64_t written_late = 0;
    std::uint64_t not_kept = 0;  // lines that found no room: no data was given for them
};

// Break-glass (docs/decisions/0016-audit-on-a-full-disk.md): while the audit cannot be written,
// what a person is shown goes on, its lines held here. They are written before all later ones, each
// saying when; a process that dies before takes them with it. What waits for `durable` is refused
// as long as that lasts.
class AuditWriter : public identity::AuditSink {
public:
    // One commit takes no more: a try on a full disk costs little, however much is held.
    static constexpr std::size_t commit_lines_max = 1'000;

    struct Sources {
        std::function<void(std::function<void()>)> on_loop;
        std::function<Timestamp()> now;
        // One line for the operator at the start and the end of the state, and when no more fits.
        std::function<void(const std::string&)> say;
    };
    AuditWriter(store::Audit& audit, const AuditRules& rules, Sources sources)
        : audit_(audit), rules_(rules), sources_(std::move(sources)) {}

    bool record(identity::AuditLine line) override;
    void when_on_record(identity::OnRecord least, std::function<void(Result<void>)> done) override;
    // Sends what was recorded on its way though no answer waits for it; once a second.
    void flush();

    AuditState state() const;
    // Nothing is on its way, and nothing left that the disk would take.
    bool settled() const { return on_way_.empty() && (lines_.empty() || failing_); }

private:
    struct Waiting {
        std::uint64_t line;
        identity::OnRecord least;
        std::function<void(Result<void>)> done;
    };
    bool has_room(std::size_t bytes, bool permitted) const;
    void written(const Result<void>& result);
    void keep_for_later(const Error& why);
    void went_well();

    store::Audit& audit_;
    AuditRules rules_;
    Sources sources_;
    // Lines are counted from the first that was ever kept: `recorded_` of them, the first
    // `durable_` on disk.
    std::uint64_t recorded_ = 0, durable_ = 0;
    std::deque<store::AuditLine> lines_;    // recorded, not on their way yet
    std::vector<store::AuditLine> on_way_;  // one commit at a time
    std::size_t bytes_ = 0;                 // of both
    std::deque<Waiting> waiting_;

    bool failing_ = false;  // the last try failed
    std::optional<Timestamp> unwritable_since_;
    std::string why_;
    bool full_ = false;
    std::uint64_t written_late_ = 0, late_since_ = 0, not_kept_ = 0;
};

}  // namespace vigil::app
