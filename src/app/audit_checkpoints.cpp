#include "app/audit_checkpoints.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "store/sqlite/audit_checkpoints.hpp"

namespace vigil::app {
namespace {

constexpr std::string_view document_kind = "audit";
constexpr std::string_view check_document = "check";
constexpr std::size_t looked_at_max = 64;      // of each place, for the newest that holds
constexpr auto night = std::chrono::hours(2);  // UTC

void say(const std::string& line) {
    fmt::print(stderr, "vigil: {}\n", line);
}

std::string encoded(const AuditCheckOutcome& outcome) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("at", outcome.at).member("sound", outcome.sound);
    json.member("lines", outcome.lines).member("problem", outcome.problem).end_object();
    return body;
}

std::optional<AuditCheckOutcome> decoded(const std::string& body) {
    JsonDocument document;
    const auto root = document.parse(body);
    if (!root) return std::nullopt;
    const auto at = parse_rfc3339((*root)["at"].string());
    if (!at) return std::nullopt;
    return AuditCheckOutcome{.at = at->instant,
                             .sound = (*root)["sound"].is_true(),
                             .lines = static_cast<std::uint64_t>(
                                 std::max<std::int64_t>(0, (*root)["lines"].integer().value_or(0))),
                             .problem = std::string((*root)["problem"].string())};
}

// Number and hash: where lines were lost, the chain goes on below what was signed.
bool unsigned_end(const store::ChainEnd& end, const std::optional<store::AuditCheckpoint>& newest) {
    return end.number != 0 && !(newest && newest->end == end);
}

bool night_between(Timestamp last, Timestamp now) {
    return std::chrono::floor<std::chrono::days>(last - night) <
           std::chrono::floor<std::chrono::days>(now - night);
}

}  // namespace

// Signatures take their time: of all, only as many are looked at as it takes to find one that
// holds.
Result<void> AuditCheckpoints::load() {
    VIGIL_TRY(beside, sources_.keys.audit_checkpoints());
    VIGIL_TRY(stored, sources_.file.read<std::vector<std::string>>([](auto& database) {
        return store::sqlite::newest_checkpoints(database);
    }));
    const auto some = std::min(beside.size(), looked_at_max);
    stored.insert(stored.end(), beside.end() - static_cast<std::ptrdiff_t>(some), beside.end());
    std::vector<store::AuditCheckpoint> found;
    for (const auto& text : stored)
        if (auto read = store::decode_checkpoint(text); read && read->key == key_.public_key())
            found.push_back(std::move(*read));
    std::ranges::sort(found, std::greater(), &store::AuditCheckpoint::sequence);
    const auto newest = std::ranges::find_if(
        found, [](const auto& each) { return identity::signature_holds(each); });
    if (newest == found.end()) return {};
    const std::lock_guard lock(mutex_);
    sequence_ = newest->sequence;
    newest_ = *newest;
    return {};
}

// Where it cannot be read, the next round looks again.
void AuditCheckpoints::load_last_check() {
    const auto kept = sources_.documents.get(document_kind, check_document);
    const std::lock_guard lock(mutex_);
    if (kept && *kept) last_check_ = decoded(**kept);
}

Result<void> AuditCheckpoints::begin(bool restored) {
    VIGIL_CHECK(load());
    load_last_check();
    VIGIL_TRY(marked, sources_.keys.is_marked_restored());
    const bool owed = restored || marked;
    if (owed) {
        const std::lock_guard lock(mutex_);
        restored_ = true;
    } else {
        say_if_cut_off();
    }
    const auto last = newest();
    if (!owed && !unsigned_end(sources_.file.audit_lines().committed_end(), last)) return {};
    VIGIL_TRY(later, sources_.file.read<std::uint64_t>([](auto& database) {
        return store::sqlite::lines_chained_later(database);
    }));
    const bool upgraded = !last && later != 0;
    const auto made = make(upgraded ? "upgrade" : "start");
    if (!made && restored) return tl::unexpected(made.error());
    // A disk that is full now is tried again later.
    if (!made) say("no checkpoint of the audit was made: " + made.error().message);
    return {};
}

void AuditCheckpoints::say_if_cut_off() const {
    const auto end = sources_.file.audit_lines().committed_end();
    const auto last = newest();
    if (!last || last->end.number < end.number || last->end == end) return;
    say(
        fmt::format("the audit ends at line {}, but at {} it had {} lines{}: `vigil verify audit` "
                    "says more",
                    end.number, format_rfc3339(last->time), last->end.number,
                    last->end.number == end.number ? " and was another" : ""));
}

