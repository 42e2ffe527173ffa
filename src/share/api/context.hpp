#pragma once
// What the API's handlers work with. Everything here belongs to the loop's thread but the reads of
// the stores, which run on workers.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "collect/act_desk.hpp"
#include "collect/intake.hpp"
#include "identity/access_desk.hpp"
#include "identity/certificates.hpp"
#include "identity/enrolment_desk.hpp"
#include "identity/key_store.hpp"
#include "identity/passkey_desk.hpp"
#include "identity/registry.hpp"
#include "identity/second_factor.hpp"
#include "identity/sessions.hpp"
#include "identity/sign_in.hpp"
#include "metric/catalogue.hpp"
#include "session/http.hpp"
#include "share/answer.hpp"
#include "share/live_hub.hpp"
#include "store/access.hpp"
#include "store/events.hpp"
#include "store/log.hpp"
#include "store/quarantine.hpp"
#include "store/series.hpp"

namespace vigil::share {

namespace openid {
struct Client;
}
struct PrivacySources;  // share/api/privacy.hpp
struct AppState;        // share/oauth/app_state.hpp
class Watch;            // share/alarms/watch.hpp
class AlarmHub;         // share/alarms/hub.hpp
class AlarmRoster;      // share/alarms/roster.hpp
class Dissemination;    // share/alarms/dissemination.hpp

// How alarms can leave this server.
struct AlarmWays {
    bool mail = false;
    std::vector<std::string> webhook_endpoints{};
};

struct ApiContext {
    const Catalogue& catalogue;
    identity::Registry& registry;
    identity::AccessDesk& desk;
    identity::AuditSink& audit;
    identity::Sessions& sessions;
    identity::SignInDesk& sign_in;
    identity::SecondFactorDesk& second_factor;
    identity::PasskeyDesk& passkeys;
    identity::EnrolmentDesk& enrolments;
    AppState& apps;
    identity::RandomSource random;
    const identity::CertificateAuthority& authority;
    collect::Intake& intake;
    collect::ActDesk& acts;
    store::Log& log;
    store::SeriesStore& series;
    store::Quarantine& quarantine;
    store::EventStore& events;
    LiveHub& live;
    Watch* watch;  // never null; outlives this, like the hub
    AlarmHub* alarms;

    std::function<Timestamp()> now;
    std::function<void(std::function<void()>)> on_worker;  // for what may wait for a disk
    std::function<void(std::function<void()>)> on_loop;
    // Moves readings of the past; answers on the loop, also if they can move only later.
    std::function<void(const store::Refile&, store::DoneWith<std::uint64_t>)> refile;
    std::function<void(JsonWriter&)> status;  // members of GET /api/status; on a worker
    // A new master key above the keys of all patients; on a worker.
    std::function<Result<identity::KeyRotation>()> rotate_keys;
    std::function<Result<void>(const std::string& folder)> backup;  // on a worker
    std::function<Result<std::string>()> verify;                    // JSON report; on a worker
    // The same of the audit's chain, held also against checkpoints that were kept outside.
    std::function<Result<std::string>(std::vector<std::string> kept)> verify_audit;
    std::function<Result<std::string>()> audit_checkpoint;  // one of all lines so far; on a worker
    // Newest first, from below `before` (0: the newest) until `visit` has enough; on a worker.
    std::function<Result<void>(
        const store::Access&, std::uint64_t before,
        const std::function<bool(std::uint64_t number, const store::AuditLine&)>& visit)>
        read_audit;
    std::function<void(store::Ticket, std::function<void(Result<void>)>)> when_durable;
    // Tells a device the time; false: it does not listen.
    std::function<bool(const identity::Device&)> set_clock;
    // The id of a patient's Patient at /fhir; empty: there is none yet.
    std::function<std::string(PatientId)> fhir_id;
    openid::Client* openid_client =
        nullptr;  // the hospital's provider; none: there is no such sign-in
    const PrivacySources* privacy = nullptr;  // outlives this
    AlarmRoster* roster = nullptr;            // these two are there before the first request
    Dissemination* dissemination = nullptr;   // and outlive this
    AlarmWays alarm_ways{};
    Nanoseconds code_lifetime = identity::enrolment_lifetime_default;
    Nanoseconds enrolled_lifetime = identity::enrolled_lifetime_default;
    std::string version;
    std::string site_name;
    bool what_if_under_way = false;
    std::string public_url;       // "https://vigil.example"; empty: however it is reached
    bool https_in_front = false;  // who reaches this server's plain port came by HTTPS to a proxy
};

// One request on its way through a handler.
struct ApiCall {
    session::HttpRequest request;
    session::HttpRespond respond;
    identity::Principal who;
    std::vector<std::string> captured;  // what the route's {names} stood for
    Timestamp now;
};
using ApiCallPtr = std::shared_ptr<ApiCall>;

// Whoever asked may still do what they might then: for answers that take their time.
bool still_stands(const ApiContext& api, const identity::Principal& who);

// Answers once every audit line recorded so far is on record: on disk, but for what a person who is
// signed in is shown while the disk is full (docs/decisions/0016-audit-on-a-full-disk.md).
void answer(ApiContext& api, const ApiCallPtr& call, session::HttpResponse response);
void answer_error(ApiContext& api, const ApiCallPtr& call, const Error& error);

// What a handler is about to do: in which areas, with whose data, under what name in the audit.
struct Doing {
    store::Act act = store::Act::read;
    std::vector<identity::Area> areas{};
    identity::Subjects subjects = identity::Subjects::all();
    std::string what{};
    bool on_their_behalf = false;  // identity::AccessRequest
};
// Decides and records; on refusal the call has been answered and nothing is returned.
std::optional<store::Access> decide(ApiContext& api, const ApiCallPtr& call, Doing doing);

// Runs `work` on a worker and answers with what it returns.
void answer_from_worker(ApiContext& api, const ApiCallPtr& call,
                        std::function<Result<session::HttpResponse>()> work);

// Gives an act; `then` makes the answer once it is in force.
void give(ApiContext& api, const ApiCallPtr& call, Result<identity::Act> act,
          std::function<session::HttpResponse(const identity::Applied&)> then);

// --- Parameters
// -------------------------------------------------------------------------------------

// RFC 3339 or whole milliseconds since 1970.
Result<Timestamp> read_time(std::string_view text, std::string_view place);
Result<Timestamp> time_parameter(const session::HttpRequest& request, std::string_view name,
                                 Timestamp otherwise);
Result<std::size_t> count_parameter(const session::HttpRequest& request, std::string_view name,
                                    std::size_t otherwise, std::size_t at_most);
Result<const identity::Patient*> patient_named(const ApiContext& api, std::string_view id,
                                               std::string_view place);
Result<const identity::Device*> device_named(const ApiContext& api, std::string_view id,
                                             std::string_view place);
// The body as a JSON object; the document must outlive what is read from it.
Result<JsonValue> read_body(const ApiCall& call, JsonDocument& document);
bool wants_csv(const session::HttpRequest& request);
bool wants_lines(const session::HttpRequest& request);  // JSON, one row a line

}  // namespace vigil::share
