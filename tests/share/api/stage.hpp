#pragma once
// The API with everything behind it in memory: a request goes in, its answer comes out.

#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "collect/fake_log.hpp"
#include "identity/password.hpp"
#include "identity/ward.hpp"
#include "share/alarms/dissemination.hpp"
#include "share/alarms/hub.hpp"
#include "share/api/api.hpp"
#include "share/api/watch_fakes.hpp"
#include "share/oauth/app_state.hpp"
#include "store/fakes.hpp"
#include "store/memory_documents.hpp"
#include "store/memory_series.hpp"

namespace vigil::share {

struct Ledger final : identity::AuditSink {
    std::vector<identity::AuditLine> lines;
    bool works = true, holds = false;
    bool record(identity::AuditLine line) override {
        lines.push_back(std::move(line));
        return true;
    }
    void when_on_record(identity::OnRecord least, std::function<void(Result<void>)> done) override {
        const bool given = works || (holds && least == identity::OnRecord::held);
        done(given ? Result<void>() : fail(Error::Kind::busy, "disk full"));
    }
};

class MemoryQuarantine final : public store::Quarantine {
public:
    void add(std::vector<Held> unread, store::Applied, store::Done done) override {
        for (auto& held : unread) all.try_emplace(held.item.position.offset, std::move(held));
        done({});
    }
    void decide(store::QuarantineDecision decision, std::optional<store::Applied>,
                store::Done done) override {
        auto& item = all.at(decision.position.offset).item;
        item.state = decision.state;
        item.decided_by = decision.decided_by;
        item.decided_at = decision.decided_at;
        item.note = decision.note;
        if (decision.reason) item.reason = *decision.reason;
        done({});
    }
    Result<std::vector<store::QuarantineItem>> list(const store::Access& access,
                                                    const store::QuarantineQuery& query) override {
        if (!access.covers({})) return fail(Error::Kind::forbidden, "not covered");
        std::vector<store::QuarantineItem> found;
        for (auto at = all.rbegin(); at != all.rend() && found.size() < query.limit; ++at)
            if ((!query.state || at->second.item.state == *query.state) &&
                (!query.before || at->first < query.before->offset))
                found.push_back(at->second.item);
        return found;
    }
    Result<std::optional<Held>> get(const store::Access&, Position position) override {
        const auto found = all.find(position.offset);
        return found == all.end() ? std::optional<Held>() : found->second;
    }
    Result<store::QuarantineCounts> counts() override {
        store::QuarantineCounts counts;
        for (const auto& [offset, held] : all)
            ++(held.item.state == store::QuarantineState::open       ? counts.open
               : held.item.state == store::QuarantineState::replayed ? counts.replayed
                                                                     : counts.dismissed);
        return counts;
    }
    Result<std::uint64_t> open_of(std::string_view) override { return 0; }

    std::map<std::uint64_t, Held> all;
};

struct Answer {
    int status = 0;
    std::string body;
    session::HttpHeaders headers;
    store::Ticket appended = 0;  // to the log, on the way to this answer
    std::function<session::NextPart(std::string&)> next_part = {};
    std::shared_ptr<JsonDocument> document = std::make_shared<JsonDocument>();
    // Of an answer that is streamed, all of it.
    std::string streamed() {
        std::string all;
        while (next_part(all) == session::NextPart::more) {
        }
        next_part = {};
        return all;
    }
    JsonValue json() const {
        const auto root = document->parse(body);
        EXPECT_TRUE(root) << body;
        return *root;
    }
    std::string_view error() const { return json()["error"]["kind"].string(); }
    std::string header(std::string_view name) const {
        for (const auto& [key, value] : headers)
            if (key == name) return value;
        return {};
    }
};

// How a request says who asks.
using Credential = session::HttpHeaders;

// Patient 1 is Ada, in a bed, with the monitor `m`; patient 2 is Ben; the gateway `gw` is on
// nobody. It is eight in the morning.
class ApiTest : public testing::Test {
protected:
    ApiTest() {
        ward.must(registry.plan_add_patient(
            {.display_name = "Ada Example", .identifier = "MRN-1", .unit = "ICU", .bed = "01"},
            ward.now()));
        ward.patient("Ben Example", "MRN-2");
        ward.attach(ward.device("m"), {1}, identity::at(1));
        ward.device("gw");
        ward.account("admin", identity::Role::administrator);
        ward.account("nurse", identity::Role::clinician);
        log.forgotten = ward.offset;
        watch.now = now;
        watch.admit(*registry.patient({1}));
    }

    void take(const Result<identity::Act>& act) {
        ASSERT_TRUE(act) << act.error().message;
        acts.give(*act, [](const Result<identity::Applied>& done) { ASSERT_TRUE(done); });
        settle();
    }