bool AuditCheckpoints::due(Timestamp now, Nanoseconds every) const {
    const auto end = sources_.file.audit_lines().committed_end();
    const std::lock_guard lock(mutex_);
    if (!restored_ && !unsigned_end(end, newest_)) return false;
    if (now >= tried_ && now < tried_ + at_least_between) return false;
    const auto signed_up_to = newest_ ? newest_->end.number : 0;
    const auto wait = end.number > signed_up_to ? end.number - signed_up_to : end.number;
    return restored_ || wait >= lines_max || now < tried_ || now >= tried_ + every;
}

std::optional<store::AuditCheckpoint> AuditCheckpoints::newest() const {
    const std::lock_guard lock(mutex_);
    return newest_;
}

std::optional<store::AuditCheckpoint> AuditCheckpoints::next(const store::ChainEnd& end,
                                                             std::string_view why) {
    const std::lock_guard lock(mutex_);
    if (!restored_ && !unsigned_end(end, newest_)) return std::nullopt;
    return key_.signed_with({.sequence = sequence_ + 1,
                             .end = end,
                             .time = sources_.now(),
                             .why = std::string(restored_ ? store::why_restored : why),
                             .key = {},
                             .signature = {}});
}

Result<store::AuditCheckpoint> AuditCheckpoints::make(std::string_view why) {
    const std::lock_guard one(making_);
    {
        const std::lock_guard lock(mutex_);
        tried_ = sources_.now();
    }
    VIGIL_TRY(made, store::sqlite::keep_checkpoint(
                        sources_.file, [&](const store::ChainEnd& end) { return next(end, why); }));
    if (!made) {
        const auto last = newest();
        if (!last) return fail(Error::Kind::not_found, "the audit has no lines yet");
        return *last;
    }
    {
        const std::lock_guard lock(mutex_);
        sequence_ = made->sequence;
        newest_ = made;
    }
    VIGIL_CHECK(sources_.keys.keep_audit_checkpoint(encode(*made)));
    if (made->why == store::why_restored) {
        VIGIL_CHECK(sources_.keys.unmark_restored());
        const std::lock_guard lock(mutex_);
        restored_ = false;
    }
    return std::move(*made);
}

Result<store::AuditReport> AuditCheckpoints::verify(std::vector<std::string> kept,
                                                    const std::function<bool()>& go_on) const {
    // Before the file is opened: what they vouch for is in it then.
    VIGIL_TRY(beside, sources_.keys.audit_checkpoints());
    return store::sqlite::verify_audit(
        sources_.store_path,
        {.key = key_.public_key(),
         .signature_holds =
             [](const store::AuditCheckpoint& each) { return identity::signature_holds(each); },
         .beside = std::move(beside),
         .kept = std::move(kept)},
        go_on);
}

Result<void> AuditCheckpoints::check_nightly(Timestamp now, const std::function<bool()>& go_on) {
    if (const auto last = last_check(); last && last->at <= now && !night_between(last->at, now))
        return {};
    auto report = verify({}, go_on);
    if (!report && report.error().kind == Error::Kind::busy) return {};
    if (!report) return tl::unexpected(std::move(report).error());
    AuditCheckOutcome outcome{.at = now, .sound = report->sound(), .lines = report->lines};
    if (!report->sound()) {
        outcome.problem = report->findings.front().message;
        say(fmt::format("the audit does not hold: {}; `vigil verify audit` says more",
                        outcome.problem));
    }
    {
        const std::lock_guard lock(mutex_);
        last_check_ = outcome;
    }
    return store::await<void>([&](store::Done done) {
        sources_.documents.change({{.kind = std::string(document_kind),
                                    .id = std::string(check_document),
                                    .subject = {},
                                    .body = encoded(outcome)}},
                                  std::nullopt, std::move(done));
    });
}

std::optional<AuditCheckOutcome> AuditCheckpoints::last_check() const {
    const std::lock_guard lock(mutex_);
    return last_check_;
}

std::string to_json(const store::AuditReport& report) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("sound", report.sound()).member("lines", report.lines);
    json.member("last", report.last).member("checkpoints", report.checkpoints).key("newest");
    if (report.newest) {
        json.begin_object().member("sequence", report.newest->sequence);
        json.member("line", report.newest->end.number).member("time", report.newest->time);
        json.end_object();
    } else {
        json.null();
    }
    json.key("findings").begin_array();
    for (const auto& each : report.findings) {
        json.begin_object().member("kind", to_string(each.kind)).member("line", each.line);
        json.member("message", each.message).end_object();
    }
    json.end_array().key("notes").begin_array();
    for (const auto& note : report.notes) json.text(note);
    json.end_array().end_object();
    return out;
}

}  // namespace vigil::app
