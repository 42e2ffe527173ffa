#include "app/upkeep.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/alarm_watch.hpp"
#include "app/folder.hpp"
#include "app/snapshots.hpp"
#include "app/unread_keeper.hpp"
#include "broker/session_entry.hpp"
#include "identity/access_desk.hpp"
#include "identity/registry.hpp"
#include "identity/secret.hpp"
#include "metric/batch.hpp"
#include "store/sqlite/database.hpp"

namespace vigil::app {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

struct UpkeepRound : testing::Test {
    test::Folder data;
    Config config;
    const Metric& rate = *data.catalogue.find("heart_rate");
    const Timestamp start = data.now();

    std::vector<std::pair<std::vector<broker::SessionNumber>, Position>> let_go;

    // One message an hour: in the log, and its reading in the series.
    Position message(Timestamp time, std::string_view raw) {
        data.at(time);
        const FiledReading filed{
            .reading = {.metric = rate.id,
                        .value = NumericValue{.value = {72, 0}, .unit = rate.unit}},
            .filed_time = time};
        std::string body;
        encode(Batch{.device = DeviceId{1},
                     .receive_time = time,
                     .source = "vigil/monitor/telemetry",
                     .raw_content_type = "application/json",
                     .raw = raw,
                     .offset_minutes = {},
                     .readings = {filed}},
               body);
        const auto position = data.append(store::EntryKind::batch, body, PatientId{1});
        data.folder->series().put({DeviceId{1}, rate.id, 0}, PatientId{1},
                                  {.filed_time = time,
                                   .device_time = {},
                                   .receive_time = time,
                                   .value = filed.reading.value});
        data.folder->series().advance(position);
        return position;
    }
    // As the loop does before it asks: readings in chunks, every consumer up to date.
    void flush() {
        const Position last{0, data.folder->log().end().offset - 1};
        ASSERT_TRUE(store::await<void>(
            [&](store::Done done) { data.folder->series().flush(std::move(done)); }));
        for (const auto consumer : {quarantine_consumer, watch_consumer, events_consumer})
            ASSERT_TRUE(store::await<void>([&](store::Done done) {
                data.folder->consumers().advance({std::string(consumer), last}, std::move(done));
            }));
    }
    void round() {
        Upkeep upkeep(*data.folder, config, 0,
                      [&](std::vector<broker::SessionNumber> sessions, Position before) {
                          let_go.emplace_back(std::move(sessions), before);
                      });
        const auto done = upkeep.round(data.now(), {0, data.folder->log().end().offset - 1});
        ASSERT_TRUE(done) << done.error().message;
    }
    std::size_t stored() {
        std::size_t count = 0;
        EXPECT_TRUE(data.folder->series().scan(identity::AccessDesk::for_system("test"),
                                               PatientId{1}, rate.id,
                                               {start - hours(24 * 30), start + hours(24 * 30)},
                                               [&](const store::SeriesKey&, const store::Sample&) {
                                                   ++count;
                                                   return true;
                                               }));
        return count;
    }
    std::vector<std::string> raws() {
        std::vector<std::string> found;
        Batch batch;
        EXPECT_TRUE(data.folder->log().read({}, [&](const store::Entry& entry) {
            if (entry.kind != store::EntryKind::batch) return true;
            EXPECT_TRUE(decode(entry.body, batch));
            EXPECT_EQ(batch.readings.size(), 1U);
            found.emplace_back(batch.raw.empty() ? batch.raw_digest : batch.raw);
            return true;
        }));
        return found;
    }
};

TEST_F(UpkeepRound, the_audit_is_looked_through_whatever_else_fails) {
    auto database = store::sqlite::Database::open(data.path.file("vigil.db"),
                                                  store::sqlite::OpenMode::read_write);
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->execute("ALTER TABLE chunks RENAME TO gone"));
    Upkeep upkeep(*data.folder, config, 0, [](const auto&, auto) {});
    EXPECT_FALSE(upkeep.round(data.now(), {0, data.folder->log().end().offset - 1}));
    ASSERT_TRUE(data.folder->audit_checkpoints().last_check());
    EXPECT_TRUE(data.folder->audit_checkpoints().last_check()->sound);
}

TEST_F(UpkeepRound, raw_messages_become_digests_and_their_readings_stay) {
    config.retention_raw = hours(2);
    for (int h = 0; h < 5; ++h) message(start + hours(h), "raw " + std::to_string(h));
    flush();
    for (int again = 0; again < 2; ++again) {
        round();
        const auto found = raws();
        ASSERT_EQ(found.size(), 5U);
        for (int h = 0; h < 5; ++h) {
            const auto raw = "raw " + std::to_string(h);
            const auto digest = identity::sha256(raw);
            EXPECT_EQ(found[static_cast<std::size_t>(h)],
                      h < 2 ? std::string(digest.bytes.begin(), digest.bytes.end()) : raw)
                << h;
        }
    }
    EXPECT_EQ(stored(), 5U);
    EXPECT_THAT(data.problems(), testing::IsEmpty());
}

TEST_F(UpkeepRound, the_log_is_trimmed_by_age_once_everyone_has_what_is_in_it) {
    config.retention_log = hours(2);
    for (int h = 0; h < 6; ++h) message(start + hours(h), "raw");
    round();
    EXPECT_EQ(data.folder->log().first(), (Position{0, 1})) << "readings are in memory only";
    flush();
    round();
    EXPECT_EQ(data.folder->log().first(), (Position{0, 4}));
    EXPECT_EQ(stored(), 6U);
    EXPECT_THAT(data.problems(), testing::IsEmpty());
}