    Credential token(const std::string& account, std::vector<std::string> scopes) {
        const auto issued =
            registry.plan_api_token(registry.find_account(account)->id, "test", std::move(scopes),
                                    identity::end_of_time, identity::system_random(), ward.now());
        take(issued->act);
        return {{"authorization", "Bearer " + issued->secret}};
    }
    Credential administrator() { return token("admin", {"system/*.cruds", "vigil/administer"}); }
    Credential writer() { return token("nurse", {"system/*.cruds"}); }
    Credential reader() { return token("nurse", {"system/*.rs"}); }
    // A browser's; with its CSRF token or without.
    Credential browser(const std::string& account, bool with_csrf = true) {
        const auto opened = sessions.open(registry.find_account(account)->id, now,
                                          identity::system_random(), "192.0.2.7", "test");
        Credential shown{{"cookie", "vigil_session=" + opened.cookie}};
        if (with_csrf) shown.emplace_back("x-vigil-csrf", opened.csrf);
        return shown;
    }

    Answer ask(const std::string& method, std::string target, const Credential& credential,
               std::string body = {}) {
        session::HttpRequest request;
        request.method = method;
        const auto mark = std::min(target.find('?'), target.size());
        request.path = target.substr(0, mark);
        for (target.erase(0, mark + 1); !target.empty();) {
            const auto end = std::min(target.find('&'), target.size());
            const auto equals = target.find('=');
            request.query.emplace_back(target.substr(0, equals),
                                       target.substr(equals + 1, end - equals - 1));
            target.erase(0, end + 1);
        }
        request.headers = credential;
        request.headers.emplace_back("host", "vigil.example");
        request.body = std::move(body);
        request.peer.address = "192.0.2.7:50312";
        const auto before = log.last_ticket;
        std::optional<session::HttpResponse> response;
        api.handle(std::move(request),
                   [&](session::HttpResponse given) { response = std::move(given); });
        settle();
        EXPECT_TRUE(response) << "no answer";
        if (!response) return {};
        return {.status = response->status,
                .body = std::move(response->body),
                .headers = std::move(response->headers),
                .appended = log.last_ticket - before,
                .next_part = std::move(response->next_part)};
    }
    // Everything appended becomes durable, or fails.
    void settle() {
        while (!log.waiting.empty()) {
            const auto commit = log.commit(log_works);
            acts.on_commit(commit);
            intake.on_commit(commit);
            for (const auto& done : std::exchange(durable_waiters, {})) done(commit.outcome);
        }
    }
    void publish(const std::string& topic, const std::string& payload) {
        const auto* device = registry.find_device("m");
        const broker::Principal sender{.kind = broker::Principal::Kind::device,
                                       .id = "m",
                                       .device = device->id,
                                       .account = {}};
        (void)intake.publish({.sender = sender,
                              .topic = topic,
                              .payload = payload,
                              .content_type = "",
                              .qos = 1,
                              .duplicate = false,
                              .exchange = {},
                              .received = now});
        settle();
    }
    void arrived(const collect::FiledMessage& message) {
        std::uint32_t sequence = message.first_sequence;
        for (const auto& filed : message.readings)
            series.put({message.device, filed.reading.metric, filed.reading.channel},
                       message.patient,
                       {.filed_time = filed.filed_time,
                        .device_time = filed.reading.device_time,
                        .receive_time = message.receive_time,
                        .sequence = sequence++,
                        .status = filed.reading.status,
                        .value = filed.reading.value});
    }

