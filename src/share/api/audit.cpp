// The audit: searched, checked and signed, for administrators and auditors; and a patient's part of
// it.
#include "store/audit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

#include "share/api/api.hpp"
#include "share/shapes.hpp"
#include "store/audit_passage.hpp"

namespace vigil::share {
namespace {

using identity::Area;

constexpr std::size_t lines_shown = 200, lines_shown_max = 1'000;
// What one answer looks through: about a third of a second. A page may be empty and not the last.
constexpr std::size_t lines_looked_at_max = 200'000;
// Lines stand in the order in which they were written, which clocks do not follow to the second.
constexpr auto clock_slack = std::chrono::hours(1);

struct AuditQuery {
    std::string who, what;  // the principal; a part of what was done; empty: any
    std::optional<PatientId> patient;
    std::optional<bool> permitted;
    Timestamp from = Timestamp::min(), to = Timestamp::max();
    std::uint64_t before = 0;
    std::size_t limit = lines_shown;

    bool matches(const store::AuditLine& line) const {
        return (who.empty() || line.principal == who) &&
               (what.empty() || line.what.find(what) != std::string::npos) &&
               (!permitted || line.permitted == *permitted) && line.time >= from &&
               line.time < to &&
               (!patient || std::ranges::find(line.patients, *patient) != line.patients.end());
    }
    // Nothing that was written before it can match.
    bool ends_at(const store::AuditLine& line) const {
        return from > Timestamp::min() + clock_slack && !line.written_late &&
               line.time < from - clock_slack;
    }
};

Result<AuditQuery> read_query(const session::HttpRequest& request) {
    AuditQuery query;
    query.who = request.parameter("who").value_or("");
    query.what = request.parameter("what").value_or("");
    if (const auto patient = request.parameter("patient")) {
        query.patient = parse_patient_id(*patient);
        if (!query.patient)
            return fail(Error::Kind::malformed, "takes a patient's number", "patient");
    }
    if (const auto outcome = request.parameter("outcome")) {
        if (*outcome != "permitted" && *outcome != "denied")
            return fail(Error::Kind::malformed, "takes permitted or denied", "outcome");
        query.permitted = *outcome == "permitted";
    }
    VIGIL_TRY(from, time_parameter(request, "from", query.from));
    VIGIL_TRY(to, time_parameter(request, "to", query.to));
    VIGIL_TRY(before, count_parameter(request, "before", SIZE_MAX, INT64_MAX));
    VIGIL_TRY(limit, count_parameter(request, "limit", lines_shown, lines_shown_max));
    query.from = from;
    query.to = to;
    query.before = before == SIZE_MAX ? 0 : before;
    query.limit = limit;
    return query;
}

std::string_view act_word(store::Act act) {
    switch (act) {
        case store::Act::read:
            return "read";
        case store::Act::write:
            return "write";
        case store::Act::administer:
            return "administer";
    }
    return "read";
}

void write_line(JsonWriter& json, std::uint64_t number, const store::AuditLine& line) {
    json.begin_object().member("number", number).member("time", line.time);
    json.member("who", line.principal).member("role", line.role);
    json.member_or_null("token", line.token).member("act", act_word(line.act));
    json.member("what", line.what).member("everyone", line.everyone).key("patients").begin_array();
    for (const auto patient : line.patients) json.text(patient_id_text(patient));
    json.end_array().member("purpose", line.purpose).member("from", line.from);
    json.member("permitted", line.permitted).member_or_null("reason", line.reason);
    json.member_or_null("written_late", line.written_late).end_object();
}

using Names = std::map<std::string, std::string, std::less<>>;  // as shown, of user names

// As the patient is told: who it was and what for, not from which machine.
void write_patients_line(JsonWriter& json, const Names& names, std::uint64_t number,
                         const store::AuditLine& line) {
    const auto name = names.find(line.principal);
    json.begin_object().member("number", number).member("time", line.time);
    json.member("who", line.principal);
    json.member_or_null("display_name", name != names.end() ? name->second : std::string());
    json.member("role", line.role).member_or_null("token", line.token);
    json.member("act", act_word(line.act)).member("what", store::without_query(line.what));
    json.member("purpose", line.purpose).member("permitted", line.permitted).end_object();
}

using WriteLine = std::function<void(JsonWriter&, std::uint64_t, const store::AuditLine&)>;

Result<session::HttpResponse> found_lines(const ApiContext& api, const store::Access& access,
                                          const AuditQuery& query, const WriteLine& write) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("lines").begin_array();
    std::size_t found = 0, looked_at = 0;
    std::uint64_t next = 0;
    VIGIL_CHECK(api.read_audit(access, query.before,
                               [&](std::uint64_t number, const store::AuditLine& line) {
                                   if (query.ends_at(line)) {
                                       next = 0;
                                       return false;
                                   }
                                   if (query.matches(line)) {
                                       write(json, number, line);
                                       ++found;
                                   }
                                   next = number > 1 ? number : 0;
                                   return found < query.limit && ++looked_at < lines_looked_at_max;
                               }));
    json.end_array().key("next");
    if (next != 0 && (found == query.limit || looked_at == lines_looked_at_max))
        json.number(next);
    else
        json.null();
    json.end_object();
    return json_answer(std::move(body));
}

// The search is on record itself; newest first.
void list(ApiContext& api, const ApiCallPtr& call) {
    const auto query = read_query(call->request);
    if (!query) return answer_error(api, call, query.error());
    // Lines about a patient are the auditor's, who has no access to the patient's data.
    identity::Subjects subjects = identity::Subjects::all();
    if (query->patient) subjects.patients.push_back(*query->patient);
    const auto access = decide(api, call,
                               {.act = store::Act::administer,
                                .areas = {Area::audit},
                                .subjects = std::move(subjects),
                                .what = "audit read"});
    if (!access) return;
    answer_from_worker(api, call,
                       [&api, query = *query, access = *access]() -> Result<session::HttpResponse> {
                           return found_lines(api, access, query, write_line);
                       });
}

// "Who looked at my data": for the patient, whoever they let in, and staff in whose care they are.
void list_of_patient(ApiContext& api, const ApiCallPtr& call) {
    const auto patient = patient_named(api, call->captured[0], "patient");
    if (!patient) return answer_error(api, call, patient.error());
    auto query = read_query(call->request);
    if (!query) return answer_error(api, call, query.error());
    query->patient = (*patient)->id;
    if (!decide(api, call,
                {.act = store::Act::read,
                 .areas = {Area::patients},
                 .subjects = identity::Subjects::of((*patient)->id),
                 .what = "accesses"}))
        return;
    // Names of accounts are looked up here: the registry is the loop's.
    Names names;
    for (const auto& [id, account] : api.registry.accounts())
        names.emplace(account.user_name, account.display_name);
    answer_from_worker(api, call, [&api, query = *query, names]() -> Result<session::HttpResponse> {
        return found_lines(
            api, identity::AccessDesk::for_system("a patient's accesses"), query,
            [&](JsonWriter& json, std::uint64_t number, const store::AuditLine& line) {
                write_patients_line(json, names, number, line);
            });
    });
}

constexpr std::size_t kept_checkpoints_max = 1'000;

// Against checkpoints that somebody has kept, where the body names some.
void verify_audit(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    std::vector<std::string> kept;
    for (const auto each : (*body)["checkpoints"]) kept.emplace_back(each.string());
    if (kept.size() > kept_checkpoints_max)
        return answer_error(
            api, call,
            {Error::Kind::too_large, fmt::format("at most {} checkpoints", kept_checkpoints_max),
             "checkpoints"});
    if (!decide(api, call,
                {.act = store::Act::administer, .areas = {Area::audit}, .what = "audit verify"}))
        return;
    answer_from_worker(api, call,
                       [&api, kept = std::move(kept)]() mutable -> Result<session::HttpResponse> {
                           VIGIL_TRY(report, api.verify_audit(std::move(kept)));
                           return json_answer(report);
                       });
}

// It vouches for the asking, too: that is on record first.
void audit_checkpoint(ApiContext& api, const ApiCallPtr& call) {
    if (!decide(
            api, call,
            {.act = store::Act::administer, .areas = {Area::audit}, .what = "audit checkpoint"}))
        return;
    api.audit.when_on_record(identity::OnRecord::durable, [&api, call](const Result<void>& noted) {
        if (!noted) return answer_error(api, call, noted.error());
        answer_from_worker(api, call, [&api]() -> Result<session::HttpResponse> {
            VIGIL_TRY(checkpoint, api.audit_checkpoint());
            std::string json;
            JsonWriter(json).begin_object().member("checkpoint", checkpoint).end_object();
            return json_answer(std::move(json));
        });
    });
}

}  // namespace

void add_audit(Api& api) {
    api.add("GET", "/api/audit", list);
    api.add("GET", "/api/patients/{id}/accesses", list_of_patient);
    api.add("POST", "/api/audit/checkpoint", audit_checkpoint);
    api.add("POST", "/api/verify/audit", verify_audit);
}

}  // namespace vigil::share
