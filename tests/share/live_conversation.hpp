#pragma once
// A viewer of the live stream, its server and its ward, for tests: a conversation as a list of
// frames.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "base/json.hpp"
#include "collect/intake.hpp"
#include "identity/access_desk.hpp"
#include "identity/ward.hpp"
#include "metric/unit.hpp"
#include "share/live_session.hpp"
#include "share/reading_json.hpp"
#include "share/shapes.hpp"
#include "store/memory_log.hpp"
#include "store/memory_series.hpp"

namespace vigil::share {
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

// One patient with one monitor, a ring that keeps ten seconds, and workers that work when told to.
class LiveConversation : public testing::Test {
protected:
    struct Viewer {
        std::unique_ptr<session::MessageSession> session;
        std::vector<session::Frame> frames{};  // sent since they were last looked at
        std::optional<std::uint16_t> closed{};
    };

    LiveConversation() { connect(); }

    void connect(LiveLimits limits = {.ring_for = seconds(10)}) {
        hub = std::make_unique<LiveHub>(
            LiveSources{
                .catalogue = catalogue,
                .registry = ward.registry,
                .devices = devices,
                .log = log,
                .series = series,
                .on_worker = [this](auto work) { work_queue.push_back(std::move(work)); },
                .on_loop = [](const auto& call) { call(); },
                .decide = [this](const auto& asking, const auto& patients,
                                 const auto* before) { return decide(asking, patients, before); },
                .still_valid = [](const auto&, const auto&) { return true; },
                .version = "1"},
            limits);
        hub->starts_after({0, log.end().offset - 1});
    }

    // The operator's, unless somebody asks.
    Result<store::Access> decide(const identity::Principal& asking,
                                 const std::vector<PatientId>& patients,
                                 const store::Access* before) {
        if (asking.kind == identity::Principal::Kind::nobody)
            return identity::AccessDesk::for_system("test");
        const identity::AccessRequest request{
            .subjects = {.everyone = patients.empty(), .patients = patients},
            .areas = {identity::Area::vitals},
            .resources = {},
            .what = "live stream",
            .at = now};
        return before != nullptr ? desk.renew(asking, request, *before)
                                 : desk.decide(asking, request);
    }

    // A reading arrives as the server would have it: log, series, ring.
    void heart_rate(int value, DeviceId from = {}) {
        const auto device = from ? from : monitor;
        FiledReading filed;
        filed.reading.metric = heart_rate_metric;
        filed.reading.value = NumericValue{.value = Decimal(value, 0), .unit = per_minute};
        filed.filed_time = now;
        arrive(device, {filed});
    }
    void ecg(int samples) {
        FiledReading filed;
        filed.reading.metric = ecg_metric;
        filed.reading.value = WaveformBlock{.period = milliseconds(4),
                                            .unit = {},
                                            .samples = std::vector<std::int32_t>(samples, 7)};
        filed.filed_time = now;
        arrive(monitor, {filed});
    }
    void arrive(DeviceId device, std::vector<FiledReading> readings) {
        Batch batch;
        batch.device = device;
        batch.receive_time = now;
        batch.readings = readings;
        std::string body;
        encode(batch, body);
        log.now = now;
        log.append(store::EntryKind::batch, {}, {}, body);
        const Position position{0, log.end().offset - 1};
        const collect::FiledMessage message{.position = position,
                                            .patient = {},
                                            .device = device,
                                            .receive_time = now,
                                            .readings = readings,
                                            .first_sequence = 0,
                                            .encoded = {}};
        collect::filed_by_patient(ward.registry, message, [&](const auto& part) {
            for (const auto& filed : part.readings)
                series.put({device, filed.reading.metric, 0}, part.patient,
                           {.filed_time = filed.filed_time,
                            .device_time = {},
                            .receive_time = now,
                            .value = filed.reading.value});
            hub->arrived(part, now);
        });
    }

