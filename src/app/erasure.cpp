#include "app/erasure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/json_writer.hpp"
#include "identity/access_desk.hpp"
#include "store/sqlite/erasure.hpp"

namespace vigil::app {
namespace {

constexpr std::string_view document_kind = "erasure";
constexpr Nanoseconds year = std::chrono::hours(24 * 365) + std::chrono::hours(6);

std::string document_id(PatientId patient) {
    return std::to_string(patient.value);
}

identity::Act act_of(const identity::Erased& erased) {
    return {.recorded = erased.at, .by = erased.by, .body = erased.act};
}

struct Line {
    std::string_view what, where;
    std::optional<std::uint64_t> count{};
};

void write_lines(JsonWriter& json, const char* name, std::span<const Line> lines) {
    json.key(name).begin_array();
    for (const auto& [what, where, count] : lines) {
        json.begin_object().member("what", what).member("where", where);
        if (count) json.member("count", *count);
        json.end_object();
    }
    json.end_array();
}

// What is true of every erasure; the counts are this one's.
void write_destroyed(JsonWriter& json, const store::sqlite::ErasedRows& rows) {
    const std::vector<Line> lines{
        {"the data key", "keys/subject.keys and memory; the file that held it was overwritten"},
        {"readings, waveforms, events and their summaries", "vigil.db and memory"},
        {"FHIR resources", "vigil.db: each has a deletion as its last version", rows.resources},
        {"bodies of versions of FHIR resources", "vigil.db", rows.versions},
        {"search index and full text of them", "vigil.db"},
        {"messages in quarantine", "vigil.db", rows.quarantined},
        {"alarm events", "vigil.db", rows.events},
        {"kept documents", "vigil.db", rows.documents},
        {"name, identifiers, bed, care relations, hold and restriction", "registry"},
        {"finished and running exports of anybody", "export folder"},
        {"log entries, with the raw messages in them", "log.db: sealed under the key"},
        {"all of it in every backup", "backups: sealed under the key, no search index"}};
    write_lines(json, "destroyed", lines);
}

void write_remaining(JsonWriter& json) {
    const std::vector<Line> lines{
        {"audit lines, by patient number: they name no patient", "vigil.db"},
        {"that there was a patient of this number, and this erasure", "log.db, keys/erased.list"},
        {"when which device was on them, by number", "log.db, keys/erased.list"},
        {"types, ids and times of the resources that were deleted", "vigil.db"},
        {"what the live stream holds of the last minute", "memory, until it is over"},
        {"what was sent elsewhere before: subscriptions, downloads, other systems",
         "outside this server"}};
    write_lines(json, "remains", lines);
}

std::string certificate_of(const identity::Erased& erased, const store::sqlite::ErasedRows& rows,
                           const ErasureParts& parts) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("certificate", "erasure of a person's data (GDPR 17)");
    json.member("site", parts.site_name).member("software", "Vigil " + parts.version);
    json.member("patient", document_id(erased.act.patient)).member("erased_at", erased.at);
    json.member("completed_at", parts.now());
    json.member("by", erased.by).member("reason", erased.act.reason);
    write_destroyed(json, rows);
    write_remaining(json);
    json.member("last_key_copy_expires", erased.at + key_copies_kept_for);
    const auto digest = identity::to_hex(identity::sha256(body));
    json.member("sha256_of_the_above", digest).end_object();
    return body;
}

}  // namespace

Result<void> Erasure::check_duty(PatientId patient, Timestamp now) {
    if (parts_.record_kept_years <= 0) return {};
    const auto access = identity::AccessDesk::for_system("erasure");
    VIGIL_TRY(written, store::sqlite::last_written(parts_.folder.file(), patient));
    VIGIL_TRY(series, parts_.folder.series().list(access, patient));
    auto last = written.value_or(Timestamp{});
    for (const auto& each : series) last = std::max(last, each.last);
    const auto until = last + year * parts_.record_kept_years;
    if (until <= now) return {};
    return fail(Error::Kind::conflict,
                fmt::format("this record has to be kept for {} years from its last entry, until {} "
                            "(privacy.record_kept_years)",
                            parts_.record_kept_years, format_rfc3339(until).substr(0, 10)),
                "retention");
}

void Erasure::erase(PatientId patient, std::string reason, identity::Given given,
                    DoneWithText done) {
    if (parts_.is_moving_readings())
        return done(
            fail(Error::Kind::busy, "readings are being moved between patients: try again"));
    if (auto planned = parts_.registry.plan_erase(patient, reason, given); !planned)
        return done(tl::unexpected(std::move(planned).error()));
    parts_.on_worker([this, patient, reason = std::move(reason), given = std::move(given),
                      done = std::move(done)]() mutable {
        auto allowed = check_duty(patient, given.at);
        parts_.on_loop([this, patient, reason = std::move(reason), given = std::move(given),
                        done = std::move(done), allowed = std::move(allowed)]() mutable {
            if (!allowed) return done(tl::unexpected(std::move(allowed).error()));
            give(patient, std::move(reason), given, std::move(done));
        });
    });
}

