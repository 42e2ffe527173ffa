#include "collect/intake.hpp"

#include <gmock/gmock.h>

#include "collect/act_desk.hpp"
#include "collect/fake_log.hpp"

namespace vigil::collect {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Timestamp noon = from_unix_ns(1'767'268'800'000'000'000);

// A registry with the monitor-1 on patient 1 since the morning, the gateway gw with cuff-1 behind
// it, and the stray, which is on nobody.
class IntakeTest : public testing::Test {
protected:
    IntakeTest() {
        for (const auto* name : {"Ada Example", "Ben Example"}) {
            identity::Patient patient;
            patient.display_name = name;
            take(registry.plan_add_patient(patient, given));
        }
        add_device("monitor-1");
        add_device("gw");
        add_device("cuff-1", registry.find_device("gw")->id);
        add_device("stray");
        attach("monitor-1", {1}, noon - hours(4));
        attach("cuff-1", {2}, noon - hours(4));
        log.forget();
    }

    void take(Result<identity::Act> act) {
        ASSERT_TRUE(act) << act.error().message;
        acts.give(std::move(*act),
                  [](const Result<identity::Applied>& done) { ASSERT_TRUE(done); });
        acts.on_commit(log.commit());
    }
    void add_device(std::string id, DeviceId gateway = {}) {
        identity::Device device;
        device.external_id = std::move(id);
        device.gateway = gateway;
        take(registry.plan_add_device(device, given));
    }
    void attach(std::string_view device, PatientId patient, Timestamp from) {
        take(registry.plan_attach({.device = registry.find_device(device)->id,
                                   .patient = patient,
                                   .from = from,
                                   .correction = true},
                                  given));
    }
    std::optional<broker::Accepted> publish(std::string_view sender, std::string_view topic,
                                            std::string_view payload, Timestamp received = noon,
                                            bool duplicate = false, Fingerprint exchange = {}) {
        const broker::Principal principal{.kind = broker::Principal::Kind::device,
                                          .id = std::string(sender),
                                          .device = registry.find_device(sender)->id,
                                          .account = {}};
        return intake.publish({.sender = principal,
                               .topic = topic,
                               .payload = payload,
                               .content_type = "",
                               .qos = 1,
                               .duplicate = duplicate,
                               .exchange = exchange,
                               .received = received});
    }
    void commit(bool succeeds = true) { intake.on_commit(log.commit(succeeds)); }