    Viewer open() {
        Viewer viewer{.session = hub->open(who, "")};
        step(viewer, [&](auto& out) { viewer.session->on_open(now, [] {}, out); });
        drained(viewer);
        return viewer;
    }
    void subscribe(Viewer& viewer, const std::string& resume, const std::string& more = "") {
        const auto text =
            R"({"type":"subscribe","patients":"all","metrics":"all","waveforms":true)" + more +
            R"(,"resume":)" + resume + "}";
        step(viewer, [&](auto& out) { viewer.session->on_message(now, {true, text}, out); });
    }
    // Lets the workers work and the viewer take what it is sent until nothing is left to do.
    void settle(Viewer& viewer) {
        for (int turns = 0; turns < 10'000 && !work_queue.empty(); ++turns) {
            work_once();
            drained(viewer);
        }
        ASSERT_TRUE(work_queue.empty()) << "the session never stops asking";
    }
    void work_once() {
        const auto work = std::move(work_queue.front());
        work_queue.pop_front();
        work();
    }
    void drained(Viewer& viewer) {
        step(viewer, [&](auto& out) { viewer.session->on_wake(now, out); });
        step(viewer, [&](auto& out) { viewer.session->on_drained(now, out); });
    }
    void tick(Viewer& viewer, Nanoseconds later) {
        now += later;
        step(viewer, [&](auto& out) { viewer.session->on_timer(now, out); });
    }
    template <class Turn>
    void step(Viewer& viewer, Turn turn) {
        session::MessageActions out;
        turn(out);
        for (auto& frame : out.send) viewer.frames.push_back(std::move(frame));
        if (out.close) viewer.closed = out.close;
    }

    // The values of the `readings` frames, in order, and nothing of the others.
    static std::vector<std::string> values(const Viewer& viewer) {
        return each_reading(viewer, "readings");
    }
    static std::vector<std::string> snapshot_values(const Viewer& viewer) {
        return each_reading(viewer, "snapshot");
    }
    static std::vector<std::string> each_reading(const Viewer& viewer, std::string_view type) {
        std::vector<std::string> found;
        for (const auto& frame : viewer.frames) {
            JsonDocument document;
            if (!frame.text) continue;
            const auto root = document.parse(frame.payload);
            if (!root || (*root)["type"].string() != type) continue;
            for (const auto reading : (*root)["readings"])
                found.emplace_back(reading["value"].string());
            for (const auto patient : (*root)["patients"])
                for (const auto reading : patient["readings"])
                    found.emplace_back(reading["value"].string());
        }
        return found;
    }
    static std::vector<std::string> types(const Viewer& viewer) {
        std::vector<std::string> found;
        for (const auto& frame : viewer.frames) {
            JsonDocument document;
            const auto root = document.parse(frame.payload);
            found.emplace_back(!frame.text ? "waveforms" : std::string((*root)["type"].string()));
        }
        return found;
    }
    // The newest cursor, as a client keeps it: null ones pass by.
    static std::string cursor(const Viewer& viewer) {
        std::string newest = "null";
        for (const auto& frame : viewer.frames) {
            JsonDocument document;
            if (!frame.text) continue;
            const auto root = document.parse(frame.payload);
            if (const auto text = (*root)["cursor"].string(); !text.empty())
                newest = '"' + std::string(text) + '"';
        }
        return newest;
    }
    static std::string payload(const Viewer& viewer, std::string_view type) {
        for (const auto& frame : viewer.frames)
            if (frame.text && frame.payload.find("\"" + std::string(type) + "\"") < 12)
                return frame.payload;
        return {};
    }

    struct Ledger final : identity::AuditSink {
        bool record(identity::AuditLine line) override {
            lines.push_back(std::move(line));
            return true;
        }
        void when_on_record(identity::OnRecord, std::function<void(Result<void>)> done) override {
            done({});
        }
        std::vector<identity::AuditLine> lines;
    } ledger;
    Catalogue catalogue;
    identity::Ward ward;
    identity::AccessDesk desk{ledger, ward.registry};
    identity::Principal who;
    collect::DeviceStates devices;
    store::test::MemoryLog log{[](const auto&) {}};
    store::test::MemorySeries series{catalogue};
    std::deque<std::function<void()>> work_queue;
    std::unique_ptr<LiveHub> hub;
    Timestamp now = identity::at(12);

    MetricId heart_rate_metric = catalogue.find("heart_rate")->id;
    MetricId ecg_metric = catalogue.find("ecg_ii")->id;
    UnitId per_minute = *units::find("/min");
    DeviceId monitor = ward.device("monitor-01");
    PatientId ada = ward.patient("Ada Example");
    identity::Applied attached = ward.attach(monitor, ada, identity::at(8));
};

}  // namespace vigil::share