    Timestamp now = identity::at(8);
    Catalogue catalogue;
    identity::Ward ward;
    identity::Registry& registry = ward.registry;
    Ledger ledger;
    identity::AccessDesk desk{ledger, registry};
    identity::SignInGuard guard;
    identity::SignInDesk sign_in{registry, guard, desk};
    store::test::FlippingSealer sealer;
    identity::SecondFactorDesk second_factor{{.registry = registry,
                                              .sealer = sealer,
                                              .sign_in = sign_in,
                                              .audit = desk,
                                              .random = identity::system_random(),
                                              .issuer = "Test"}};
    identity::PasskeyDesk passkeys{{.registry = registry,
                                    .sign_in = sign_in,
                                    .audit = desk,
                                    .random = identity::system_random()}};
    identity::EnrolmentDesk enrolments{registry};
    identity::Sessions sessions{{}};
    identity::CertificateAuthority authority =
        *identity::CertificateAuthority::create("Test", identity::at(1));
    collect::FakeLog log;
    bool log_works = true, refiles_work = true;
    std::vector<std::function<void(Result<void>)>> durable_waiters;
    collect::ActDesk acts{registry, log, [](const auto&, const auto&, Position) {}};
    collect::Intake intake{catalogue,
                           registry,
                           log,
                           {},
                           {.arrived = [this](const auto& message) { arrived(message); },
                            .unread = [](Position, PatientId, const auto&) {},
                            .device_changed = [](DeviceId) {}}};
    store::test::MemorySeries series{catalogue};
    MemoryQuarantine quarantine;
    LiveHub live{{.catalogue = catalogue,
                  .registry = registry,
                  .devices = intake.devices(),
                  .log = log,
                  .series = series,
                  .on_worker = [](const auto& work) { work(); },
                  .on_loop = [](const auto& call) { call(); },
                  .decide = [](const auto&, const auto&, const auto*) -> Result<store::Access> {
                      return fail(Error::Kind::forbidden, "not in this test");
                  },
                  .still_valid = [](const auto&, const auto&) { return true; },
                  .version = "test"},
                 {}};
    MemoryEvents events;
    StageWatch watch{catalogue, log};
    AlarmHub alarms{{.words = {registry, catalogue, watch.tables()},
                     .watch = watch,
                     .decide = [](const auto&, const auto*) -> Result<store::Access> {
                         return fail(Error::Kind::forbidden, "not in this test");
                     },
                     .still_valid = [](const auto&, const auto&) { return true; },
                     .shown_after = [](Nanoseconds) {},
                     .version = "test"}};
    store::test::MemoryDocuments documents;
    AlarmRoster roster{documents};
    std::vector<AlarmMessage> messages;  // to people, about alarms
    Result<std::string> message_outcome = std::string("250 taken");
    Dissemination dissemination{
        {.words = {registry, catalogue, watch.tables()},
         .roster = roster,
         .random = identity::system_random(),
         .send =
             [this](const AlarmMessage& message, const AlarmSent& done) {
                 messages.push_back(message);
                 done(message_outcome);
             },
         .give = [this](const monitor::AlarmAct& act) { watch.give(act, [](const auto&) {}); },
         .display = [this](const monitor::Subject& subject) -> const monitor::Display* {
             const auto found = watch.shown.find(subject);
             const bool is_screen = found != watch.shown.end() && found->second.display;
             return is_screen ? &*found->second.display : nullptr;
         }}};
    AppState apps{identity::system_random()};
    std::vector<std::string> backups, told_the_time;
    std::vector<store::AuditLine> kept_audit;  // from number 1 on
    ApiContext context{
        .catalogue = catalogue,
        .registry = registry,
        .desk = desk,
        .audit = ledger,
        .sessions = sessions,
        .sign_in = sign_in,
        .second_factor = second_factor,
        .passkeys = passkeys,
        .enrolments = enrolments,
        .apps = apps,
        .random = identity::system_random(),
        .authority = authority,
        .intake = intake,
        .acts = acts,
        .log = log,
        .series = series,
        .quarantine = quarantine,
        .events = events,
        .live = live,
        .watch = &watch,
        .alarms = &alarms,
        .now = [this] { return now; },
        .on_worker = [](const std::function<void()>& work) { work(); },
        .on_loop = [](const std::function<void()>& call) { call(); },
        .refile =
            [this](const store::Refile& refile, store::DoneWith<std::uint64_t> done) {
                if (refiles_work) return series.refile(refile, std::move(done));
                done(fail(Error::Kind::busy, "disk full"));
            },
        .status = [](JsonWriter& json) { json.member("quarantine_open", 0); },
        .rotate_keys = [] { return identity::KeyRotation{.version = 2, .keys = 3}; },
        .backup = [this](const std::string& folder) -> Result<void> {
            backups.push_back(folder);
            return {};
        },
        .verify = []() -> Result<std::string> { return R"({"sound":true})"; },
        .verify_audit = [](const std::vector<std::string>& kept) -> Result<std::string> {
            return std::to_string(kept.size());
        },
        .audit_checkpoint = []() -> Result<std::string> { return "signed\n"; },
        .read_audit = [this](const store::Access& access, std::uint64_t before,
                             const auto& visit) -> Result<void> {
            EXPECT_EQ(access.act(), store::Act::administer);
            for (auto number = before == 0 ? kept_audit.size() : before - 1; number > 0; --number)
                if (!visit(number, kept_audit[number - 1])) break;
            return {};
        },
        .when_durable =
            [this](store::Ticket, std::function<void(Result<void>)> done) {
                durable_waiters.push_back(std::move(done));
            },
        .set_clock =
            [this](const identity::Device& device) {
                told_the_time.push_back(device.external_id);
                return device.external_id != "gw";  // which does not listen
            },
        // The first patient's is written; the others' is under way.
        .fhir_id = [](PatientId id) { return std::string(id.value == 1 ? "ada" : ""); },
        .roster = &roster,
        .dissemination = &dissemination,
        .alarm_ways = {.mail = true, .webhook_endpoints = {"https://paging.example/"}},
        .version = "test",
        .site_name = "Test",
        .public_url = "https://vigil.example"};
    Api api{context};
};

}  // namespace vigil::share