    const identity::Given given{noon - hours(5), "test"};
    Catalogue catalogue;
    identity::Registry registry;
    FakeLog log;
    ActDesk acts{registry, log, [](const auto&, const auto&, Position) {}};
    // What the audience was told of, with the readings kept beyond the call.
    struct Arrived : FiledMessage {
        explicit Arrived(const FiledMessage& m)
            : FiledMessage(m), readings(m.readings.begin(), m.readings.end()) {
            std::vector<FiledReading> waited;
            if (!m.encoded.empty()) {
                EXPECT_TRUE(decode_readings(m.encoded, m.receive_time, waited));
                EXPECT_EQ(waited, readings);
            }
        }
        std::vector<FiledReading> readings;
    };
    std::vector<Arrived> arrived;
    Intake::Audience audience() {
        return {
            .arrived = [this](const FiledMessage& m) { arrived.emplace_back(m); },
            .unread = [this](Position p, PatientId, const std::string&) { unread.push_back(p); },
            .device_changed = [](DeviceId) {}};
    }
    std::vector<Position> unread;
    Intake intake{catalogue, registry, log, {}, audience()};
};

TEST_F(IntakeTest, a_reading_is_filed_under_the_patient_whom_the_association_names) {
    const auto accepted = publish("monitor-1", "vigil/monitor-1/telemetry",
                                  R"({"heart_rate":72,"ts":"2026-01-01T11:59:59Z"})");
    ASSERT_TRUE(accepted);
    EXPECT_EQ(accepted->reason_code, 0);
    EXPECT_EQ(accepted->ticket, log.last_ticket);
    EXPECT_THAT(arrived, IsEmpty()) << "nothing is shown or acknowledged before the commit";
    commit();
    ASSERT_THAT(arrived, SizeIs(1));
    EXPECT_EQ(arrived[0].patient, PatientId{1});
    EXPECT_TRUE(arrived[0].stored());
    ASSERT_THAT(arrived[0].readings, SizeIs(1));
    EXPECT_EQ(arrived[0].readings[0].filed_time, noon - seconds(1));
    EXPECT_EQ(catalogue.at(arrived[0].readings[0].reading.metric).key, "heart_rate");
}

TEST_F(IntakeTest, a_topic_says_whom_its_messages_may_ever_have_been_about) {
    using testing::ElementsAre;
    EXPECT_THAT(intake.patients_of("vigil/monitor-1/telemetry"), ElementsAre(PatientId{1}));
    EXPECT_THAT(intake.patients_of("vigil/monitor-1/chatter"), IsEmpty());
    EXPECT_THAT(intake.patients_of("vigil/nobody/telemetry"), IsEmpty());
    attach("monitor-1", PatientId{2}, noon);
    EXPECT_THAT(intake.patients_of("vigil/monitor-1/telemetry"),
                ElementsAre(PatientId{1}, PatientId{2}));
}

TEST_F(IntakeTest, a_topic_that_carries_no_readings_is_the_brokers) {
    EXPECT_FALSE(publish("monitor-1", "vigil/monitor-1/chatter", "hello"));
    EXPECT_FALSE(publish("monitor-1", "site/porters", "hello"));
}

TEST_F(IntakeTest, bytes_that_cannot_be_read_are_kept_in_quarantine_and_accepted_as_invalid) {
    const auto accepted = publish("monitor-1", "vigil/monitor-1/telemetry", R"({"heart_rate":)");
    ASSERT_TRUE(accepted);
    EXPECT_EQ(accepted->reason_code, 0x99);
    EXPECT_THAT(accepted->patients, testing::ElementsAre(PatientId{1}))
        << "whose it is, as far as can be told";
    commit();
    ASSERT_THAT(log.kept, SizeIs(1));
    EXPECT_EQ(log.kept[0].kind, store::EntryKind::unread);
    EXPECT_THAT(unread, testing::ElementsAre(Position{0, log.forgotten + 1}));
    const auto kept = decode_unread(log.kept[0].body);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->raw, R"({"heart_rate":)");
    EXPECT_EQ(kept->sender_name, "monitor-1");
}

TEST_F(IntakeTest, the_parts_that_can_be_read_are_filed_and_the_rest_is_kept) {
    const auto accepted = publish("monitor-1", "vigil/monitor-1/telemetry",
                                  R"({"heart_rate":72,"glow":3,"ts":"2026-01-01T12:00:00Z"})");
    ASSERT_TRUE(accepted);
    EXPECT_THAT(accepted->patients, testing::ElementsAre(PatientId{1}));
    commit();
    EXPECT_THAT(arrived, SizeIs(1));
    ASSERT_THAT(log.kept, SizeIs(2));
    EXPECT_EQ(log.kept[0].kind, store::EntryKind::batch);
    EXPECT_EQ(log.kept[1].kind, store::EntryKind::unread);
}

TEST_F(IntakeTest, a_gateway_speaks_for_its_sub_devices_only) {
    publish("gw", "vigil/gw/sub/cuff-1/telemetry",
            R"({"nibp_sys":121,"ts":"2026-01-01T12:00:00Z"})");
    commit();
    ASSERT_THAT(arrived, SizeIs(1));
    EXPECT_EQ(arrived[0].patient, PatientId{2});
    const auto stranger = publish("gw", "vigil/gw/sub/monitor-1/telemetry",
                                  R"({"heart_rate":72,"ts":"2026-01-01T12:00:00Z"})");
    EXPECT_EQ(stranger->reason_code, 0x87);
    commit();
    EXPECT_THAT(arrived, SizeIs(1));
}

