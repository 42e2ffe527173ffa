#pragma once
// Observations on their way from the record into the log, with a log and a disk under the test's
// hand.

#include <gmock/gmock.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>

#include "app/observation_relay.hpp"
#include "collect/act_desk.hpp"
#include "collect/fake_log.hpp"
#include "identity/access_desk.hpp"
#include "metric/batch.hpp"
#include "store/fakes.hpp"
#include "store/memory_series.hpp"
#include "store/sqlite/records.hpp"

namespace vigil::app {

inline constexpr Timestamp noon = from_unix_ns(1'767'268'800'000'000'000);

// With what cannot be read of one moment, and of one patient.
class DamagedSeries : public store::test::MemorySeries {
public:
    using MemorySeries::MemorySeries;
    using MemorySeries::scan;
    Result<void> scan(
        const store::Access& access, PatientId patient, MetricId metric, store::Span span,
        const std::function<bool(const store::SeriesKey&, const store::Sample&)>& visit) override {
        if (span.from == damaged) return fail(Error::Kind::internal, "a chunk is damaged");
        return MemorySeries::scan(access, patient, metric, span, visit);
    }
    Timestamp damaged = Timestamp::max();
};

class DamagedSealer : public store::Sealer {
public:
    void seal(PatientId subject, std::string_view clear, std::string& out) override {
        whole_.seal(subject, clear, out);
    }
    Result<void> open(PatientId subject, std::string_view sealed, std::string& out) override {
        if (subject == damaged) return fail(Error::Kind::internal, "it is damaged");
        return whole_.open(subject, sealed, out);
    }
    std::atomic<PatientId> damaged = PatientId{99};

private:
    store::test::FlippingSealer whole_;
};

// Calls to the loop, which is the test.
class Calls {
public:
    void post(std::function<void()> call) {
        const std::lock_guard lock(mutex_);
        calls_.push_back(std::move(call));
        ready_.notify_one();
    }
    bool run_until(const std::function<bool()>& holds) {
        while (!holds()) {
            std::unique_lock lock(mutex_);
            if (!ready_.wait_for(lock, std::chrono::seconds(20), [&] { return !calls_.empty(); }))
                return false;
            const auto call = std::move(calls_.front());
            calls_.pop_front();
            lock.unlock();
            call();
        }
        return true;
    }
    void drop() {
        const std::lock_guard lock(mutex_);
        calls_.clear();
    }

private:
    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<std::function<void()>> calls_;
};

struct ObservationRelayTest : testing::Test {
    ObservationRelayTest() {
        file = std::move(
            *store::sqlite::StoreFile::open({.path = folder.file("vigil.db"), .sealer = &sealer}));
        documents = store::sqlite::open_documents(*file);
        records = store::sqlite::open_records(*file, [this] { return written.load(); });
        server = std::make_unique<fhir::Server>(
            fhir::ServerParts{.rest = {.definitions = definitions,
                                       .parameters = parameters,
                                       .base = "http://here/fhir",
                                       .limits = {},
                                       .now = [] { return noon; },
                                       .new_id = [this] { return "id" + std::to_string(++ids); },
                                       .validate = {}},
                              .records = *records,
                              .documents = *documents,
                              .series = series,
                              .catalogue = catalogue,
                              .on_worker = [](const std::function<void()>& work) { work(); },
                              .number_patients =
                                  [this](const std::vector<fhir::Demographics>& patients,
                                         const std::string&, const auto& done) {
                                      std::vector<PatientId> numbers;
                                      for (std::size_t i = 0; i < patients.size(); ++i)
                                          numbers.push_back(PatientId{++patient_numbers});
                                      done(std::move(numbers));
                                  },
                              .patient_written = {},
                              .records_written = {},
                              .observation_begins = [this] { return relay->begins(); },
                              .subscription_written = {},
                              .software_version = "test",
                              .started = noon});
        register_all();
        start();
        for (const auto* id : {"ada", "ben"})
            write("PUT", std::string("Patient/") + id,
                  std::string(R"({"resourceType":"Patient","id":")") + id + R"("})");
    }
    ~ObservationRelayTest() override { file->finish(); }

    // Patients 1 and 2, the monitors on the first.
    void register_all() {
        const auto take = [this](Result<identity::Act> act) {
            ASSERT_TRUE(act) << act.error().message;
            acts.give(std::move(*act),
                      [](const Result<identity::Applied>& done) { ASSERT_TRUE(done); });
            acts.on_commit(log.commit());
        };
        for (const auto* name : {"Ada Example", "Ben Example"}) {
            identity::Patient patient;
            patient.display_name = name;
            take(registry.plan_add_patient(patient, given));
        }
        for (const auto* name : {"monitor-1", "monitor-2"}) {
            identity::Device device;
            device.external_id = name;
            take(registry.plan_add_device(device, given));
            take(registry.plan_attach({.device = registry.find_device(name)->id,
                                       .patient = PatientId{1},
                                       .from = noon - std::chrono::hours(4)},
                                      given));
        }
    }

    void start() {
        intake = std::make_unique<collect::Intake>(
            catalogue, registry, log, collect::IntakeRules{},
            collect::Intake::Audience{.arrived =
                                          [this](const collect::FiledMessage& message) {
                                              if (message.stored())
                                                  filed_under.push_back(message.patient);
                                          },
                                      .unread = [](Position, PatientId, const std::string&) {},
                                      .device_changed = [](DeviceId) {}});
        relay = std::make_unique<ObservationRelay>(ObservationRelayParts{
            .registry = registry,
            .intake = *intake,
            .log = log,
            .records = *records,
            .documents = *documents,
            .series = series,
            .server = *server,
            .context = {catalogue, definitions, "http://here/fhir"},
            .on_worker =
                [this](std::function<void()> work) {
                    if (looking) return work();
                    held_look = std::move(work);
                },
            .on_loop = [this](std::function<void()> call) { calls.post(std::move(call)); },
            .when_durable =
                [this](store::Ticket ticket, std::function<void(Result<void>)> done) {
                    waiting.emplace(ticket, std::move(done));
                }});
        ASSERT_TRUE(relay->start());
    }
    // As a kill leaves it: what was under way is gone, what is on disk stays.
    void kill_and_start() {
        calls.drop();
        waiting.clear();
        log.waiting.clear();
        feed();
        start();
    }

    // A second after what was written before.
    void write(const std::string& method, const std::string& path, std::string body) {
        written = written.load() + std::chrono::seconds(1);
        bool answered = false;
        session::HttpRequest request;
        request.method = method;
        request.headers = {{"content-type", "application/fhir+json"}};
        request.body = std::move(body);
        server->handle(system, std::move(request), path,
                       [&](const session::HttpResponse& response) {
                           calls.post([&, status = response.status, text = response.body] {
                               EXPECT_LT(status, 300) << text;
                               answered = true;
                           });
                       });
        ASSERT_TRUE(calls.run_until([&] { return answered; }));
    }
    void post(const std::string& id, std::string_view patient = "ada",
              std::string_view time = "2026-01-01T11:59:00Z", int value = 72,
              std::string_view status = "final", std::string_view device = "monitor-1") {
        write("PUT", "Observation/" + id,
              R"({"resourceType":"Observation","id":")" + id + R"(","status":")" +
                  std::string(status) + R"(",)" +
                  R"("code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},)" +
                  R"("subject":{"reference":"Patient/)" + std::string(patient) + R"("},)" +
                  R"("effectiveDateTime":")" + std::string(time) + R"(",)" +
                  R"("device":{"identifier":{"system":"urn:vigil:device","value":")" +
                  std::string(device) + R"("}},)" + R"("valueQuantity":{"value":)" +
                  std::to_string(value) +
                  R"(,"unit":"/min","system":"http://unitsofmeasure.org",)" + R"("code":"/min"}})");
    }
    // What the log has, into the series, as live and at a start.
    void feed() {
        for (; fed < log.kept.size(); ++fed) {
            Batch batch;
            if (!decode(log.kept[fed].body, batch)) continue;  // an act
            auto sequence = batch.first_sequence;
            for (const auto& [reading, filed_time] : batch.readings)
                series.put({batch.device, reading.metric, reading.channel}, log.kept[fed].subject,
                           {.filed_time = filed_time,
                            .device_time = reading.device_time,
                            .receive_time = batch.receive_time,
                            .sequence = sequence++,
                            .status = reading.status,
                            .value = reading.value});
        }
    }
    void commit(bool succeeds = true) {
        const auto commit = log.commit(succeeds);
        intake->on_commit(commit);
        feed();
        auto done = std::exchange(waiting, {});
        for (auto& [ticket, call] : done) call(commit.outcome);
    }
    void post_pressure(int systolic, int diastolic, const char* second = "8462-4") {
        const auto part = [](const char* code, int value) {
            return std::string(R"({"code":{"coding":[{"system":"http://loinc.org","code":")") +
                   code + R"("}]},"valueQuantity":{"value":)" + std::to_string(value) +
                   R"(,"system":"http://unitsofmeasure.org","code":"mm[Hg]"}})";
        };
        write("PUT", "Observation/p",
              R"({"resourceType":"Observation","id":"p","status":"final","code":{"coding":)"
              R"([{"system":"http://loinc.org","code":"85354-9"}]},"subject":{"reference":)"
              R"("Patient/ada"},"effectiveDateTime":"2026-01-01T11:59:00Z","device":{"identifier":)"
              R"({"system":"urn:vigil:device","value":"monitor-1"}},"component":[)" +
                  part("8480-6", systolic) + "," + part(second, diastolic) + "]}");
    }
    // Of what was appended the first is on disk, and nobody was told.
    void commit_the_first_and_kill() {
        while (log.waiting.size() > 1) {
            log.waiting.pop_back();
            --log.last_ticket;
        }
        log.commit();
        kill_and_start();
    }
    bool appended(std::size_t count) {
        return calls.run_until([&] { return log.waiting.size() == count; });
    }
    std::string cursor() { return documents->get("relay", "observations")->value_or(""); }
    // Until the outbox has been looked at up to there.
    bool looked_at(std::uint64_t change) {
        const auto wanted = R"("records":)" + std::to_string(change) + ",";
        return calls.run_until([&] { return cursor().find(wanted) != std::string::npos; });
    }
    // The same, with what is to be filed by then.
    bool filed_up_to(std::uint64_t change) {
        const auto wanted = R"("records":)" + std::to_string(change) + ",";
        const auto there = [&] { return cursor().find(wanted) != std::string::npos; };
        while (!there()) {
            if (!calls.run_until([&] { return !log.waiting.empty() || there(); })) return false;
            if (!log.waiting.empty()) commit();
        }
        return true;
    }
    // As a device said it, in a message of its own.
    void measured(std::string_view device, Timestamp time, std::int64_t value) {
        const auto& metric = *catalogue.find("heart_rate");
        series.put({registry.find_device(device)->id, metric.id, 0}, PatientId{1},
                   {.filed_time = time,
                    .device_time = time,
                    .receive_time = time,
                    .sequence = 0,
                    .status = 0,
                    .value = NumericValue{{value, 0}, metric.unit, SpecialValue::none}});
    }
    // Of the readings in the log, in order.
    std::vector<std::string> sources() {
        std::vector<std::string> out;
        for (const auto& entry : log.kept) {
            Batch batch;
            if (entry.kind == store::EntryKind::batch && decode(entry.body, batch))
                out.emplace_back(batch.source);
        }
        return out;
    }

    // Of the first patient, in the series.
    std::vector<std::string> readings(std::string_view metric = "heart_rate") {
        std::vector<std::string> out;
        (void)series.scan(system, PatientId{1}, catalogue.find(metric)->id,
                          {noon - std::chrono::hours(1), noon + std::chrono::hours(1)},
                          [&](const store::SeriesKey&, const store::Sample& sample) {
                              auto text = to_string(std::get<NumericValue>(sample.value).value);
                              if ((sample.status & status::invalid) != 0) text += " withdrawn";
                              out.push_back(std::move(text));
                              return true;
                          });
        return out;
    }

    const identity::Given given{noon - std::chrono::hours(5), "test"};
    store::test::TemporaryFolder folder;
    DamagedSealer sealer;
    store::Access system = identity::AccessDesk::for_system("test");
    fhir::Definitions definitions;
    fhir::SearchParameters parameters{definitions};
    Catalogue catalogue;
    DamagedSeries series{catalogue};
    identity::Registry registry;
    collect::FakeLog log;
    collect::ActDesk acts{registry, log, [](const auto&, const auto&, Position) {}};
    std::vector<PatientId> filed_under;
    std::unique_ptr<collect::Intake> intake;
    std::size_t fed = 0;  // entries of the log
    Calls calls;
    std::unique_ptr<store::sqlite::StoreFile> file;
    std::unique_ptr<store::Documents> documents;
    std::unique_ptr<store::RecordStore> records;
    std::unique_ptr<fhir::Server> server;
    std::unique_ptr<ObservationRelay> relay;
    std::atomic<Timestamp> written = noon;
    std::multimap<store::Ticket, std::function<void(Result<void>)>> waiting;
    int ids = 0;
    std::uint32_t patient_numbers = 0;
    bool looking = true;  // at the outbox
    std::function<void()> held_look;
};

}  // namespace vigil::app
