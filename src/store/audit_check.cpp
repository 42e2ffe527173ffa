#include "store/audit_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace vigil::store {
namespace {

// Each looks at every line.
constexpr int searches_max = 8;
constexpr std::size_t candidates_max = 4;

std::string lines_text(std::uint64_t first, std::uint64_t last) {
    return first == last ? fmt::format("line {}", first)
                         : fmt::format("lines {} to {}", first, last);
}

std::string name_of(const KnownCheckpoint& known) {
    return fmt::format("{}checkpoint {} of {}", known.kept ? "the kept " : "",
                       known.checkpoint.sequence, format_rfc3339(known.checkpoint.time));
}

std::optional<Sha256Digest> digest_of(std::string_view stored) {
    Sha256Digest digest{};
    if (stored.size() != digest.size()) return std::nullopt;
    std::ranges::copy(stored, digest.begin());
    return digest;
}

}  // namespace

std::string_view to_string(AuditFinding::Kind kind) {
    using Kind = AuditFinding::Kind;
    switch (kind) {
        case Kind::changed:
            return "changed";
        case Kind::missing:
            return "missing";
        case Kind::reordered:
            return "reordered";
        case Kind::cut_off:
            return "cut-off";
        case Kind::rewritten:
            return "rewritten";
        case Kind::checkpoint:
            return "checkpoint";
        case Kind::restored:
            return "restored";
        case Kind::unreadable:
            return "unreadable";
    }
    return "changed";
}

AuditCheck::AuditCheck(std::vector<KnownCheckpoint> known, Find find)
    : known_(std::move(known)), find_(std::move(find)) {
    std::ranges::sort(known_, {}, [](const KnownCheckpoint& each) {
        return std::pair(each.checkpoint.end.number, each.checkpoint.sequence);
    });
    give_up_for_restores();
    // Of an empty audit there is nothing to say.
    std::erase_if(known_, [](const auto& each) { return each.checkpoint.end.number == 0; });
    report_.checkpoints = known_.size();
}

// A restored backup ends before checkpoints that were made after it: what they say of later lines
// holds no longer, and the one of the restore says so.
void AuditCheck::give_up_for_restores() {
    std::vector<AuditCheckpoint> restores;
    for (const auto& each : known_)
        if (each.checkpoint.why == why_restored) restores.push_back(each.checkpoint);
    for (const auto& restore : restores) {
        std::uint64_t last = 0;
        std::erase_if(known_, [&](const KnownCheckpoint& each) {
            const auto line = each.checkpoint.end.number;
            const bool lost =
                each.checkpoint.sequence < restore.sequence && line > restore.end.number;
            if (!lost) return false;
            last = std::max(last, line);
            if (each.kept)
                report_.add({AuditFinding::Kind::restored, restore.end.number + 1,
                             fmt::format("{} were given up at {}, when a backup took the place of "
                                         "what was; {} vouches for them",
                                         lines_text(restore.end.number + 1, line),
                                         format_rfc3339(restore.time), name_of(each))});
            return true;
        });
        if (last != 0)
            report_.notes.push_back(fmt::format(
                "{} as they were before {} were given up then, when a backup was "
                "restored",
                lines_text(restore.end.number + 1, last), format_rfc3339(restore.time)));
    }
}

void AuditCheck::line(const StoredLine& line) {
    if (line.number > report_.last + 1) missing_before(line);
    const auto stored = digest_of(line.hash);
    Candidates made;
    for (const auto& before : before_)
        made.push_back(hash_.of(before, line.number, line.time, line.body));
    const bool fits = stored && (made.empty() || std::ranges::find(made, *stored) != made.end());
    auto next = fits ? Candidates{*stored} : std::move(made);
    if (!fits && stored) next.insert(next.begin(), *stored);
    if (!fits) does_not_fit(line, next);
    if (const auto known = compare_checkpoints(line, fits, next)) next = {*known};
    if (next.size() > candidates_max) next.resize(candidates_max);
    before_ = std::move(next);
    report_.last = line.number;
    ++report_.lines;
}