TEST_F(IntakeTest, an_unknown_sub_device_goes_to_quarantine_and_comes_out_when_it_is_registered) {
    publish("gw", "vigil/gw/sub/cuff-9/telemetry",
            R"({"nibp_sys":121,"ts":"2026-01-01T12:00:00Z"})");
    commit();
    ASSERT_THAT(log.kept, SizeIs(1));
    const auto body = log.kept[0].body;
    const auto kept = decode_unread(body);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->reasons[0].kind, Error::Kind::unknown_device);
    EXPECT_FALSE(intake.read_again(*kept));
    add_device("cuff-9", registry.find_device("gw")->id);
    const auto reread = intake.read_again(*kept);
    ASSERT_TRUE(reread);
    EXPECT_EQ(reread->readings, 1U);
    commit();
    EXPECT_THAT(arrived, SizeIs(1));
}

TEST_F(IntakeTest, an_entry_gives_back_the_message_that_it_was_made_of) {
    attach("monitor-1", {2}, noon - seconds(10));
    log.forget();
    const std::vector<std::string> payloads = {
        R"({"heart_rate":72,"ts":"2026-01-01T12:00:00Z"})", R"({"heart_rate":)",
        R"({"heart_rate":72,"glow":3,"ts":"2026-01-01T12:00:01Z"})",
        R"([{"ts":"2026-01-01T11:59:45Z","heart_rate":70},{"ts":"2026-01-01T11:59:55Z","heart_rate":71}])"};
    for (const auto& payload : payloads) {
        const auto accepted = publish("monitor-1", "vigil/monitor-1/telemetry", payload);
        ASSERT_TRUE(accepted);
        commit();
        ASSERT_NE(accepted->carrier, 0U);
        const auto first = log.last_ticket - log.kept.size() + 1;
        const auto& body = log.kept[accepted->carrier - first];
        store::Entry entry;
        entry.kind = body.kind;
        entry.body = body.body;
        const auto kept = intake.kept(entry);
        ASSERT_TRUE(kept);
        EXPECT_EQ(kept->topic, "vigil/monitor-1/telemetry");
        EXPECT_EQ(kept->payload, payload);
    }
    // What was stored before has no entry of this call.
    EXPECT_EQ(publish("monitor-1", "vigil/monitor-1/telemetry", payloads[0])->carrier, 0U);
}

// 120/80 mmHg, and the cuff's wall clock: 13:00, where it is 12:00 UTC.
constexpr std::string_view cuff_at_one = R"("hex": "02780050005D00EA0701010D0000")";

TEST_F(IntakeTest, what_a_gateway_kept_is_filed_when_it_heard_it_and_its_clock_is_known) {
    const auto frame = [](std::string_view more) {
        return "{" + std::string(cuff_at_one) + std::string(more) + "}";
    };
    const auto topic = "vigil/gw/ble/cuff-1/2A35";
    // Nothing has shown the gateway's clock in this session: filed on arrival, and said so.
    publish("gw", topic, frame(R"(, "ts": "2026-01-01T12:00:05Z", "stored": true)"),
            noon + hours(3));
    commit();
    ASSERT_THAT(arrived, SizeIs(1));
    EXPECT_EQ(arrived[0].readings[0].filed_time, noon + hours(3));
    EXPECT_NE(arrived[0].readings[0].reading.status & status::clock, 0U);
    // Once it has, the moment of hearing counts, and the cuff's own clock is judged by it.
    publish("gw", "vigil/gw/ble/cuff-1/2A19", R"({"hex": "5A", "ts": "2026-01-01T15:00:10Z"})",
            noon + hours(3) + seconds(10));
    publish("gw", topic, frame(R"(, "ts": "2026-01-01T12:00:06Z", "stored": true)"),
            noon + hours(3) + seconds(11));
    commit();
    ASSERT_THAT(arrived, SizeIs(3));
    const auto& kept = arrived[2].readings[0];
    EXPECT_EQ(kept.filed_time, noon + seconds(6)) << "put right by the hour the cuff is fast";
    EXPECT_EQ(kept.reading.device_time, noon + hours(1)) << "and what it said is kept";
    EXPECT_NE(kept.reading.status & status::clock, 0U);
    EXPECT_NE(kept.reading.status & status::stored_data, 0U);
    const auto* cuff = intake.devices().find(registry.find_device("cuff-1")->id);
    EXPECT_EQ(cuff->clock.state(), ClockState::no_zone);
}

