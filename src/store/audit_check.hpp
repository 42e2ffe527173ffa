#pragma once
// Walks the chain of the audit and says where it does not hold.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
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
    bool kept = false;  // outside, by an auditor
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
    void give_up_for_restores();
    void missing_before(const StoredLine& line);
    void does_not_fit(const StoredLine& line, Candidates& next);
    std::optional<ChainEnd> moved(std::uint64_t number, std::string_view stored);
    // The truth about this line, where a checkpoint knows it.
    std::optional<Sha256Digest> compare_checkpoints(const StoredLine& line, bool fits,
                                                    const Candidates& candidates);

    ChainHash hash_;
    std::vector<KnownCheckpoint> known_;  // by line; what was given up is left out
    std::size_t next_known_ = 0;
    Find find_;
    int searches_ = 0;
    AuditReport report_;
    // What the line before may have hashed to; none: that is not known, and whatever comes is
    // taken.
    Candidates before_{Sha256Digest{}};
    std::uint64_t vouched_ = 0;  // the line of the newest checkpoint that fitted
    bool rewritten_ = false;
};

}  // namespace vigil::store
