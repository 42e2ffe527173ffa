// docs/reference/live-stream.md: a whole conversation as a list of frames.
#include "share/live_session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "base/json.hpp"
#include "collect/intake.hpp"
#include "identity/access_desk.hpp"
#include "identity/ward.hpp"
#include "metric/unit.hpp"
#include "share/reading_json.hpp"
#include "share/shapes.hpp"
#include "store/memory_log.hpp"
#include "store/memory_series.hpp"

namespace vigil::share {
namespace {

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

TEST_F(LiveConversation, begins_with_a_snapshot_read_by_a_worker_and_goes_on_live) {
    heart_rate(70);
    auto viewer = open();
    subscribe(viewer, "null");
    EXPECT_THAT(types(viewer), ElementsAre("hello"));  // nothing of a disk on the loop
    heart_rate(71);                                    // comes while the worker reads
    settle(viewer);
    tick(viewer, milliseconds(50));
    EXPECT_THAT(snapshot_values(viewer), ElementsAre("71"));
    EXPECT_THAT(values(viewer), ElementsAre("71"));  // at least once, never lost
}

TEST_F(LiveConversation, shows_whom_the_viewer_reaches_as_they_come_and_go) {
    ward.must(ward.registry.plan_add_account(
        {.user_name = "nia", .role = identity::Role::nurse, .units = {"ICU"}}, ward.now()));
    who = principal_of(*ward.registry.find_account("nia"));
    const auto move_ada = [&](const char* unit) {
        auto patient = *ward.registry.patient(ada);
        patient.unit = unit;
        ward.must(ward.registry.plan_change_patient(patient, ward.now()));
        hub->access_changed();
    };
    auto viewer = open();
    const auto look = [&] {
        viewer.frames.clear();
        drained(viewer);
        settle(viewer);
        tick(viewer, milliseconds(50));
    };
    heart_rate(70);
    subscribe(viewer, "null");
    look();
    EXPECT_THAT(snapshot_values(viewer), IsEmpty()) << "Ada is not in the unit";
    heart_rate(71);
    look();
    EXPECT_THAT(values(viewer), IsEmpty());

    move_ada("ICU");
    look();
    EXPECT_THAT(snapshot_values(viewer), ElementsAre("71"));
    heart_rate(72);
    look();
    EXPECT_THAT(values(viewer), ElementsAre("72"));
    const auto lines = ledger.lines.size();
    hub->access_changed();
    look();
    EXPECT_THAT(types(viewer), Not(testing::Contains("snapshot"))) << "nothing has changed";
    EXPECT_EQ(ledger.lines.size(), lines);

    move_ada("Ward");
    look();
    EXPECT_EQ(ledger.lines.size(), lines + 1) << "each change of patients is on record";
    heart_rate(73);
    look();
    EXPECT_THAT(values(viewer), IsEmpty());
    EXPECT_FALSE(viewer.closed);
}

TEST_F(LiveConversation, has_no_cursor_to_resume_from_before_its_snapshot_is_there) {
    heart_rate(70);
    auto viewer = open();
    subscribe(viewer, "null");
    tick(viewer, seconds(1));
    EXPECT_THAT(types(viewer), ElementsAre("hello", "heartbeat"));
    EXPECT_EQ(cursor(viewer), "null");
    settle(viewer);
    EXPECT_EQ(cursor(viewer), "\"0:1\"");
}

TEST_F(LiveConversation, a_screen_that_was_cut_off_is_sent_from_memory_what_it_missed) {
    heart_rate(70);
    auto viewer = open();
    subscribe(viewer, "null");
    settle(viewer);
    const auto kept = cursor(viewer);
    for (int i = 1; i <= 5; ++i) now += seconds(1), heart_rate(70 + i);
    auto again = open();
    subscribe(again, kept);
    EXPECT_THAT(work_queue, IsEmpty());
    EXPECT_THAT(values(again), ElementsAre("71", "72", "73", "74", "75"));
}

TEST_F(LiveConversation, a_screen_cut_off_for_longer_than_memory_reaches_is_sent_it_from_the_log) {
    heart_rate(1);
    auto viewer = open();
    subscribe(viewer, "null");
    settle(viewer);
    const auto kept = cursor(viewer);
    std::vector<std::string> missed;
    for (int i = 2; i <= 91; ++i) {
        now += seconds(1);
        heart_rate(i);
        missed.push_back(std::to_string(i));
    }
    auto again = open();
    subscribe(again, kept);
    EXPECT_THAT(types(again), ElementsAre("hello"));
    settle(again);
    EXPECT_EQ(values(again), missed);
    EXPECT_THAT(types(again), Not(testing::Contains("gap")));
    EXPECT_THAT(types(again), Not(testing::Contains("snapshot")));
    EXPECT_EQ(cursor(again), "\"0:91\"");
    again.frames.clear();
    heart_rate(99);
    tick(again, milliseconds(50));
    EXPECT_THAT(values(again), ElementsAre("99"));
}

TEST_F(LiveConversation, what_comes_while_the_log_is_read_follows_in_order) {
    heart_rate(1);
    auto viewer = open();
    subscribe(viewer, "null");
    settle(viewer);
    const auto kept = cursor(viewer);
    std::vector<std::string> missed;
    // Blocks make the log longer than one part.
    for (int i = 2; i <= 60; ++i) {
        now += seconds(1);
        heart_rate(i);
        ecg(20'000);
        missed.push_back(std::to_string(i));
    }
    auto again = open();
    subscribe(again, kept);
    work_once();
    drained(again);
    ASSERT_THAT(work_queue, Not(IsEmpty())) << "one part was enough: the test tests nothing";
    now += seconds(11);  // the ring forgets all it had
    heart_rate(61);
    missed.emplace_back("61");
    settle(again);
    EXPECT_EQ(values(again), missed);
    EXPECT_THAT(types(again), Not(testing::Contains("snapshot")));
}

TEST_F(LiveConversation, the_next_part_of_the_log_waits_until_the_one_before_was_taken) {
    heart_rate(1);
    for (int i = 0; i < 40; ++i) now += seconds(1), ecg(60'000);
    auto viewer = open();
    subscribe(viewer, "\"0:1\"");
    for (int turns = 0; turns < 100 && !work_queue.empty(); ++turns) {
        work_once();
        step(viewer, [&](auto& out) { viewer.session->on_wake(now, out); });  // takes nothing
    }
    std::size_t sent = 0;
    for (const auto& frame : viewer.frames) sent += frame.payload.size();
    EXPECT_LT(sent, hub->limits().untaken_bytes_max + 3 * 256 * 1024);
    settle(viewer);
    drained(viewer);
    settle(viewer);
    std::size_t blocks = 0;
    for (const auto& type : types(viewer)) blocks += type == "waveforms" ? 1 : 0;
    EXPECT_EQ(blocks, 40);
}

TEST_F(LiveConversation, beyond_what_is_resumed_a_gap_says_so_and_a_snapshot_follows) {
    connect({.ring_for = seconds(10), .resume_for = minutes(2)});
    heart_rate(70);
    const auto first = now;
    for (int i = 1; i <= 150; ++i) now += seconds(1), heart_rate(70 + i % 10);
    auto viewer = open();
    subscribe(viewer, "\"0:1\"");
    settle(viewer);
    EXPECT_THAT(types(viewer), ElementsAre("hello", "gap", "gap", "snapshot"));
    EXPECT_THAT(payload(viewer, "gap"),
                testing::HasSubstr(R"("from":")" + format_rfc3339(first + seconds(1)) +
                                   R"(","to":")" + format_rfc3339(now) + R"(","reason":"resume")"));
    EXPECT_THAT(snapshot_values(viewer), ElementsAre("70"));
    EXPECT_EQ(cursor(viewer), "\"0:151\"");
}

TEST_F(LiveConversation, more_of_the_log_than_is_read_for_one_viewer_is_a_gap_too) {
    connect({.ring_for = seconds(10), .resume_bytes_max = 300 * 1024});
    heart_rate(70);
    for (int i = 0; i < 40; ++i) now += seconds(1), ecg(20'000);
    auto viewer = open();
    subscribe(viewer, "\"0:1\"", R"(,"waveform_history_s":0)");
    settle(viewer);
    EXPECT_THAT(types(viewer), testing::Contains("gap"));
    EXPECT_THAT(snapshot_values(viewer), ElementsAre("70"));
}

TEST_F(LiveConversation, a_cursor_that_the_log_forgot_or_never_reached_is_a_gap) {
    heart_rate(70);
    for (int i = 1; i <= 30; ++i) now += seconds(1), heart_rate(70 + i);
    ASSERT_TRUE(log.trim({0, 10}));
    for (const auto* unknown : {"\"0:3\"", "\"0:5000\""}) {
        auto viewer = open();
        subscribe(viewer, unknown);
        settle(viewer);
        EXPECT_THAT(types(viewer), ElementsAre("hello", "gap", "gap", "snapshot")) << unknown;
        EXPECT_THAT(payload(viewer, "gap"), testing::HasSubstr(R"("from":null)"));
    }
}

TEST_F(LiveConversation, after_a_restart_what_was_committed_before_it_is_still_sent) {
    heart_rate(70);
    heart_rate(71);
    heart_rate(72);
    connect();  // a new hub with an empty ring over the same log
    auto viewer = open();
    subscribe(viewer, "\"0:1\"");
    settle(viewer);
    EXPECT_THAT(values(viewer), ElementsAre("71", "72"));
    EXPECT_THAT(types(viewer), Not(testing::Contains("gap")));
}

TEST_F(LiveConversation, what_the_log_holds_is_shown_under_whom_the_registry_names_now) {
    heart_rate(70);
    for (int i = 0; i < 20; ++i) now += seconds(1), heart_rate(80);
    const auto bo = ward.patient("Bo Sample");
    ward.attach(monitor, bo, identity::at(8), identity::end_of_time,
                identity::AssociationRank::scan);
    auto viewer = open();
    const auto text = R"({"type":"subscribe","patients":[")" + patient_id_text(bo) +
                      R"("],"metrics":"all","waveforms":false,"resume":"0:1"})";
    step(viewer, [&](auto& out) { viewer.session->on_message(now, {true, text}, out); });
    settle(viewer);
    EXPECT_EQ(values(viewer).size(), 20);
    EXPECT_THAT(payload(viewer, "readings"),
                testing::HasSubstr(R"("patient":")" + patient_id_text(bo) + '"'));
}

TEST_F(LiveConversation, a_strip_is_not_empty_at_the_start_of_a_view) {
    for (int i = 0; i < 30; ++i) now += seconds(1), ecg(250);
    connect();  // nothing in memory: it comes from the series
    auto viewer = open();
    subscribe(viewer, "null", R"(,"waveform_history_s":20)");
    settle(viewer);
    EXPECT_THAT(types(viewer), ElementsAre("hello", "snapshot", "series", "waveforms"));
    const auto& frame = viewer.frames.back().payload;
    std::uint16_t blocks = 0;
    std::memcpy(&blocks, frame.data() + 2, sizeof blocks);
    EXPECT_GE(blocks, 20);
    EXPECT_LE(blocks, 23);
    EXPECT_EQ(static_cast<unsigned char>(frame[8 + 5]) & 2, 2) << "bit 1: from the past";
}

TEST_F(LiveConversation, an_answer_for_a_subscription_that_was_replaced_is_dropped) {
    heart_rate(70);
    auto viewer = open();
    subscribe(viewer, "null");
    subscribe(viewer, "null");
    settle(viewer);
    EXPECT_THAT(types(viewer), ElementsAre("hello", "snapshot"));
}

TEST_F(LiveConversation, a_viewer_may_leave_while_a_worker_reads_for_it) {
    heart_rate(70);
    auto viewer = open();
    subscribe(viewer, "null");
    viewer.session.reset();
    while (!work_queue.empty()) work_once();  // must not touch what is gone (address sanitizer)
    EXPECT_EQ(hub->viewers(), 0);
}

TEST_F(LiveConversation, a_viewer_that_takes_nothing_gets_the_newest_only_once_it_does) {
    heart_rate(70);
    auto viewer = open();
    subscribe(viewer, "null", R"(,"waveform_history_s":0)");
    settle(viewer);
    viewer.frames.clear();
    for (int i = 1; i <= 8; ++i) {
        now += seconds(1);
        heart_rate(70 + i);
        ecg(60'000);
        step(viewer, [&](auto& out) { viewer.session->on_wake(now, out); });
    }
    EXPECT_LT(values(viewer).size(), 8);
    viewer.frames.clear();
    drained(viewer);
    settle(viewer);
    EXPECT_THAT(payload(viewer, "gap"), testing::HasSubstr(R"("reason":"slow")"));
    EXPECT_THAT(snapshot_values(viewer), ElementsAre("78"));
}

TEST_F(LiveConversation, a_history_longer_than_a_minute_is_refused_by_name) {
    auto viewer = open();
    subscribe(viewer, "null", R"(,"waveform_history_s":61)");
    EXPECT_THAT(payload(viewer, "error"), testing::HasSubstr("/waveform_history_s"));
}

}  // namespace
}  // namespace vigil::share