TEST_F(IntakeTest, a_devices_current_time_shows_its_clock_and_its_records_are_put_right_by_it) {
    // The meter's clock shows 2026-01-01 11:00, an hour slow; a record of the day before at 11:00.
    publish("gw", "vigil/gw/ble/cuff-1/2A2B", std::string("\xEA\x07\x01\x01\x0B\0\0\x04\0\0", 10));
    publish("gw", "vigil/gw/ble/cuff-1/2A18",
            std::string("\x02\x01\0\xE9\x07\x0C\x1F\x0B\0\0\x69\xB0\x11", 13));
    commit();
    ASSERT_THAT(arrived, SizeIs(1)) << "a clock is no reading";
    EXPECT_EQ(arrived[0].readings[0].filed_time, noon - hours(24));
    EXPECT_NE(arrived[0].readings[0].reading.status & status::clock, 0U);
}

TEST_F(IntakeTest, older_readings_beside_a_live_one_are_history_not_a_wrong_clock) {
    publish("monitor-1", "vigil/monitor-1/telemetry",
            R"([{"heart_rate": 70, "ts": "2026-01-01T11:50:00Z"},
                {"heart_rate": 71, "ts": "2026-01-01T12:00:00Z"}])");
    commit();
    ASSERT_THAT(arrived, SizeIs(1));
    EXPECT_EQ(arrived[0].readings[0].filed_time, noon - std::chrono::minutes(10));
    EXPECT_EQ(arrived[0].readings[0].reading.status & status::clock, 0U);
    const auto* monitor = intake.devices().find(registry.find_device("monitor-1")->id);
    EXPECT_EQ(monitor->clock.state(), ClockState::good);
}

TEST_F(IntakeTest, a_resend_is_stored_once_and_acknowledged) {
    const auto* message = R"({"heart_rate":72,"seq":7,"ts":"2026-01-01T12:00:00Z"})";
    publish("monitor-1", "vigil/monitor-1/telemetry", message);
    const auto again = publish("monitor-1", "vigil/monitor-1/telemetry", message);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->ticket, log.last_ticket) << "it waits for the first one to be durable";
    commit();
    EXPECT_TRUE(publish("monitor-1", "vigil/monitor-1/telemetry", message, noon + seconds(9)));
    commit();
    EXPECT_THAT(arrived, SizeIs(1));
    EXPECT_EQ(intake.counts().resent, 2U);
}

TEST_F(IntakeTest, after_a_restart_the_log_tells_what_was_stored) {
    const auto* message = R"({"heart_rate":72,"ts":"2026-01-01T12:00:00Z"})";
    publish("monitor-1", "vigil/monitor-1/telemetry", message);
    commit();
    Intake restarted(catalogue, registry, log, {}, audience());
    ASSERT_TRUE(log.read({}, [&](const store::Entry& entry) {
        restarted.replay(entry);
        return true;
    }));
    const broker::Principal principal{.kind = broker::Principal::Kind::device,
                                      .id = "monitor-1",
                                      .device = registry.find_device("monitor-1")->id,
                                      .account = {}};
    restarted.publish({.sender = principal,
                       .topic = "vigil/monitor-1/telemetry",
                       .payload = message,
                       .content_type = "",
                       .exchange = {},
                       .received = noon + seconds(30)});
    EXPECT_THAT(log.waiting, IsEmpty());
}

