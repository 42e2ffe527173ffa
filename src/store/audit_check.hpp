#pragma once
// Walks the chain of the audit and says where it does not hold.

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/audit_chain.hpp"

namespace vigil::store {

struct AuditFinding {
    enum class Kind : std::uint8_t {
        changed,     // a line is not what it was
        missing,     // there are lines before it and after it, but it is gone
        reordered,   // another line stands in its place
        cut_off,     // the newest lines are gone
        rewritten,   // the chain holds in itself, but a checkpoint says that it was another
        checkpoint,  // a checkpoint is damaged or forged
        restored,    // lines that a kept checkpoint vouches for were given up for a backup
        unreadable,  // the file is damaged
    };
    Kind kind = Kind::changed;
    std::uint64_t line = 0;  // the first that does not fit
    std::string message;     // a sentence
};
std::string_view to_string(AuditFinding::Kind kind);

struct AuditReport {
    static constexpr std::size_t findings_max = 1'000;

    std::uint64_t lines = 0, last = 0;  // how many, and the newest one's number
    std::uint64_t checkpoints = 0;      // that were compared
    // The newest that the chain fits: what came after it is vouched for by the next.
    std::optional<AuditCheckpoint> newest{};
    std::vector<std::string> notes{};      // what is no tampering, but should be known
    std::vector<AuditFinding> findings{};  // in the order of the walk; the first `findings_max`
    bool sound() const { return findings.empty(); }
    void add(AuditFinding finding) {
        if (findings.size() < findings_max) findings.push_back(std::move(finding));
    }
};

struct StoredLine {
    std::uint64_t number = 0;
    Timestamp time{};
    std::string_view body, hash;
};

// What the lines are held against: signatures have been looked at.
struct KnownCheckpoint {
    AuditCheckpoint checkpoint;
    bool kept = false;       // outside, by an auditor
    bool kept_only = false;  // and the installation has it no longer
};

class AuditCheck {
public:
    // Shows all lines there are until `fits` says that it is the one.
    using Fits = std::function<bool(const StoredLine&)>;
    using Find = std::function<void(const Fits& fits)>;

    AuditCheck(std::vector<KnownCheckpoint> known, Find find);
    // In the order of their numbers.
    void line(const StoredLine& line);
    // `highest_ever`: the highest number that was ever given, as far as the file knows.
    AuditReport finish(std::uint64_t highest_ever);
    AuditReport& report() { return report_; }

private:
    using Candidates = std::vector<Sha256Digest>;
    struct Known {
        AuditCheckpoint checkpoint;
        bool kept = false, kept_only = false;
        std::size_t branch = 0;  // a new one begins where a later checkpoint is of an earlier line
    };
    // What was given up for a backup: lines of before, those that the backup has included.
    struct Restore {
        AuditCheckpoint checkpoint;
        std::uint64_t first = 0, last = 0;  // the lines that were given up; 0: none
    };
    // Where a checkpoint fitted, and the highest sequence that may rest on it.
    struct Vouched {
        std::uint64_t line = 0, sequence = 0;
    };

    void number_branches();
    void find_restores();
    // By the first restore after it that ends before its line; none: it still has to fit.
    Restore* cut_by_restore(const Known& known);
    bool is_replaced_later(const Known& known) const;
    void give_up(Restore& restore, const Known& known, std::uint64_t first);
    void vouch(const AuditCheckpoint& checkpoint);
    std::uint64_t first_not_vouched(const Known& known) const;
    void does_not_fit(const Known& known);
    void rewritten(const Known& known);
    void missing_before(const StoredLine& line);
    void does_not_fit(const StoredLine& line, Candidates& next);
    std::optional<ChainEnd> moved(std::uint64_t number, std::string_view stored);
    // The truth about this line, where a checkpoint knows it.
    std::optional<Sha256Digest> compare_checkpoints(const StoredLine& line, bool fits,
                                                    const Candidates& candidates);

    ChainHash hash_;
    std::vector<Known> known_;  // by line
    std::size_t next_known_ = 0;
    std::vector<Restore> restores_;  // by sequence
    // Do not fit, but lie before the line of a restore, which is to say what holds.
    std::vector<Known> waiting_;
    std::size_t given_up_ = 0;
    Find find_;
    int searches_ = 0;
    AuditReport report_;
    // What the line before may have hashed to; none: that is not known, and whatever comes is
    // taken.
    Candidates before_{Sha256Digest{}};
    std::vector<Vouched> vouched_;                               // lines and sequences grow
    std::set<std::pair<std::size_t, std::uint64_t>> rewritten_;  // branch and first line: said once
};

}  // namespace vigil::store