void Erasure::give(PatientId patient, std::string reason, const identity::Given& given,
                   DoneWithText done) {
    auto act = parts_.registry.plan_erase(patient, std::move(reason), given);
    if (!act) return done(tl::unexpected(std::move(act).error()));
    close_accounts(patient, given);
    parts_.acts.give(std::move(*act), [this, patient, done = std::move(done)](
                                          const Result<identity::Applied>& applied) mutable {
        if (!applied) return done(tl::unexpected(applied.error()));
        destroy(parts_.registry.erased().at(patient), std::move(done));
    });
}

// That they signed in with themselves: nobody can any more, and it bears no name.
void Erasure::close_accounts(PatientId patient, const identity::Given& given) {
    for (const auto& [id, relation] : parts_.registry.relations()) {
        if (relation.patient != patient || relation.kind != identity::Relationship::self) continue;
        const auto* known = parts_.registry.account(relation.account);
        if (known == nullptr) continue;
        auto account = *known;
        account.enabled = false;
        account.display_name = account.user_name;
        account.fhir_user.clear();
        if (auto act = parts_.registry.plan_change_account(std::move(account), given))
            parts_.acts.give(std::move(*act), [](const Result<identity::Applied>&) {});
    }
}

void Erasure::destroy(identity::Erased erased, DoneWithText done) {
    const auto patient = erased.act.patient;
    // From here on nothing is filed under them: the registry knows nobody of this number.
    parts_.folder.series().erase(
        patient, [this, erased = std::move(erased), done = std::move(done)](Result<void> gone) {
            parts_.on_worker([this, erased, done, gone = std::move(gone)] {
                auto certificate =
                    gone ? destroy_rest(erased) : Result<std::string>(tl::unexpected(gone.error()));
                parts_.on_loop([done, certificate = std::move(certificate)]() mutable {
                    done(std::move(certificate));
                });
            });
        });
}

Result<std::string> Erasure::destroy_rest(const identity::Erased& erased) {
    auto& folder = parts_.folder;
    const auto patient = erased.act.patient;
    VIGIL_CHECK(folder.erase_key(patient, identity::encode(act_of(erased))));
    const auto access = identity::AccessDesk::for_system("erasure");
    VIGIL_TRY(rows, store::sqlite::erase_rows(folder.file(), folder.records(), access, patient));
    parts_.end_exports();
    VIGIL_CHECK(store::sqlite::wipe_deleted(folder.file()));
    parts_.consents.erase(patient);
    // The first one stays: what is done again finds little.
    VIGIL_TRY(before, this->certificate(patient));
    if (before) return std::move(*before);
    auto certificate = certificate_of(erased, rows, parts_);
    VIGIL_CHECK(store::await<void>([&](store::Done done) {
        folder.documents().change({{.kind = std::string(document_kind),
                                    .id = document_id(patient),
                                    .subject = {},
                                    .body = certificate}},
                                  std::nullopt, std::move(done));
    }));
    return certificate;
}

Result<std::optional<std::string>> Erasure::certificate(PatientId patient) {
    return parts_.folder.documents().get(document_kind, document_id(patient));
}

Result<std::vector<identity::Act>> Erasure::missing_acts() {
    VIGIL_TRY(lines, parts_.folder.key_store().erased());
    std::vector<identity::Act> missing;
    for (const auto& line : lines) {
        VIGIL_TRY(act, identity::decode_act(line));
        const auto* erased = std::get_if<identity::PatientErased>(&act.body);
        if (erased != nullptr && !parts_.registry.erased().contains(erased->patient))
            missing.push_back(std::move(act));
    }
    return missing;
}

Result<void> Erasure::finish_left() {
    auto& folder = parts_.folder;
    for (const auto& [patient, erased] : parts_.registry.erased()) {
        // Not whole: a crash, an older backup, or an older copy of the keys.
        VIGIL_TRY(done, certificate(patient));
        if (done && folder.is_key_erased(patient)) {
            VIGIL_CHECK(store::sqlite::refuse_writes_of(folder.file(), patient));
            continue;
        }
        VIGIL_CHECK(store::await<void>(
            [&](store::Done gone) { folder.series().erase(patient, std::move(gone)); }));
        VIGIL_TRY(made, destroy_rest(erased));
        (void)made;
        fmt::print(stderr, "vigil: patient {} was erased before: what was left of them is gone\n",
                   patient.value);
    }
    return {};
}

}  // namespace vigil::app