void AuditCheck::missing_before(const StoredLine& line) {
    const auto first = report_.last + 1, last = line.number - 1;
    const auto there = moved(first, {});
    if (there)
        report_.add({AuditFinding::Kind::reordered, first,
                     fmt::format("line {} stands under the number {}", first,
                                 static_cast<std::int64_t>(there->number))});
    if (!there || last > first)
        report_.add({AuditFinding::Kind::missing, there ? first + 1 : first,
                     fmt::format("{} {} missing", lines_text(there ? first + 1 : first, last),
                                 (there ? first + 1 : first) == last ? "is" : "are")});
    before_.clear();
    if (there && last == first) before_ = {there->hash};
    // Checkpoints of lines that are gone say no more than that.
    while (next_known_ < known_.size() && known_[next_known_].checkpoint.end.number < line.number)
        ++next_known_;
}

void AuditCheck::does_not_fit(const StoredLine& line, Candidates& next) {
    const auto other = moved(line.number, line.hash);
    if (!other)
        return report_.add({AuditFinding::Kind::changed, line.number,
                            fmt::format("line {} is not what was written", line.number)});
    report_.add({AuditFinding::Kind::reordered, line.number,
                 fmt::format("another line stands in the place of line {}, which is under the "
                             "number {}",
                             line.number, static_cast<std::int64_t>(other->number))});
    next.insert(next.begin(), other->hash);
}

std::optional<ChainEnd> AuditCheck::moved(std::uint64_t number, std::string_view stored) {
    if (before_.empty() || searches_ == searches_max) return std::nullopt;
    ++searches_;
    std::optional<ChainEnd> found;
    find_([&](const StoredLine& other) {
        if (other.number == number) return false;
        for (const auto& before : before_) {
            const auto made = hash_.of(before, number, other.time, other.body);
            if (bytes_of(made) != other.hash && bytes_of(made) != stored) continue;
            found = ChainEnd{other.number, made};
            return true;
        }
        return false;
    });
    return found;
}

std::optional<Sha256Digest> AuditCheck::compare_checkpoints(const StoredLine& line, bool fits,
                                                            const Candidates& candidates) {
    std::optional<Sha256Digest> truth;
    for (; next_known_ < known_.size(); ++next_known_) {
        const auto& each = known_[next_known_];
        const auto& end = each.checkpoint.end;
        if (end.number > line.number) break;
        if (std::ranges::find(candidates, end.hash) != candidates.end()) {
            truth = end.hash;
            vouched_ = line.number;
            if (!report_.newest || report_.newest->sequence < each.checkpoint.sequence)
                report_.newest = each.checkpoint;
        } else if (fits && !std::exchange(rewritten_, true)) {
            report_.add({AuditFinding::Kind::rewritten, vouched_ + 1,
                         fmt::format("{} are not those that {} vouches for: the chain was computed "
                                     "anew after something was changed",
                                     lines_text(vouched_ + 1, line.number), name_of(each))});
        }
    }
    return truth;
}

AuditReport AuditCheck::finish(std::uint64_t highest_ever) {
    auto first_gone = report_.last + 1;
    const auto gone = [&](std::uint64_t last, const std::string& by) {
        if (last < first_gone) return;
        report_.add({AuditFinding::Kind::cut_off, report_.last + 1,
                     fmt::format("{} {} missing at the end, {}", lines_text(report_.last + 1, last),
                                 report_.last + 1 == last ? "is" : "are", by)});
        first_gone = last + 1;
    };
    if (!known_.empty())
        gone(known_.back().checkpoint.end.number, name_of(known_.back()) + " vouches for them");
    gone(highest_ever, "by the numbers that were given");
    return std::move(report_);
}

}  // namespace vigil::store