TEST_F(IntakeTest, a_start_knows_when_each_device_was_last_heard) {
    const auto since = [](Intake& of, const identity::Device* device) {
        return of.devices().find(device->id)->since;
    };
    const auto* monitor = registry.find_device("monitor-1");
    const auto* gateway = registry.find_device("gw");
    const auto* cuff = registry.find_device("cuff-1");
    const auto* stray = registry.find_device("stray");
    publish("monitor-1", "vigil/monitor-1/telemetry", R"({"heart_rate":72})", noon);
    publish("monitor-1", "vigil/monitor-1/telemetry", "{broken", noon + seconds(5));
    publish("gw", "vigil/gw/telemetry", R"({"device":"cuff-1","nibp_sys":120})", noon + seconds(7));
    commit();
    std::vector<DeviceId> changed;
    auto hears = audience();
    hears.device_changed = [&](DeviceId device) { changed.push_back(device); };
    Intake restarted(catalogue, registry, log, {}, std::move(hears));
    ASSERT_TRUE(log.read({}, [&](const store::Entry& entry) {
        restarted.replay(entry);
        return true;
    }));
    restarted.begin_last_seen(monitor->id, noon - hours(1));  // the log knows better
    restarted.begin_last_seen(stray->id, noon - hours(24 * 30));
    EXPECT_EQ(restarted.devices().find(monitor->id)->last_seen, noon + seconds(5));
    EXPECT_EQ(since(restarted, monitor), noon + seconds(5)) << "disconnected, and since when";
    EXPECT_EQ(since(restarted, stray), noon - hours(24 * 30));
    EXPECT_EQ(since(restarted, gateway), noon + seconds(7));
    EXPECT_EQ(restarted.devices().find(cuff->id)->last_seen, noon + seconds(7));
    EXPECT_EQ(since(restarted, cuff), std::nullopt) << "its gateway connects, it never does";

    restarted.connected({.kind = broker::Principal::Kind::device,
                         .id = "monitor-1",
                         .device = monitor->id,
                         .account = {}},
                        noon + seconds(60));
    EXPECT_EQ(since(restarted, monitor), noon + seconds(60));
    EXPECT_EQ(restarted.devices().find(monitor->id)->connections, 1U);

    // The stray is heard, and yet it holds no connection: an account speaks for it.
    changed.clear();
    const broker::Principal account{
        .kind = broker::Principal::Kind::account, .id = "engine", .device = {}, .account = {1}};
    restarted.publish({.sender = account,
                       .topic = "vigil/stray/telemetry",
                       .payload = R"({"heart_rate":72})",
                       .content_type = "",
                       .exchange = {},
                       .received = noon + seconds(61)});
    EXPECT_EQ(since(restarted, stray), std::nullopt);
    EXPECT_EQ(restarted.devices().find(stray->id)->last_seen, noon + seconds(61));
    EXPECT_EQ(changed, std::vector{stray->id});
}

TEST_F(IntakeTest, a_message_without_identity_is_known_only_while_its_exchange_is_open) {
    const Fingerprint exchange{1, 2};
    publish("monitor-1", "vigil/monitor-1/telemetry", R"({"heart_rate":72})", noon, false,
            exchange);
    publish("monitor-1", "vigil/monitor-1/telemetry", R"({"heart_rate":72})", noon, true, exchange);
    commit();
    EXPECT_THAT(arrived, SizeIs(1));
    publish("monitor-1", "vigil/monitor-1/telemetry", R"({"heart_rate":72})", noon + seconds(1),
            false, {3, 4});
    commit();
    EXPECT_THAT(arrived, SizeIs(2)) << "equal bytes a second later are another reading";
}

TEST_F(IntakeTest, the_same_bytes_right_after_a_reconnect_are_stored_and_flagged) {
    const broker::Principal principal{.kind = broker::Principal::Kind::device,
                                      .id = "monitor-1",
                                      .device = registry.find_device("monitor-1")->id,
                                      .account = {}};
    intake.connected(principal, noon);
    publish("monitor-1", "vigil/monitor-1/telemetry", R"({"heart_rate":72})", noon);
    intake.disconnected(principal, noon + seconds(1));
    intake.connected(principal, noon + seconds(2));
    publish("monitor-1", "vigil/monitor-1/telemetry", R"({"heart_rate":72})", noon + seconds(2));
    commit();
    ASSERT_THAT(arrived, SizeIs(2));
    EXPECT_EQ(arrived[0].readings[0].reading.status & status::possible_duplicate, 0U);
    EXPECT_NE(arrived[1].readings[0].reading.status & status::possible_duplicate, 0U);
}

