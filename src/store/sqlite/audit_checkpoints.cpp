#include "store/sqlite/audit_checkpoints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace vigil::store::sqlite {

namespace {

constexpr std::size_t signatures_at_once = 256;  // 25 ms
constexpr std::int64_t first_version_with_a_chain = 6;

// Of all texts, those that may be held against the lines.
class Known {
public:
    Known(const AuditTrust& trust, AuditReport& report, const std::function<bool()>& go_on)
        : trust_(trust), report_(report), go_on_(go_on) {}

    void take(const std::vector<std::string>& texts, std::string_view where, bool kept) {
        for (const auto& text : texts) {
            if (++taken_ % signatures_at_once == 0 && !go_on_()) return;
            take(text, where, kept);
        }
    }
    std::vector<KnownCheckpoint> all() && {
        if (by_others_ != 0)
            report_.notes.push_back(
                fmt::format("{} checkpoints are signed with another key than this installation's: "
                            "they vouch for nothing",
                            by_others_));
        return std::move(all_);
    }

private:
    void take(const std::string& text, std::string_view where, bool kept) {
        // Most stand in two places, and a signature takes its time.
        if (const auto seen = seen_.find(text); seen != seen_.end()) {
            if (!kept && seen->second) all_[*seen->second].kept_only = false;
            return;
        }
        auto& place = seen_[text];
        const auto read = decode_checkpoint(text);
        const auto line = read ? read->end.number : 0;
        if (!read || !trust_.signature_holds(*read))
            return report_.add(
                {AuditFinding::Kind::checkpoint, line,
                 fmt::format("a checkpoint {} is damaged or forged: {}", where,
                             read ? "its signature does not hold" : read.error().message)});
        if (!key_) key_ = trust_.key ? *trust_.key : read->key;
        if (read->key != *key_) {
            if (kept)
                report_.add({AuditFinding::Kind::checkpoint, line,
                             fmt::format("checkpoint {} {} is signed with another key than this "
                                         "installation's",
                                         read->sequence, where)});
            ++by_others_;
            return;
        }
        place = all_.size();
        all_.push_back({.checkpoint = *read, .kept = kept, .kept_only = kept});
    }

    const AuditTrust& trust_;
    AuditReport& report_;
    const std::function<bool()>& go_on_;
    std::size_t taken_ = 0;
    std::optional<PublicKey> key_;
    std::unordered_map<std::string, std::optional<std::size_t>> seen_;  // where in `all_`
    std::vector<KnownCheckpoint> all_;
    std::size_t by_others_ = 0;
};

// Looks through all lines for one.
void find_line(Database& database, const AuditCheck::Fits& fits,
               const std::function<bool()>& go_on) {
    std::int64_t after = INT64_MIN;
    for (bool found = false; !found && go_on();) {
        const auto more = each_line(database, after, [&](const StoredLine& line) {
            found = found || fits(line);
            after = static_cast<std::int64_t>(line.number);
        });
        if (!more || !*more) return;
    }
}

Result<std::vector<std::string>> texts_of(Database& database, std::string_view sql) {
    VIGIL_TRY(rows, database.prepare(sql));
    std::vector<std::string> texts;
    for (;;) {
        VIGIL_TRY(row, rows.step());
        if (!row) return texts;
        texts.emplace_back(rows.bytes(0));
    }
}

}  // namespace

Result<std::optional<AuditCheckpoint>> keep_checkpoint(StoreFile& file,
                                                       const MakeCheckpoint& make) {
    std::optional<AuditCheckpoint> made;
    VIGIL_CHECK(await<void>([&](Done done) {
        file.write(
            [&](Database& database) -> Result<void> {
                made = make(file.audit_lines().state().end);
                if (!made) return {};
                const auto text = encode(*made);
                VIGIL_TRY(insert,
                          database.prepare("INSERT INTO audit_checkpoints(body) VALUES(?)"));
                return insert.bind_text(1, text).run();
            },
            std::move(done));
    }));
    return made;
}

Result<std::vector<std::string>> kept_checkpoints(Database& database) {
    return texts_of(database, "SELECT body FROM audit_checkpoints ORDER BY id");
}

Result<std::vector<std::string>> newest_checkpoints(Database& database) {
    return texts_of(database, "SELECT body FROM audit_checkpoints ORDER BY id DESC LIMIT 64");
}

Result<std::uint64_t> lines_chained_later(Database& database) {
    VIGIL_TRY(lines, database.number("SELECT max(chained_later) FROM audit_origin"));
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, lines));
}

Result<AuditReport> verify_audit(const std::string& store_path, const AuditTrust& trust,
                                 const std::function<bool()>& go_on, const std::string& vfs) {
    VIGIL_TRY(database, Database::open(store_path, OpenMode::read_only, vfs));
    VIGIL_TRY(version, database.number("PRAGMA user_version"));
    if (version < first_version_with_a_chain)
        return fail(Error::Kind::unsupported, "this file is from before the audit had a chain",
                    store_path);
    bool ended = false;
    const std::function<bool()> goes_on = [&] {
        ended = ended || !go_on();
        return !ended;
    };
    AuditReport of_checkpoints;
    Known known(trust, of_checkpoints, goes_on);
    known.take(trust.kept, "that was kept outside", true);
    known.take(trust.beside, "in the key folder", false);
    VIGIL_TRY(stored, kept_checkpoints(database));
    known.take(stored, "in vigil.db", false);
    VIGIL_TRY(highest, highest_line_ever(database));
    VIGIL_TRY(later, lines_chained_later(database));
    AuditCheck check(std::move(known).all(),
                     [&](const AuditCheck::Fits& fits) { find_line(database, fits, goes_on); });
    bool strange = false;
    std::int64_t after = INT64_MIN;
    for (bool more = !ended; more;) {
        const auto further = each_line(database, after, [&](const StoredLine& line) {
            after = static_cast<std::int64_t>(line.number);
            if (after > 0)
                check.line(line);
            else
                strange = true;
        });
        if (!further) {
            auto report = std::move(check.report());
            report.add({AuditFinding::Kind::unreadable, report.last + 1, further.error().message});
            return report;
        }
        more = *further && goes_on();
    }
    if (ended) return fail(Error::Kind::busy, "the check of the audit was ended");
    auto report = check.finish(highest);
    if (strange)
        report.add({AuditFinding::Kind::changed, 0, "a line bears a number that was never given"});
    for (auto& finding : of_checkpoints.findings) report.add(std::move(finding));
    for (auto& note : of_checkpoints.notes) report.notes.push_back(std::move(note));
    if (later != 0)
        report.notes.push_back(
            fmt::format("lines 1 to {} were written before there was a chain: it shows that they "
                        "are as they were at the upgrade",
                        later));
    return report;
}

}  // namespace vigil::store::sqlite