TEST_F(UpkeepRound, the_log_is_trimmed_by_size_however_young_it_is) {
    for (int m = 0; m < 50; ++m) message(start + minutes(m), std::string(1'000, 'x'));
    flush();
    config.log_bytes_max = 10'500;
    round();
    EXPECT_EQ(data.folder->log().first(), (Position{0, 42}));
    EXPECT_THAT(data.problems(), testing::IsEmpty());
}

TEST_F(UpkeepRound, an_absent_subscriber_holds_back_the_log_within_the_bound_in_bytes_only) {
    const auto record = [&](const broker::SessionEntry& entry) {
        std::string body;
        encode_session_entry(entry, body);
        data.folder->series().advance(data.append(store::EntryKind::session, body));
    };
    const auto waits_for_screen = [&](std::size_t bytes) {
        broker::MessageEntry entry;
        entry.deliveries = {{.session = 1, .qos = 1, .subscription_identifiers = {}}};
        std::string body;
        encode_message_entry(broker::Message("site/t", "", std::string(bytes, 'x')), entry, body);
        data.folder->series().advance(data.append(store::EntryKind::message, body));
    };
    record(broker::Opened{.session = 1,
                          .exchange_base = 7,
                          .principal = {},
                          .client_identifier = "screen",
                          .expiry_s = 3600,
                          .will = {}});
    const auto first = data.folder->log().first();
    for (int i = 0; i < 60; ++i) waits_for_screen(1'000);
    flush();
    config.retention_log = Nanoseconds(1);
    data.at(start + hours(1));
    round();
    const auto held_back = data.folder->log().first();
    EXPECT_LE(held_back, (Position{0, 2})) << "as long as there is room";
    EXPECT_THAT(let_go, testing::IsEmpty());

    config.log_bytes_max = 30'500;
    round();
    ASSERT_THAT(let_go, testing::SizeIs(1));
    const auto& [sessions, before] = let_go[0];
    EXPECT_THAT(sessions, testing::ElementsAre(1U));
    EXPECT_GT(before, first);
    EXPECT_EQ(data.folder->log().first(), held_back) << "not before it is in the log";
    record(broker::Overtaken{1, before.offset});
    flush();
    config.log_bytes_max = 31'500;  // with that record
    round();
    EXPECT_GE(data.folder->log().first(), before);
    EXPECT_LT(data.folder->log().first(), data.folder->log().end()) << "what it still waits for";
    EXPECT_THAT(let_go, testing::SizeIs(1));
    EXPECT_THAT(data.problems(), testing::IsEmpty());
}

TEST_F(UpkeepRound, numbers_go_after_their_time_and_the_trend_stays) {
    config.retention_vitals = hours(24 * 5);
    for (int d = 0; d < 10; ++d) message(start + hours(24 * d), "raw");
    flush();
    round();
    EXPECT_EQ(stored(), 6U);
    const auto days = data.folder->series().scan(
        identity::AccessDesk::for_system("test"), PatientId{1}, {DeviceId{1}, rate.id, 0},
        {start - hours(24), start + hours(24 * 11)}, store::Resolution::day);
    ASSERT_TRUE(days);
    EXPECT_EQ(days->size(), 10U);
    EXPECT_THAT(data.problems(), testing::IsEmpty());
}

TEST_F(UpkeepRound, snapshots_are_made_of_the_log_and_let_it_be_trimmed) {
    identity::Registry live;
    const identity::Given given{start, "admin"};
    const auto give = [&](const Result<identity::Act>& act) {
        ASSERT_TRUE(act);
        const auto position = data.append(store::EntryKind::act, identity::encode(*act));
        ASSERT_TRUE(live.apply(*act, position));
    };
    give(live.plan_add_device({.external_id = "pump"}, given));
    give(live.plan_add_patient({.display_name = "Ada"}, given));
    ASSERT_TRUE(keep_snapshots(*data.folder, {0, data.folder->log().end().offset - 1}));
    give(live.plan_attach({.device = DeviceId{1}, .patient = PatientId{1}, .from = start}, given));
    const auto last = message(start + minutes(1), "raw");
    ASSERT_TRUE(keep_snapshots(*data.folder, {0, data.folder->log().end().offset - 1}));
    // Nothing about devices since: the snapshot stays, its position moves on.
    const auto newer = message(start + minutes(2), "raw");
    ASSERT_TRUE(keep_snapshots(*data.folder, {0, data.folder->log().end().offset - 1}));

    const auto kept = data.folder->snapshots().latest(registry_consumer);
    ASSERT_TRUE(kept && *kept);
    EXPECT_EQ((*kept)->up_to, last);
    EXPECT_EQ(data.folder->consumers().applied(registry_consumer), newer);
    EXPECT_EQ(data.folder->consumers().applied(broker_consumer), newer);
    const auto restored = identity::Registry::restore((*kept)->bytes, &data.folder->sealer());
    ASSERT_TRUE(restored);
    EXPECT_EQ(restored->snapshot(), live.snapshot());
    EXPECT_EQ(restored->patient_at(DeviceId{1}, start + minutes(1)), PatientId{1});
}

}  // namespace
}  // namespace vigil::app