TEST_F(IntakeTest, what_the_log_could_not_keep_is_shown_and_stored_when_it_is_sent_again) {
    const auto* message = R"({"heart_rate":72,"ts":"2026-01-01T12:00:00Z"})";
    publish("monitor-1", "vigil/monitor-1/telemetry", message);
    commit(false);
    ASSERT_THAT(arrived, SizeIs(1));
    EXPECT_FALSE(arrived[0].stored());
    publish("monitor-1", "vigil/monitor-1/telemetry", message);
    commit();
    ASSERT_THAT(arrived, SizeIs(2));
    EXPECT_TRUE(arrived[1].stored());
}

TEST_F(IntakeTest, an_unassociated_device_is_kept_under_nobody) {
    publish("stray", "vigil/stray/telemetry", R"({"heart_rate":72,"ts":"2026-01-01T12:00:00Z"})");
    commit();
    ASSERT_THAT(arrived, SizeIs(1));
    EXPECT_FALSE(arrived[0].patient);
}

TEST_F(IntakeTest, a_batch_over_a_change_of_patient_is_split_at_it) {
    attach("monitor-1", {2}, noon - seconds(10));
    log.forget();
    publish(
        "monitor-1", "vigil/monitor-1/telemetry",
        R"([{"ts":"2026-01-01T11:59:45Z","heart_rate":70},{"ts":"2026-01-01T11:59:55Z","heart_rate":71}])");
    commit();
    ASSERT_THAT(arrived, SizeIs(2));
    EXPECT_EQ(arrived[0].patient, PatientId{1});
    EXPECT_EQ(arrived[1].patient, PatientId{2});
    EXPECT_THAT(log.kept, SizeIs(2));
}

TEST_F(IntakeTest, an_association_that_is_committed_meanwhile_counts) {
    publish("stray", "vigil/stray/telemetry", R"({"heart_rate":72,"ts":"2026-01-01T12:00:00Z"})");
    auto act = registry.plan_attach(
        {.device = registry.find_device("stray")->id, .patient = {2}, .from = noon - hours(1)},
        given);
    ASSERT_TRUE(act);
    acts.give(std::move(*act), [](const Result<identity::Applied>&) {});
    const auto commit = log.commit();
    acts.on_commit(commit);
    intake.on_commit(commit);
    ASSERT_THAT(arrived, SizeIs(1));
    EXPECT_EQ(arrived[0].patient, PatientId{2});
}

TEST_F(IntakeTest, a_value_outside_the_artefact_limits_is_kept_and_flagged) {
    publish("monitor-1", "vigil/monitor-1/telemetry",
            R"({"heart_rate":900,"ts":"2026-01-01T12:00:00Z"})");
    commit();
    ASSERT_THAT(arrived, SizeIs(1));
    EXPECT_NE(arrived[0].readings[0].reading.status & status::implausible, 0U);
}

TEST_F(IntakeTest, a_sender_over_its_quota_is_told_so) {
    IntakeRules rules;
    rules.open_unread_per_sender_max = 1;
    Intake small(catalogue, registry, log, rules, audience());
    const broker::Principal principal{.kind = broker::Principal::Kind::device,
                                      .id = "monitor-1",
                                      .device = registry.find_device("monitor-1")->id,
                                      .account = {}};
    const broker::Published junk{.sender = principal,
                                 .topic = "vigil/monitor-1/telemetry",
                                 .payload = "junk",
                                 .content_type = "",
                                 .exchange = {},
                                 .received = noon};
    EXPECT_EQ(small.publish(junk)->reason_code, 0x99);
    EXPECT_EQ(small.publish(junk)->reason_code, 0x97);
    EXPECT_FALSE(small.publish(junk)->kept) << "the broker has to tell the sender";
    small.unread_decided("monitor-1");
    EXPECT_EQ(small.publish(junk)->reason_code, 0x99);
}

}  // namespace
}  // namespace vigil::collect
