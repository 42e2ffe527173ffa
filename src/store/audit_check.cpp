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

std::string name_of(const AuditCheckpoint& checkpoint, bool kept) {
    return fmt::format("{}checkpoint {} of {}", kept ? "the kept " : "", checkpoint.sequence,
                       format_rfc3339(checkpoint.time));
}

// Numbers order checkpoints, but where the keys came back older than the backup some are given
// twice: then what only an auditor has is of before by its time.
bool is_before(const AuditCheckpoint& restore, const AuditCheckpoint& other, bool kept_only) {
    return other.sequence < restore.sequence || (kept_only && other.time < restore.time);
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

AuditCheck::AuditCheck(std::vector<KnownCheckpoint> known, Find find) : find_(std::move(find)) {
    for (auto& each : known)
        known_.push_back({std::move(each.checkpoint), each.kept, each.kept_only, 0});
    number_branches();
    find_restores();
    std::ranges::sort(known_, {}, [](const Known& each) {
        return std::pair(each.checkpoint.end.number, each.checkpoint.sequence);
    });
    // Of an empty audit there is nothing to say.
    std::erase_if(known_, [](const auto& each) { return each.checkpoint.end.number == 0; });
    report_.checkpoints = known_.size();
}

// A restore, and a loss of lines, begin another chain over lines that were signed before.
void AuditCheck::number_branches() {
    std::ranges::sort(known_, {}, [](const Known& each) {
        return std::pair(each.checkpoint.sequence, each.checkpoint.end.number);
    });
    std::uint64_t line = 0;
    for (std::size_t i = 0, branch = 0; i < known_.size(); ++i) {
        if (known_[i].checkpoint.end.number < line) ++branch;
        line = known_[i].checkpoint.end.number;
        known_[i].branch = branch;
    }
}

void AuditCheck::find_restores() {
    for (const auto& each : known_)
        if (each.checkpoint.why == why_restored) restores_.push_back({each.checkpoint});
}

AuditCheck::Restore* AuditCheck::cut_by_restore(const Known& known) {
    const auto found = std::ranges::find_if(restores_, [&](const Restore& restore) {
        return restore.checkpoint.end.number < known.checkpoint.end.number &&
               is_before(restore.checkpoint, known.checkpoint, known.kept_only);
    });
    return found == restores_.end() ? nullptr : &*found;
}

bool AuditCheck::is_replaced_later(const Known& known) const {
    return std::ranges::any_of(restores_, [&](const Restore& restore) {
        return restore.checkpoint.end.number >= known.checkpoint.end.number &&
               is_before(restore.checkpoint, known.checkpoint, known.kept_only);
    });
}

// What a checkpoint of before says holds no longer, and the one of the restore says so.
void AuditCheck::give_up(Restore& restore, const Known& known, std::uint64_t first) {
    const auto line = known.checkpoint.end.number;
    restore.first = restore.last == 0 ? first : std::min(restore.first, first);
    restore.last = std::max(restore.last, line);
    ++given_up_;
    if (!known.kept) return;
    report_.add({AuditFinding::Kind::restored, first,
                 fmt::format("{} {} given up at {}, when a backup took the place of what was; {} "
                             "vouches for what was there",
                             lines_text(first, line), first == line ? "was" : "were",
                             format_rfc3339(restore.checkpoint.time),
                             name_of(known.checkpoint, known.kept))});
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
            vouch(each.checkpoint);
        } else if (fits) {
            does_not_fit(each);
        }
    }
    return truth;
}

void AuditCheck::vouch(const AuditCheckpoint& checkpoint) {
    if (!report_.newest || report_.newest->sequence < checkpoint.sequence)
        report_.newest = checkpoint;
    while (!vouched_.empty() && vouched_.back().sequence >= checkpoint.sequence)
        vouched_.pop_back();
    vouched_.push_back({checkpoint.end.number, checkpoint.sequence});
    if (checkpoint.why != why_restored) return;
    const auto restore = std::ranges::find(restores_, checkpoint,
                                           [](const Restore& each) { return each.checkpoint; });
    std::erase_if(waiting_, [&](const Known& each) {
        if (!is_before(checkpoint, each.checkpoint, each.kept_only)) return false;
        give_up(*restore, each, first_not_vouched(each));
        return true;
    });
}

// By checkpoints that are older than this one: later ones may be of another chain.
std::uint64_t AuditCheck::first_not_vouched(const Known& known) const {
    const auto sequence = known.checkpoint.sequence, end = known.checkpoint.end.number;
    const auto after = std::ranges::partition_point(
        vouched_, [&](const Vouched& each) { return each.sequence < sequence && each.line < end; });
    return after == vouched_.begin() ? 1 : std::prev(after)->line + 1;
}

void AuditCheck::does_not_fit(const Known& known) {
    if (auto* restore = cut_by_restore(known))
        give_up(*restore, known, restore->checkpoint.end.number + 1);
    else if (is_replaced_later(known))
        waiting_.push_back(known);
    else
        rewritten(known);
}

void AuditCheck::rewritten(const Known& known) {
    const auto first = first_not_vouched(known), last = known.checkpoint.end.number;
    if (!rewritten_.emplace(known.branch, first).second) return;
    report_.add(
        {AuditFinding::Kind::rewritten, first,
         fmt::format("{} {} that {} vouches for: the chain was computed anew after "
                     "something was changed",
                     lines_text(first, last), first == last ? "is not the one" : "are not those",
                     name_of(known.checkpoint, known.kept))});
}

AuditReport AuditCheck::finish(std::uint64_t highest_ever) {
    // The restore that was to say what holds does not fit either.
    for (const auto& each : waiting_) rewritten(each);
    auto first_gone = report_.last + 1;
    const auto gone = [&](std::uint64_t last, const std::string& by) {
        if (last < first_gone) return;
        report_.add({AuditFinding::Kind::cut_off, report_.last + 1,
                     fmt::format("{} {} missing at the end, {}", lines_text(report_.last + 1, last),
                                 report_.last + 1 == last ? "is" : "are", by)});
        first_gone = last + 1;
    };
    const Known* highest = nullptr;
    for (; next_known_ < known_.size(); ++next_known_) {
        const auto& each = known_[next_known_];
        if (auto* restore = cut_by_restore(each))
            give_up(*restore, each, restore->checkpoint.end.number + 1);
        else
            highest = &each;
    }
    if (highest != nullptr)
        gone(highest->checkpoint.end.number,
             name_of(highest->checkpoint, highest->kept) + " vouches for them");
    gone(highest_ever, "by the numbers that were given");
    for (const auto& restore : restores_)
        if (restore.last != 0)
            report_.notes.push_back(
                fmt::format("{} as {} before {} {} given up then, when a backup was restored",
                            lines_text(restore.first, restore.last),
                            restore.first == restore.last ? "it was" : "they were",
                            format_rfc3339(restore.checkpoint.time),
                            restore.first == restore.last ? "was" : "were"));
    report_.checkpoints -= given_up_;
    return std::move(report_);
}

}  // namespace vigil::store
